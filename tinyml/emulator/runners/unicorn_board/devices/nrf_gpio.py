# SPDX-License-Identifier: MIT
"""Pins of the nRF5, as far as buses hang on them.

Source: nRF52840 Product Specification v1.7, GPIO. A pin without a bus reads as high where it is
pulled or driven high.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from device import Device
from pin_i2c import PinI2c
from pin_one_wire import PinOneWire
from wires import I2cWire

if TYPE_CHECKING:
    from board import Board

_PORT_BYTES: Final = 0x300
_PORTS: Final = 2
_PINS: Final = 32
_OUT, _SET, _CLEAR, _IN, _DIRECTION, _DRIVE, _RELEASE = range(0x504, 0x520, 4)
_SETTINGS: Final = range(0x700, 0x780, 4)
_DRIVES: Final = 1
_PULL: Final = 3 << 2


class NrfGpio(Device):
    """Ports 0 and 1, the second behind the first."""

    def __init__(self, board: Board, address: int) -> None:
        super().__init__(board, address)

    def reset(self) -> None:
        """See Device."""
        count = _PORTS * _PINS
        self._out = [False] * count
        self._settings = [0] * count
        now_ns = self.board.clock.now_ns
        wires = self.board.wires
        self._i2c = [(w, PinI2c(I2cWire(w), now_ns)) for w in wires.of_kind("i2c")]
        self._one_wire = [(w, PinOneWire(w, now_ns)) for w in wires.of_kind("one_wire")]

    def _lets_go(self, pin: int) -> bool:
        return self._out[pin] or not self._settings[pin] & _DRIVES

    def _is_high(self, pin: int) -> bool:
        for wire, lines in self._i2c:
            if pin == wire.clock:
                return lines.clock_is_high
            if pin == wire.data:
                return lines.data_is_high
        for wire, line in self._one_wire:
            if pin == wire.data:
                return line.is_high
        driven = self._settings[pin] & _DRIVES and self._out[pin]
        return bool(driven or self._settings[pin] & _PULL == _PULL)

    def read(self, offset: int, size: int) -> int:
        """See Device."""
        first, register = self._place(offset)
        pins = range(first, first + _PINS)
        if register in _SETTINGS:
            return self._settings[first + (register - _SETTINGS.start) // 4]
        if register in (_OUT, _SET, _CLEAR):
            return sum(self._out[pin] << pin - first for pin in pins)
        if register in (_DIRECTION, _DRIVE, _RELEASE):
            return sum((self._settings[pin] & _DRIVES) << pin - first for pin in pins)
        if register == _IN:
            return sum(self._is_high(pin) << pin - first for pin in pins)
        return 0

    def write(self, offset: int, size: int, value: int) -> None:
        """See Device."""
        first, register = self._place(offset)
        if register in _SETTINGS:
            self._settings[first + (register - _SETTINGS.start) // 4] = value
        for pin in range(first, first + _PINS):
            bit = bool(value >> pin - first & 1)
            if register == _OUT or (bit and register in (_SET, _CLEAR)):
                self._out[pin] = bit and register != _CLEAR
            elif register == _DIRECTION or (bit and register in (_DRIVE, _RELEASE)):
                drives = bit and register != _RELEASE
                self._settings[pin] = self._settings[pin] & ~_DRIVES | drives
        for wire, lines in self._i2c:
            lines.put(self._lets_go(wire.clock), self._lets_go(wire.data))
        for wire, line in self._one_wire:
            line.put(self._lets_go(wire.data))

    def _place(self, offset: int) -> tuple[int, int]:
        """The first pin of a register's port, and the register as port 0 has it."""
        second = offset - _PORT_BYTES in range(_OUT, _SETTINGS.stop)
        if second and offset not in range(_OUT, _SETTINGS.stop):
            return _PINS, offset - _PORT_BYTES
        return 0, offset
