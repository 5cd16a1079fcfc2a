# SPDX-License-Identifier: MIT
"""Flash controllers of the STM32. Source: PM0063 (F1), RM0090 (F4), RM0432 (L4)."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, ClassVar, Final

from device import Device
from devices.stm32 import BLOCK_BYTES
from flash import Flash

if TYPE_CHECKING:
    from board import Board

_KEYS: Final = (0x45670123, 0xCDEF89AB)
_PROGRAM, _ERASE = 1, 2  # of the control register, on all of them
_F4_SECTORS: Final = [0x4000] * 4 + [0x10000] + [0x20000] * 7
_L4_PAGE: Final = 0x1000


class Stm32FlashF1(Device):
    """The F1's: pages are named by an address.

    Args:
        flash: the memory's address.
        page: bytes that are erased at once.
    """

    size = BLOCK_BYTES
    keys: ClassVar = 0x04
    status: ClassVar = 0x0C
    control: ClassVar = 0x10
    locked: ClassVar = 1 << 7  # bits of the control register
    begin: ClassVar = 1 << 6
    _ADDRESS: Final = 0x14

    def __init__(self, board: Board, address: int, flash: int, page: int = 0) -> None:
        self.memory = Flash(board, flash)
        self.origin = flash
        self.page = page
        super().__init__(board, address)

    def reset(self) -> None:
        """See Device."""
        self.words = {self.control: self.locked}
        self._given: list[int] = []
        self.memory.lock()

    def read(self, offset: int, size: int) -> int:
        """See Device."""
        if offset == self.status:
            self.memory.settle()
            return 0  # never busy
        return self.words.get(offset, 0)

    def write(self, offset: int, size: int, value: int) -> None:
        """See Device."""
        if offset == self.keys:
            self._given = [*self._given[-1:], value]
            if tuple(self._given) == _KEYS:
                self.words[self.control] &= ~self.locked
        elif offset != self.control:
            self.words[offset] = value
        elif not self.words[self.control] & self.locked:
            self._set_control(value)

    def _set_control(self, value: int) -> None:
        self.words[self.control] = value & ~self.begin
        if value & _PROGRAM and not value & self.locked:
            self.memory.unlock()
        else:
            self.memory.lock()
        if value & _ERASE and value & self.begin:
            self.memory.erase(*self.block(value))

    def block(self, control: int) -> tuple[int, int]:
        """Address and size of what is to be erased."""
        del control
        named = self.words.get(self._ADDRESS, self.origin)
        return named - named % self.page, self.page


class Stm32FlashF4(Stm32FlashF1):
    """The F4's: sectors are named by their numbers."""

    locked = 1 << 31
    begin = 1 << 16

    def block(self, control: int) -> tuple[int, int]:
        """See Stm32FlashF1."""
        number = control >> 3 & 0xF
        starts = [0, *accumulate(_F4_SECTORS)]
        return self.origin + starts[number], _F4_SECTORS[number]


class Stm32FlashL4(Stm32FlashF1):
    """The L4's: pages are named by their numbers in one of two banks, each half of the flash."""

    keys = 0x08
    status = 0x10
    control = 0x14
    locked = 1 << 31
    begin = 1 << 16

    def block(self, control: int) -> tuple[int, int]:
        """See Stm32FlashF1."""
        bank = len(self.board.memories[self.origin]) // 2 if control >> 11 & 1 else 0
        return self.origin + bank + (control >> 3 & 0xFF) * _L4_PAGE, _L4_PAGE
