# SPDX-License-Identifier: MIT
"""STM32: clock control and the unique number. Source: RM0041 (F1), RM0090 (F4), RM0432 (L4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from device import Device

if TYPE_CHECKING:
    from board import Board

BLOCK_BYTES: Final = 0x400  # of addresses, for most peripherals
_CONTROL: Final = 0
# Of every oscillator and PLL: its bit in the control register, and the one that tells it is ready.
_READY: Final = {0: 1, 8: 10, 16: 17, 24: 25}
_FIRST: Final = 1  # the oscillator it starts on
_SWITCH: Final = 3
_SWITCHED: Final = 3 << 2


class Stm32Rcc(Device):
    """Oscillators run at once, and the clock is switched at once.

    Args:
        configuration: the offset of RCC_CFGR.
    """

    size = BLOCK_BYTES

    def __init__(self, board: Board, address: int, configuration: int) -> None:
        self._configuration = configuration
        super().__init__(board, address)

    def reset(self) -> None:
        """See Device."""
        self._words = {_CONTROL: _FIRST}

    def read(self, offset: int, size: int) -> int:
        """See Device."""
        value = self._words.get(offset, 0)
        if offset == _CONTROL:
            return value | sum(1 << ready for on, ready in _READY.items() if value >> on & 1)
        if offset == self._configuration:
            return value & ~_SWITCHED | (value & _SWITCH) << 2
        return value

    def write(self, offset: int, size: int, value: int) -> None:
        """See Device."""
        if offset == _CONTROL:
            value &= ~sum(1 << ready for ready in _READY.values())
        self._words[offset] = value


class Stm32Number(Device):
    """The unique number: the board's in its first eight bytes, then zeros."""

    size = 12

    def read(self, offset: int, size: int) -> int:
        """See Device."""
        number = bytes.fromhex(self.board.description["number"]).ljust(self.size, b"\0")
        return int.from_bytes(number[offset : offset + size], "little")
