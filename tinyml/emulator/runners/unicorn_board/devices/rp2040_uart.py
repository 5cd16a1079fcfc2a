# SPDX-License-Identifier: MIT
"""The UART of the RP2040, Arm's PL011. Source: RP2040 datasheet, 4.2.

Sending takes no time; bytes wait in the line until they are read, as they do in the FIFO.
"""

from __future__ import annotations

from typing import Final

from devices.rp2040 import Rp2040Device

_DATA, _FLAGS, _CONTROL, _ENABLED, _RAISED, _MASKED = 0x00, 0x18, 0x30, 0x38, 0x3C, 0x40
_RECEIVE_EMPTY, _TRANSMIT_FULL, _TRANSMIT_EMPTY = 1 << 4, 1 << 5, 1 << 7
_ON, _TRANSMITS, _RECEIVES = 1, 1 << 8, 1 << 9
_RECEIVED: Final = 1 << 4 | 1 << 6  # interrupts: enough in the FIFO, or some left alone in it


class Rp2040Uart(Rp2040Device):
    """One serial line."""

    def _can(self, bit: int) -> bool:
        return self.words.get(_CONTROL, 0) & (_ON | bit) == _ON | bit

    @property
    def _has_byte(self) -> bool:
        return bool(self.board.outside.line.incoming) and self._can(_RECEIVES)

    @property
    def _raised(self) -> int:
        return _RECEIVED if self._has_byte else 0

    def get(self, offset: int) -> int:
        """See Rp2040Device."""
        line = self.board.outside.line
        if offset == _DATA:
            byte = line.incoming.pop(0) if self._has_byte else 0
            self.update()
            return byte
        if offset == _FLAGS:
            sending = _TRANSMIT_FULL if line.is_jammed else _TRANSMIT_EMPTY
            return sending | (0 if self._has_byte else _RECEIVE_EMPTY)
        if offset in (_RAISED, _MASKED):
            return self._raised & (super().get(_ENABLED) if offset == _MASKED else _RECEIVED)
        return super().get(offset)

    def put(self, offset: int, value: int) -> None:
        """See Rp2040Device."""
        if offset == _DATA:
            if self._can(_TRANSMITS):
                self.board.outside.line.send(value)
        else:
            super().put(offset, value)
        self.update()

    def update(self) -> None:
        """See Device."""
        self.raise_line(bool(self._raised & self.words.get(_ENABLED, 0)))
