"""What an estimate of cycles needs to know of Thumb instructions, read from their bytes.

Not a disassembler: an instruction's length, what it moves, and whether it branches. The tables
follow the encodings of Arm's architecture reference manuals: DDI 0419 (Armv6-M), DDI 0403 (Armv7-M,
Armv7E-M and their floating point) and DDI 0553 (Armv8-M; Armv8.1-M with its vectors, MVE, and its
low-overhead loops).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum, auto
from functools import lru_cache
from typing import Final


class Kind(Enum):
    """What an instruction does, as far as it costs time."""

    OTHER = auto()
    LOAD = auto()  # of one core register
    LOAD_PAIR = auto()
    MULTIPLE = auto()  # loads or stores a list of registers
    DIVIDE = auto()  # of integers
    VECTOR = auto()  # computes with a register of MVE, or fills or keeps one


class Branch(Enum):
    """Whether an instruction goes elsewhere."""

    NEVER = auto()
    CONDITIONAL = auto()
    ALWAYS = auto()


@dataclass(frozen=True)
class Instruction:
    """One instruction, at no place in particular."""

    bytes: int  # 2 or 4
    kind: Kind = Kind.OTHER
    branch: Branch = Branch.NEVER
    registers: int = 0  # in the list of a MULTIPLE
    governs: int = 0  # of an IT: how many of the instructions that follow it


@dataclass(frozen=True)
class _Row:
    """Encodings whose bits under ``mask`` are ``value``; the first row that fits holds."""

    mask: int
    value: int
    kind: Kind = Kind.OTHER
    branch: Branch = Branch.NEVER
    listed: int = 0  # bits that stand for one register each
    words: int = 0  # bits that hold the number of words moved
    register_words: int = 1  # of each of those registers

    def instruction(self, code: int, length: int) -> Instruction:
        """The one with these bits."""
        registers = (code & self.listed).bit_count() + (code & self.words) // self.register_words
        return Instruction(length, self.kind, self.branch, registers, _governed(code))


# One halfword: DDI 0403, A5.2. Here Armv6-M and Armv8-M differ in nothing that matters.
_NARROW: Final = (
    _Row(0xFF87, 0x4487, branch=Branch.ALWAYS),  # ADD PC, Rm
    _Row(0xFF87, 0x4687, branch=Branch.ALWAYS),  # MOV PC, Rm
    _Row(0xFF00, 0x4700, branch=Branch.ALWAYS),  # BX, BLX, BXNS, BLXNS
    _Row(0xF800, 0x4800, Kind.LOAD),  # LDR from the literal pool
    _Row(0xFE00, 0x5600, Kind.LOAD),  # LDRSB (register)
    _Row(0xF800, 0x5800, Kind.LOAD),  # LDR, LDRH (register)
    _Row(0xF800, 0x5C00, Kind.LOAD),  # LDRB, LDRSH (register)
    _Row(0xE800, 0x6800, Kind.LOAD),  # LDR, LDRB (immediate)
    _Row(0xE800, 0x8800, Kind.LOAD),  # LDRH (immediate), LDR from the stack
    _Row(0xF500, 0xB100, branch=Branch.CONDITIONAL),  # CBZ, CBNZ
    _Row(0xFE00, 0xB400, Kind.MULTIPLE, listed=0x01FF),  # PUSH
    _Row(0xFF00, 0xBD00, Kind.MULTIPLE, Branch.ALWAYS, listed=0x01FF),  # POP with PC
    _Row(0xFF00, 0xBC00, Kind.MULTIPLE, listed=0x00FF),  # POP
    _Row(0xF000, 0xC000, Kind.MULTIPLE, listed=0x00FF),  # STM, LDM
    _Row(0xFE00, 0xDE00),  # UDF, SVC
    _Row(0xF000, 0xD000, branch=Branch.CONDITIONAL),  # B with a condition
    _Row(0xF800, 0xE000, branch=Branch.ALWAYS),  # B
)
# Two halfwords, the first on top: DDI 0403, A5.3, and DDI 0553, C2.2.3.
_WIDE: Final = (
    # Lists of core registers. CLRM of Armv8.1-M looks like an LDM from PC.
    _Row(0xFFFF0000, 0xE89F0000),
    _Row(0xFFD08000, 0xE8908000, Kind.MULTIPLE, Branch.ALWAYS, listed=0xFFFF),  # LDM with PC
    _Row(0xFFD08000, 0xE9108000, Kind.MULTIPLE, Branch.ALWAYS, listed=0xFFFF),  # LDMDB with PC
    _Row(0xFFC00000, 0xE8800000, Kind.MULTIPLE, listed=0xFFFF),  # STM, LDM
    _Row(0xFFC00000, 0xE9000000, Kind.MULTIPLE, listed=0xFFFF),  # STMDB, LDMDB
    # Pairs, exclusives, tables.
    _Row(0xFFFFFFFF, 0xE97FE97F),  # SG
    _Row(0xFFF0FFE0, 0xE8D0F000, branch=Branch.ALWAYS),  # TBB, TBH
    _Row(0xFFF00000, 0xE8500000, Kind.LOAD),  # LDREX
    _Row(0xFFF00040, 0xE8D00040, Kind.LOAD),  # LDREXB, LDREXH, LDAEX and its kin
    _Row(0xFFF00080, 0xE8D00080, Kind.LOAD),  # LDA, LDAB, LDAH
    _Row(0xFF700000, 0xE8700000, Kind.LOAD_PAIR),  # LDRD, index afterwards
    _Row(0xFF500000, 0xE9500000, Kind.LOAD_PAIR),  # LDRD, offset or index before
    # Branches. Those with conditions 14 and 15 are other instructions.
    _Row(0xFB80D000, 0xF3808000),
    _Row(0xF800D000, 0xF0008000, branch=Branch.CONDITIONAL),  # B with a condition
    _Row(0xF800D000, 0xF0009000, branch=Branch.ALWAYS),  # B
    _Row(0xF800D000, 0xF000D000, branch=Branch.ALWAYS),  # BL
    _Row(0xFFC0F001, 0xF000C001, branch=Branch.CONDITIONAL),  # LE, LETP, WLSTP
    _Row(0xFFF0F001, 0xF040C001, branch=Branch.CONDITIONAL),  # WLS
    # One register. A byte or half into PC is PLD, PLI or another hint.
    _Row(0xFF70F000, 0xF850F000, Kind.LOAD, Branch.ALWAYS),  # LDR PC
    _Row(0xFE50F000, 0xF810F000),
    _Row(0xFE700000, 0xF8700000),  # undefined
    _Row(0xFE100000, 0xF8100000, Kind.LOAD),  # LDR, LDRB, LDRH, LDRSB, LDRSH, LDRT and its kin
    _Row(0xFFD000F0, 0xFB9000F0, Kind.DIVIDE),  # SDIV, UDIV
    # Floating point. VSCCLRM looks like a VLDM from PC.
    _Row(0xFFBF0E00, 0xEC9F0A00),
    _Row(0xFF800F00, 0xEC800A00, Kind.MULTIPLE, words=0xFF),  # VSTM, VLDM, VPOP
    _Row(0xFF800F00, 0xEC800B00, Kind.MULTIPLE, words=0xFF, register_words=2),
    _Row(0xFFA00F00, 0xED200A00, Kind.MULTIPLE, words=0xFF),  # VSTMDB, VLDMDB, VPUSH
    _Row(0xFFA00F00, 0xED200B00, Kind.MULTIPLE, words=0xFF, register_words=2),
    # MVE. VPST and VPNOT name no vector.
    _Row(0xFFBF1FFF, 0xFE310F4D),
    _Row(0xEF000000, 0xEF000000, Kind.VECTOR),
    _Row(0xFE000800, 0xFC000800, Kind.VECTOR),
    _Row(0xEF000E00, 0xEE000E00, Kind.VECTOR),
    _Row(0xFF900F50, 0xEE800B10, Kind.VECTOR),  # VDUP
    # Between memory and vectors, and between two lanes and core registers: DDI 0553, C2.2.3.
    _Row(0xFE001E00, 0xEC001E00, Kind.VECTOR),  # VLDR, VSTR of what lies together
    _Row(0xFE001F00, 0xEC000E00, Kind.VECTOR),  # VLDR, VSTR that widen, narrow or gather; VLD2
    _Row(0xFE001F80, 0xEC000F00, Kind.VECTOR),
    _Row(0xFFA01F80, 0xEC800F80, Kind.VECTOR),  # VLDRD, VSTRD
)
_UNKNOWN: Final = _Row(0, 0)


def instructions(code: bytes) -> Iterator[tuple[int, Instruction]]:
    """Offset and instruction, one after another, of code without data between.

    Args:
        code: from the first instruction on; what is cut off at the end is left out.

    What an IT governs branches only where its condition holds.
    """
    halves = struct.unpack_from(f"<{len(code) // 2}H", code)
    at, governed = 0, 0
    while at < len(halves):
        wide = is_wide(halves[at])
        if wide and at + 1 == len(halves):
            return
        found = decode(halves[at] << 16 | halves[at + 1] if wide else halves[at])
        if governed and found.branch is Branch.ALWAYS:
            found = replace(found, branch=Branch.CONDITIONAL)
        yield 2 * at, found
        governed = found.governs or max(governed - 1, 0)
        at += found.bytes // 2


def is_wide(first: int) -> bool:
    """Whether another halfword follows this one: DDI 0403, A5.1."""
    return first >= 0xE800


@lru_cache(maxsize=1 << 16)
def decode(code: int) -> Instruction:
    """One instruction, outside of an IT.

    Args:
        code: its halfword, or its two with the first on top; undefined ones are Kind.OTHER.
    """
    rows, length = (_WIDE, 4) if code > 0xFFFF else (_NARROW, 2)
    row = next((row for row in rows if code & row.mask == row.value), _UNKNOWN)
    return row.instruction(code, length)


def _governed(code: int) -> int:
    """How many instructions an IT governs, by the lowest bit set of its mask; 0 of others."""
    mask = code & 0xF
    return 5 - (mask & -mask).bit_length() if code >> 8 == 0xBF and mask else 0
