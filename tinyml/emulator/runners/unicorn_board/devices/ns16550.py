# SPDX-License-Identifier: MIT
"""The 16550 UART. Source: the datasheet of the PC16550D.

Sending takes no time; bytes wait in the line until they are read, as they do in the FIFO.
"""

from __future__ import annotations

from device import Device

_DATA, _INTERRUPTS, _IDENTITY, _LINE, _STATE = 0, 1, 2, 3, 5
_RECEIVE_INTERRUPT = 1
_DIVISOR_ACCESS = 0x80  # of the line's register: the first two are the divisor's
_RECEIVED, _TRANSMIT_EMPTY = 0x01, 0x60
_NONE_PENDING, _DATA_PENDING = 1, 4


class Ns16550(Device):
    """One serial line."""

    def reset(self) -> None:
        """See Device."""
        self._interrupts = 0
        self._line = 0

    @property
    def _has_byte(self) -> bool:
        return bool(self.board.outside.line.incoming)

    @property
    def _level(self) -> bool:
        return self._has_byte and bool(self._interrupts & _RECEIVE_INTERRUPT)

    def read(self, offset: int, size: int) -> int:
        """See Device."""
        line = self.board.outside.line
        if offset == _DATA and not self._line & _DIVISOR_ACCESS:
            byte = line.incoming.pop(0) if line.incoming else 0
            self.update()
            return byte
        if offset == _STATE:
            return _RECEIVED * self._has_byte | (0 if line.is_jammed else _TRANSMIT_EMPTY)
        if offset == _IDENTITY:
            return _DATA_PENDING if self._level else _NONE_PENDING
        return {_INTERRUPTS: self._interrupts, _LINE: self._line}.get(offset, 0)

    def write(self, offset: int, size: int, value: int) -> None:
        """See Device."""
        if offset == _LINE:
            self._line = value
        elif not self._line & _DIVISOR_ACCESS:
            if offset == _DATA:
                self.board.outside.line.send(value)
            elif offset == _INTERRUPTS:
                self._interrupts = value
                self.update()

    def update(self) -> None:
        """See Device."""
        self.raise_line(self._level)
