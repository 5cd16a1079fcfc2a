# SPDX-License-Identifier: MIT
"""System control of Arm's FPGA boards: the counter. Source: Arm DAI 0385, FPGA system control."""

from __future__ import annotations

from device import WORD, Device

_COUNTER, _PRESCALE = 0x18, 0x1C


class MpsFpgaio(Device):
    """Counts up with its clock, divided by the prescaler."""

    def reset(self) -> None:
        """See Device."""
        self._prescale = 0
        self._restart(0)

    def _restart(self, value: int) -> None:
        self._value = value
        self._since_ns = self.board.clock.now_ns()

    def _now(self) -> int:
        return (
            self._value + self.ticks(self._since_ns, self.clock_hz) // (self._prescale + 1)
        ) & WORD

    def read(self, offset: int, size: int) -> int:
        """See Device."""
        if offset == _COUNTER:
            return self._now()
        return self._prescale if offset == _PRESCALE else 0

    def write(self, offset: int, size: int, value: int) -> None:
        """See Device."""
        if offset == _COUNTER:
            self._restart(value)
        elif offset == _PRESCALE:
            self._restart(self._now())
            self._prescale = value
