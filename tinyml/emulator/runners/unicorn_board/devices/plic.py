# SPDX-License-Identifier: MIT
"""The platform-level interrupt controller of a RISC-V machine with one core.

Source: SiFive's FU540-C000 manual, "Platform-Level Interrupt Controller".
"""

from __future__ import annotations

from typing import Final

from device import Device
from riscv import EXTERNAL

_PRIORITIES: Final = range(0x0, 0x1000)
_PENDING, _ENABLE = 0x1000, 0x2000
_THRESHOLD, _CLAIM = 0x200000, 0x200004


class Plic(Device):
    """Up to 31 interrupts; devices name them by their numbers."""

    size = 0x400000

    def reset(self) -> None:
        """See Device."""
        self._priorities: dict[int, int] = {}
        self._lines = self._claimed = self._enabled = self._threshold = 0

    def set_line(self, irq: int, level: bool) -> None:
        """A device's line."""
        self._lines = self._lines | 1 << irq if level else self._lines & ~(1 << irq)
        self._settle()

    @property
    def _next(self) -> int:
        """The most urgent interrupt; 0 where there is none."""
        due = self._lines & self._enabled & ~self._claimed
        numbers = [n for n in range(1, 32) if due >> n & 1 and self._priority(n) > self._threshold]
        return min(numbers, key=lambda n: (-self._priority(n), n), default=0)

    def _priority(self, number: int) -> int:
        return self._priorities.get(number, 0)

    def _settle(self) -> None:
        self.board.processor.interrupts.set_line(EXTERNAL, self._next != 0)

    def read(self, offset: int, size: int) -> int:
        """See Device."""
        if offset in _PRIORITIES:
            return self._priority(offset // 4)
        if offset == _CLAIM:
            number = self._next
            self._claimed |= 1 << number if number else 0
            self._settle()
            return number
        known = {_PENDING: self._lines, _ENABLE: self._enabled, _THRESHOLD: self._threshold}
        return known.get(offset, 0)

    def write(self, offset: int, size: int, value: int) -> None:
        """See Device."""
        if offset in _PRIORITIES:
            self._priorities[offset // 4] = value
        elif offset == _ENABLE:
            self._enabled = value
        elif offset == _THRESHOLD:
            self._threshold = value
        elif offset == _CLAIM:  # completed
            self._claimed &= ~(1 << value % 32)
        self._settle()
