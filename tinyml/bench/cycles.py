"""An estimate of cycles from executed instructions: no emulator here knows pipelines.

Method, for Cortex-M3 and M4 from memory without wait states (Arm DDI 0337 and DDI 0439, instruction
timings): a load takes 2 cycles, or 1 right after another load; LDM, STM, PUSH and POP 1 and one a
register; LDRD 3; a division 7 of 2..12; a taken branch 2 more; everything else 1. Whether a
conditional branch was taken is told by how often the next instruction ran. The other cores are
estimated alike; on a Cortex-M55 vector instructions take 2, as its beats do. Not modelled: wait
states, buses, interlocks, dual issue. An estimate stays an estimate.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tinyml import boards
from tinyml.boards import Board
from tinyml.build.gcc import Gcc
from tinyml.emulator.counting import Counts

_LINE: Final = re.compile(r"^\s*([0-9a-f]+):\t(?:[0-9a-f]{4} ?)+\s*\t(\S+)(?:\t(.*))?$")
_CONDITIONS: Final = (
    "eq", "ne", "cs", "cc", "mi", "pl", "vs", "vc", "hi", "ls", "ge", "lt", "gt", "le", "hs", "lo",
)  # fmt: skip
_CONDITIONAL: Final = {f"b{condition}" for condition in _CONDITIONS} | {"cbz", "cbnz", "le", "wls"}
_ALWAYS: Final = {"b", "bl", "bx", "blx", "tbb", "tbh"}
_CORE: Final = "cortex-m4"  # the one disassembler serves all
_TAKEN_CYCLES: Final = 2
_DIVIDE_CYCLES: Final = 7


@dataclass(frozen=True)
class _Instruction:
    address: int
    name: str  # without width
    operands: str

    @property
    def registers(self) -> int:
        """How many registers a list in braces names."""
        match = re.search(r"\{(.*?)\}", self.operands)
        if match is None:
            return 0
        total = 0
        for part in match[1].split(","):
            ends = re.findall(r"\d+", part)
            total += int(ends[1]) - int(ends[0]) + 1 if len(ends) == 2 else 1
        return total

    @property
    def is_load(self) -> bool:
        return self.name.startswith("ldr") and not self.name.startswith("ldrd")

    @property
    def is_branch_always(self) -> bool:
        loads_pc = self.operands.startswith("pc") or "pc}" in self.operands
        return self.name in _ALWAYS or (self.name[:3] in ("ldr", "pop", "ldm") and loads_pc)


def estimated_cycles(elf: Path, board: Board, counts: Counts) -> int:
    """Cycles of the executions in ``counts`` (one element for two bytes of the board's flash).

    0 where the core is no Cortex-M: for the others there is no method here.
    """
    if boards.core(board.core).architecture != "cortex_m":
        return 0
    code_origin = board.flash.origin
    total = 0
    before: _Instruction | None = None
    instructions = list(_disassemble(elf))
    for position, instruction in enumerate(instructions):
        slot = (instruction.address - code_origin) // 2
        executed = int(counts[slot]) if 0 <= slot < len(counts) else 0
        if executed:
            total += executed * _cycles(instruction, before)
            if instruction.is_branch_always:
                total += executed * _TAKEN_CYCLES
            elif instruction.name in _CONDITIONAL and position + 1 < len(instructions):
                following = (instructions[position + 1].address - code_origin) // 2
                through = int(counts[following]) if following < len(counts) else 0
                total += max(executed - through, 0) * _TAKEN_CYCLES
        before = instruction
    return total


def _cycles(instruction: _Instruction, before: _Instruction | None) -> int:
    name = instruction.name
    if instruction.is_load:
        return 1 if before is not None and before.is_load else 2
    if name.startswith(("ldm", "stm", "push", "pop", "vpush", "vpop", "vldm", "vstm")):
        return 1 + instruction.registers
    if name.startswith("ldrd"):
        return 3
    if name in ("sdiv", "udiv"):
        return _DIVIDE_CYCLES
    vector = re.search(r"\bq[0-7]\b", instruction.operands) is not None
    return 2 if vector else 1


def _disassemble(elf: Path) -> Iterator[_Instruction]:
    objdump = Gcc(boards.core(_CORE)).program("objdump")
    listing = subprocess.run(
        [objdump, "-d", str(elf)], capture_output=True, text=True, check=True
    ).stdout
    for line in listing.splitlines():
        match = _LINE.match(line)
        if match:
            name = match[2].removesuffix(".n").removesuffix(".w")
            yield _Instruction(int(match[1], 16), name, match[3] or "")
