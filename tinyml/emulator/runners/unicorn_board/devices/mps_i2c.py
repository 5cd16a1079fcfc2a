# SPDX-License-Identifier: MIT
"""Arm's SBCon: I2C as two pins. Source: Arm DAI 0386, two-wire serial interface."""

from __future__ import annotations

from typing import TYPE_CHECKING

from device import Device
from pin_i2c import PinI2c
from wires import I2cWire

if TYPE_CHECKING:
    from board import Board

_SET, _CLEAR = 0x0, 0x4
_CLOCK, _DATA = 1, 2


class MpsI2c(Device):
    """Two lines, each of them let go or held low.

    Args:
        instance: which of the board's.
    """

    def __init__(self, board: Board, address: int, instance: int) -> None:
        self._instance = instance
        super().__init__(board, address)

    def reset(self) -> None:
        """See Device."""
        self._lines = _CLOCK | _DATA
        wire = self.board.wires.of_instance("i2c", self._instance)
        self._pins = PinI2c(I2cWire(wire), self.board.clock.now_ns)

    def read(self, offset: int, size: int) -> int:
        """See Device."""
        if offset != _SET:
            return 0
        return self._pins.clock_is_high * _CLOCK | self._pins.data_is_high * _DATA

    def write(self, offset: int, size: int, value: int) -> None:
        """See Device."""
        if offset == _SET:
            self._lines |= value
        elif offset == _CLEAR:
            self._lines &= ~value
        self._pins.put(bool(self._lines & _CLOCK), bool(self._lines & _DATA))
