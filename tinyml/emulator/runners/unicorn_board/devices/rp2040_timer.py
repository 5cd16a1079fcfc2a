# SPDX-License-Identifier: MIT
"""The microsecond timer of the RP2040. Source: RP2040 datasheet, 4.6."""

from __future__ import annotations

from typing import Final

from device import WORD
from devices.rp2040 import Rp2040Device

_ALARM, _ARMED = 0x10, 0x20
_HIGH, _LOW, _RAW_HIGH, _RAW_LOW = 0x08, 0x0C, 0x24, 0x28
_RAISED, _ENABLED = 0x34, 0x38
_MICROSECOND_NS: Final = 1000


class Rp2040Timer(Rp2040Device):
    """Counts microseconds; the first of its four alarms is modelled."""

    def reset(self) -> None:
        """See Device."""
        super().reset()
        self._since_ns = self.board.clock.now_ns()
        self._alarm_us: int | None = None

    def _now_us(self) -> int:
        return (self.board.clock.now_ns() - self._since_ns) // _MICROSECOND_NS

    def get(self, offset: int) -> int:
        """See Rp2040Device."""
        if offset in (_HIGH, _RAW_HIGH):
            return self._now_us() >> 32
        if offset in (_LOW, _RAW_LOW):
            return self._now_us() & WORD
        return int(self._alarm_us is not None) if offset == _ARMED else super().get(offset)

    def put(self, offset: int, value: int) -> None:
        """See Rp2040Device."""
        if offset == _RAISED:
            value = super().get(_RAISED) & ~value
        super().put(offset, value)
        if offset == _ALARM:
            now = self._now_us()
            self._alarm_us = now + (value - now & WORD)
        elif offset == _ARMED and value & 1:
            self._alarm_us = None
        self.update()

    def update(self) -> None:
        """See Device."""
        if self._alarm_us is not None and self._now_us() >= self._alarm_us:
            self._alarm_us = None
            self.words[_RAISED] = super().get(_RAISED) | 1
        self.raise_line(bool(super().get(_RAISED) & super().get(_ENABLED)))

    def due_ns(self) -> int | None:
        """See Device."""
        if self._alarm_us is None:
            return None
        return self._since_ns + self._alarm_us * _MICROSECOND_NS
