# SPDX-License-Identifier: MIT
"""The UART of Arm's Cortex-M System Design Kit. Source: Arm DDI 0479, APB UART.

Sending takes no time, and the next byte comes as soon as one was read.
"""

from __future__ import annotations

from typing import Final

from device import Device

_DATA, _STATE, _CONTROL, _INTERRUPT, _DIVIDER = 0x00, 0x04, 0x08, 0x0C, 0x10
_TRANSMIT_FULL: Final = 1
_RECEIVE_FULL: Final = 2
_TRANSMIT_ENABLE: Final = 1
_RECEIVE_ENABLE: Final = 2
_TRANSMIT_INTERRUPT_ENABLE: Final = 4
_RECEIVE_INTERRUPT_ENABLE: Final = 8
_TRANSMITTED: Final = 1
_RECEIVED: Final = 2


class CmsdkUart(Device):
    """One buffer in each direction. Its interrupt is the one for receiving."""

    def reset(self) -> None:
        """See Device."""
        self._buffer: int | None = None
        self._control = 0
        self._interrupts = 0
        self._divider = 0

    def read(self, offset: int, size: int) -> int:
        """See Device."""
        if offset == _STATE:
            full = self._buffer is not None
            jammed = self.is_jammed
            return full * _RECEIVE_FULL | jammed * _TRANSMIT_FULL
        if offset == _DATA:
            byte, self._buffer = self._buffer or 0, None
            self.update()
            return byte
        known = {_CONTROL: self._control, _INTERRUPT: self._interrupts, _DIVIDER: self._divider}
        return known.get(offset, 0)

    def write(self, offset: int, size: int, value: int) -> None:
        """See Device."""
        if offset == _DATA:
            if self._control & _TRANSMIT_ENABLE:
                self.send(value)
            if self._control & _TRANSMIT_INTERRUPT_ENABLE:
                self._interrupts |= _TRANSMITTED
        elif offset == _CONTROL:
            self._control = value
            self.update()
        elif offset == _INTERRUPT:
            self._interrupts &= ~value
            self.raise_line(bool(self._interrupts & _RECEIVED))
        elif offset == _DIVIDER:
            self._divider = value

    @property
    def is_jammed(self) -> bool:
        """Whether it cannot send more now."""
        return self.board.outside.line.is_jammed

    def send(self, byte: int) -> None:
        """A byte to whoever is at the other end."""
        self.board.outside.line.send(byte)

    def incoming(self) -> bytearray:
        """What has come and was not taken yet."""
        return self.board.outside.line.incoming

    def update(self) -> None:
        """See Device."""
        incoming = self.incoming()
        if self._buffer is None and incoming and self._control & _RECEIVE_ENABLE:
            self._buffer = incoming.pop(0)
            if self._control & _RECEIVE_INTERRUPT_ENABLE and not self._interrupts & _RECEIVED:
                self._interrupts |= _RECEIVED
                self.raise_line(True)
