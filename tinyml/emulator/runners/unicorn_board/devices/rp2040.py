# SPDX-License-Identifier: MIT
"""RP2040: resets, oscillators, clocks and the like. Source: RP2040 datasheet; sections are named.

Everything that is switched on is ready at once.
"""

from __future__ import annotations

import random
from typing import ClassVar, Final

from device import WORD, Device

_ALIAS_BYTES: Final = 0x1000
_XOR, _SET, _CLEAR = 1, 2, 3  # aliases of all registers, 2.1.2
_BOOT_BYTES: Final = 256
_BOOT_COPY: Final = 0x20041F00
_POLYNOMIAL: Final = 0x04C11DB7


class Rp2040Device(Device):
    """Registers with aliases that set, clear or turn single bits."""

    size = 4 * _ALIAS_BYTES
    first: ClassVar[dict[int, int]] = {}  # values after a reset that are not 0

    def reset(self) -> None:
        """See Device."""
        self.words = dict(self.first)

    def read(self, offset: int, size: int) -> int:
        """See Device."""
        return self.get(offset % _ALIAS_BYTES)

    def write(self, offset: int, size: int, value: int) -> None:
        """See Device."""
        alias, offset = divmod(offset, _ALIAS_BYTES)
        if alias:
            now = self.get(offset)
            value = {_XOR: now ^ value, _SET: now | value, _CLEAR: now & ~value & WORD}[alias]
        self.put(offset, value)

    def get(self, offset: int) -> int:
        """The register at ``offset``."""
        return self.words.get(offset, 0)

    def put(self, offset: int, value: int) -> None:
        """Set the register at ``offset``."""
        self.words[offset] = value


class Rp2040Resets(Rp2040Device):
    """2.14: a block that is let out of reset is ready."""

    first: ClassVar = {0: 0x01FFFFFF}

    def get(self, offset: int) -> int:
        """See Rp2040Device."""
        return ~self.words[0] & self.first[0] if offset == 8 else super().get(offset)


class Rp2040Xosc(Rp2040Device):
    """2.16: the crystal is stable."""

    def get(self, offset: int) -> int:
        """See Rp2040Device."""
        return 1 << 31 | 1 << 12 if offset == 4 else super().get(offset)


class Rp2040Pll(Rp2040Device):
    """2.18: locked once it has power."""

    first: ClassVar = {0: 1, 4: 0x2D}

    def get(self, offset: int) -> int:
        """See Rp2040Device."""
        locked = offset == 0 and not self.words[4] & 1
        return super().get(offset) | (1 << 31 if locked else 0)


class Rp2040Clocks(Rp2040Device):
    """2.15: every clock runs from the source that was chosen."""

    _SELECTED: Final = {0x38: (0x30, 3), 0x44: (0x3C, 1)}  # of the reference, of the system

    def get(self, offset: int) -> int:
        """See Rp2040Device."""
        if offset in self._SELECTED:
            control, mask = self._SELECTED[offset]
            return 1 << (super().get(control) & mask)
        return super().get(offset)


class Rp2040Watchdog(Rp2040Device):
    """4.7: resets the board when it is triggered; it never runs out."""

    def put(self, offset: int, value: int) -> None:
        """See Rp2040Device."""
        super().put(offset, value & ~(1 << 31))
        if offset == 0 and value >> 31:
            self.board.request_reset()


class Rp2040Rosc(Rp2040Device):
    """2.17: the ring oscillator, for its random bit, which follows from the board's seed."""

    _random: random.Random | None = None

    def get(self, offset: int) -> int:
        """See Rp2040Device."""
        if offset != 0x1C:
            return super().get(offset)
        if self._random is None:
            self._random = random.Random(self.board.description["seed"])
        return self._random.getrandbits(1)


class Rp2040Rom(Device):
    """2.8.1: the boot ROM. It starts what is in flash once the CRC of its second stage is right."""

    def reset(self) -> None:
        """See Device."""
        engine = self.board.processor.engine
        stage = bytes(engine.mem_read(self.board.processor.vectors, _BOOT_BYTES))
        if _crc32(stage[:-4]) != int.from_bytes(stage[-4:], "little"):
            self.board.fail("the second boot stage has a wrong CRC")
        engine.mem_write(_BOOT_COPY, stage)
        engine.reg_write(self.board.processor.program_counter, _BOOT_COPY | 1)


def _crc32(data: bytes) -> int:
    """2.8.1.3.1."""
    crc = WORD
    for byte in data:
        crc ^= byte << 24
        for _ in range(8):
            crc = (crc << 1 ^ (_POLYNOMIAL if crc >> 31 else 0)) & WORD
    return crc
