# SPDX-License-Identifier: MIT
"""The timer of a RISC-V machine with one core. Source: SiFive's FU540-C000 manual, CLINT."""

from __future__ import annotations

from typing import Final

from device import WORD, Device
from riscv import TIMER

_ALARM_LOW, _ALARM_HIGH = 0x4000, 0x4004
_TIME_LOW, _TIME_HIGH = 0xBFF8, 0xBFFC
_NEVER: Final = (1 << 64) - 1
_SECOND_NS: Final = 1_000_000_000


class Clint(Device):
    """Its time goes on over a reset."""

    size = 0x10000

    def reset(self) -> None:
        """See Device."""
        self._alarm = _NEVER

    def _time(self) -> int:
        return self.ticks(0, self.clock_hz)

    def read(self, offset: int, size: int) -> int:
        """See Device."""
        known = {
            _TIME_LOW: self._time() & WORD,
            _TIME_HIGH: self._time() >> 32,
            _ALARM_LOW: self._alarm & WORD,
            _ALARM_HIGH: self._alarm >> 32,
        }
        return known.get(offset, 0)

    def write(self, offset: int, size: int, value: int) -> None:
        """See Device."""
        if offset == _ALARM_LOW:
            self._alarm = self._alarm & ~WORD | value
        elif offset == _ALARM_HIGH:
            self._alarm = self._alarm & WORD | value << 32
        self.update()

    def update(self) -> None:
        """See Device."""
        self.board.processor.interrupts.set_line(TIMER, self._time() >= self._alarm)

    def due_ns(self) -> int | None:
        """See Device."""
        if self._alarm == _NEVER or self._alarm > _NEVER >> 8:
            return None
        return -(-self._alarm * _SECOND_NS // self.clock_hz)
