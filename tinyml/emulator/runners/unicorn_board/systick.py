# SPDX-License-Identifier: MIT
"""The system timer of a Cortex-M. Source: Armv7-M architecture reference manual, B3.3."""

from __future__ import annotations

from typing import Final

from clock import Clock
from nvic import SYSTICK, Nvic

_CONTROL, _LOAD, _VALUE = 0x0, 0x4, 0x8
_ON, _INTERRUPT, _REACHED = 1, 2, 1 << 16
_MOST: Final = 0xFFFFFF
_SECOND_NS: Final = 1_000_000_000


class SysTick:
    """Counts down from LOAD to 0 and begins again; each time an interrupt is due.

    Late ones are made up for, one by one: none is lost, and with it no time.

    Args:
        nvic: takes the interrupt.
        clock: the board's time.
        hz: the core's clock.
    """

    def __init__(self, nvic: Nvic, clock: Clock, hz: int) -> None:
        self._nvic = nvic
        self._clock = clock
        self._hz = hz
        self.reset()

    def reset(self) -> None:
        """As after power-up."""
        self._control = 0
        self._load = 0
        self._start_ns = 0
        self._periods = 0  # that have been noticed

    @property
    def _runs(self) -> bool:
        return bool(self._control & _ON and self._load)

    def due_ns(self) -> int | None:
        """When the next interrupt is."""
        if not (self._runs and self._control & _INTERRUPT):
            return None
        ticks = (self._periods + 1) * (self._load + 1)
        return self._start_ns + -(-ticks * _SECOND_NS // self._hz)

    def _ticks(self) -> int:
        return (self._clock.now_ns() - self._start_ns) * self._hz // _SECOND_NS

    def update(self) -> None:
        """Notice one period that is over."""
        if self._runs and self._ticks() // (self._load + 1) > self._periods:
            if self._control & _INTERRUPT:
                if SYSTICK in self._nvic.pending:
                    return
                self._nvic.pend(SYSTICK)
                self._periods += 1
            else:
                self._periods = self._ticks() // (self._load + 1)
            self._control |= _REACHED

    def read(self, offset: int) -> int:
        """The register at ``offset``."""
        self.update()
        if offset == _CONTROL:
            value = self._control
            self._control &= ~_REACHED
            return value
        if offset == _LOAD:
            return self._load
        if offset == _VALUE and self._runs:
            return self._load - self._ticks() % (self._load + 1)
        return 0

    def write(self, offset: int, value: int) -> None:
        """Set the register at ``offset``."""
        if offset == _CONTROL:
            started = value & _ON and not self._control & _ON
            self._control = value & 7
            if started:
                self._restart()
        elif offset == _LOAD:
            self._load = value & _MOST
            self._restart()
        elif offset == _VALUE:
            self._control &= ~_REACHED
            self._restart()

    def _restart(self) -> None:
        self._start_ns = self._clock.now_ns()
        self._periods = 0
