# SPDX-License-Identifier: MIT
"""USART and LPUART of the STM32. Source: RM0041 and RM0090 (F1, F4), RM0432 (L4).

Sending takes no time, and the next byte comes as soon as one was read.
"""

from __future__ import annotations

from typing import ClassVar, Final

from device import Device
from devices.stm32 import BLOCK_BYTES

_RECEIVED, _SENT, _TRANSMIT_EMPTY = 1 << 5, 1 << 6, 1 << 7  # of the status
_RECEIVE_INTERRUPT, _TRANSMIT_INTERRUPT = 1 << 5, 1 << 7  # of the control register
_TRANSMIT_ENABLE: Final = 1 << 3
_RECEIVE_ENABLE: Final = 1 << 2


class Stm32Uart(Device):
    """The USART of the F1 and the F4."""

    size = BLOCK_BYTES
    status: ClassVar = 0x00
    receive: ClassVar = 0x04
    transmit: ClassVar = 0x04
    control: ClassVar = 0x0C
    enable: ClassVar = 1 << 13  # of the control register

    def reset(self) -> None:
        """See Device."""
        self._words: dict[int, int] = {}

    @property
    def _settings(self) -> int:
        value = self._words.get(self.control, 0)
        return value if value & self.enable else 0

    @property
    def _state(self) -> int:
        line = self.board.outside.line
        state = 0 if line.is_jammed else _TRANSMIT_EMPTY | _SENT
        return state | (_RECEIVED if line.incoming and self._settings & _RECEIVE_ENABLE else 0)

    def read(self, offset: int, size: int) -> int:
        """See Device."""
        if offset == self.status:
            return self._state
        if offset == self.receive:
            incoming = self.board.outside.line.incoming
            byte = incoming.pop(0) if self._state & _RECEIVED else 0
            self.update()
            return byte
        return self._words.get(offset, 0)

    def write(self, offset: int, size: int, value: int) -> None:
        """See Device."""
        if offset == self.transmit:
            if self._settings & _TRANSMIT_ENABLE:
                self.board.outside.line.send(value)
        else:
            self._words[offset] = value
        self.update()

    def update(self) -> None:
        """See Device."""
        wanted = self._settings & (_RECEIVE_INTERRUPT | _TRANSMIT_INTERRUPT)
        self.raise_line(bool(self._state & wanted))


class Stm32Lpuart(Stm32Uart):
    """The LPUART of the L4."""

    status = 0x1C
    receive = 0x24
    transmit = 0x28
    control = 0x00
    enable = 1
