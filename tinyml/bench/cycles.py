"""An estimate of cycles from executed instructions: no emulator here knows pipelines.

Method, for Cortex-M3 and M4 from memory without wait states (Arm DDI 0337 and DDI 0439, instruction
timings): a load takes 2 cycles, or 1 right after another load; LDM, STM, PUSH and POP 1 and one a
register; LDRD 3; a division 7 of 2..12; a taken branch 2 more; everything else 1. Whether a
conditional branch was taken shows in how often the next instruction ran. The other cores are
estimated alike; on a Cortex-M55 vector instructions take 2, as its beats do. Not modelled: wait
states, buses, interlocks, dual issue. An estimate stays an estimate.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tinyml import boards
from tinyml.bench.thumb import Branch, Instruction, Kind, instructions
from tinyml.boards import Board
from tinyml.build.elf import Elf
from tinyml.emulator.counting import Counts

_TAKEN_CYCLES: Final = 2
_CYCLES: Final = {Kind.OTHER: 1, Kind.LOAD: 2, Kind.LOAD_PAIR: 3, Kind.DIVIDE: 7, Kind.VECTOR: 2}


def estimated_cycles(elf: Path, board: Board, counts: Counts) -> int:
    """Cycles of the executions in ``counts`` (one element for two bytes of the board's flash).

    0 where the core is no Cortex-M: for the others there is no method here.
    """
    if boards.core(board.core).architecture != "cortex_m":
        return 0

    def executions(address: int) -> int:
        slot = (address - board.flash.origin) // 2
        return int(counts[slot]) if 0 <= slot < len(counts) else 0

    total = 0
    for start, code in Elf.read(elf).thumb_code:
        before = Kind.OTHER
        for offset, instruction in instructions(code):
            executed = executions(start + offset)
            if executed:
                total += executed * _cycles(instruction, before)
                passed = executions(start + offset + instruction.bytes)
                total += _taken(instruction, executed, passed) * _TAKEN_CYCLES
            before = instruction.kind
    return total


def _cycles(instruction: Instruction, before: Kind) -> int:
    """Cycles of one execution without a branch's, after an instruction of another kind."""
    if instruction.kind is Kind.MULTIPLE:
        return 1 + instruction.registers
    if instruction.kind is Kind.LOAD and before is Kind.LOAD:
        return 1
    return _CYCLES[instruction.kind]


def _taken(instruction: Instruction, executed: int, passed: int) -> int:
    """How many of its executions branched, where the next instruction was executed ``passed``."""
    if instruction.branch is Branch.CONDITIONAL:
        return max(executed - passed, 0)
    return executed if instruction.branch is Branch.ALWAYS else 0
