# SPDX-License-Identifier: MIT
"""The interrupt controller of a Cortex-M, and the system control registers beside it.

Source: Armv7-M and Armv8-M architecture reference manuals, "System address map".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from systick import SysTick

SYSTICK: Final = 15
PENDSV: Final = 14
FIRST_IRQ: Final = 16
_IRQS: Final = 240
_EXCEPTIONS: Final = FIRST_IRQ + _IRQS
_LOWEST: Final = 0x100  # no exception has such a priority
_FIXED: Final = {2: -2, 3: -1}  # NMI and HardFault

_SYSTICK = range(0x010, 0x020)
_ENABLE, _DISABLE = range(0x100, 0x120), range(0x180, 0x1A0)
_PEND, _UNPEND = range(0x200, 0x220), range(0x280, 0x2A0)
_ACTIVE = range(0x300, 0x320)
_PRIORITIES = range(0x400, 0x400 + _IRQS)
_SYSTEM_PRIORITIES = range(0xD18, 0xD24)
_ICSR, _VTOR, _AIRCR = 0xD04, 0xD08, 0xD0C
_AIRCR_KEY, _AIRCR_RESET = 0x05FA, 4
_PENDSV_SET, _PENDSV_CLEAR, _SYSTICK_SET, _SYSTICK_CLEAR = 1 << 28, 1 << 27, 1 << 26, 1 << 25


def _nothing() -> None:
    """Until somebody wants to know."""


class Nvic:
    """Which exceptions are enabled, pending and active, and their priorities.

    Args:
        vectors: the vector table's address after a reset.
    """

    def __init__(self, vectors: int) -> None:
        self._first_vectors = vectors
        self.systick: SysTick | None = None
        self.changed: Callable[[], None] = _nothing  # called when an interrupt may be due
        self.on_reset_request: Callable[[], None] = _nothing
        self.reset()

    def reset(self) -> None:
        """As after power-up."""
        self.vectors = self._first_vectors
        self.pending: set[int] = set()
        self.active: list[int] = []  # the innermost last
        self._enabled: set[int] = set(range(FIRST_IRQ))
        self._lines: set[int] = set()
        self._priority = bytearray(_EXCEPTIONS)
        self._words: dict[int, int] = {}

    def set_line(self, irq: int, level: bool) -> None:
        """A device's line to the interrupt ``irq``: pending while it is high."""
        number = FIRST_IRQ + irq
        if level:
            self._lines.add(number)
            self.pend(number)
        else:
            self._lines.discard(number)

    def pend(self, number: int) -> None:
        """Make an exception pending."""
        if number not in self.pending and number not in self.active:
            self.pending.add(number)
            self.changed()

    def priority(self, number: int) -> int:
        """The lower, the more urgent."""
        return _FIXED.get(number, self._priority[number])

    @property
    def next(self) -> int | None:
        """The most urgent enabled exception that is pending."""
        due = self.pending & self._enabled
        return min(due, key=lambda number: (self.priority(number), number), default=None)

    @property
    def current_priority(self) -> int:
        """Of what is being handled."""
        return min(map(self.priority, self.active), default=_LOWEST)

    def enter(self, number: int) -> None:
        """The core goes to its handler."""
        self.pending.discard(number)
        self.active.append(number)

    def leave(self) -> None:
        """The innermost handler has returned; a line that is still high makes it due again."""
        number = self.active.pop()
        if number in self._lines:
            self.pend(number)

    # Registers

    def read(self, offset: int, size: int) -> int:
        """The register at ``offset`` of the system control space."""
        if offset in _SYSTICK and self.systick is not None:
            return self.systick.read(offset - _SYSTICK.start)
        for span, numbers in (
            (_ENABLE, self._enabled), (_DISABLE, self._enabled), (_PEND, self.pending),
            (_UNPEND, self.pending), (_ACTIVE, set(self.active)),
        ):  # fmt: skip
            if offset in span:
                return self._bits(numbers, offset - span.start)
        if (first := self._priority_at(offset)) is not None:
            return int.from_bytes(self._priority[first : first + size], "little")
        if offset == _ICSR:
            return self._state()
        return self.vectors if offset == _VTOR else self._words.get(offset, 0)

    def write(self, offset: int, size: int, value: int) -> None:
        """Set the register at ``offset``."""
        if offset in _SYSTICK and self.systick is not None:
            self.systick.write(offset - _SYSTICK.start, value)
        elif offset in _ENABLE:
            self._enabled |= self._numbers(offset - _ENABLE.start, value)
        elif offset in _DISABLE:
            self._enabled -= self._numbers(offset - _DISABLE.start, value)
        elif offset in _PEND:
            self.pending |= self._numbers(offset - _PEND.start, value)
        elif offset in _UNPEND:
            self.pending -= self._numbers(offset - _UNPEND.start, value) - self._lines
        elif (first := self._priority_at(offset)) is not None:
            self._priority[first : first + size] = value.to_bytes(size, "little")
        elif offset == _ICSR:
            self._set_state(value)
        elif offset == _VTOR:
            self.vectors = value
        elif offset == _AIRCR:
            if value >> 16 == _AIRCR_KEY and value & _AIRCR_RESET:
                self.on_reset_request()
        else:
            self._words[offset] = value
        if self.next is not None:
            self.changed()

    @staticmethod
    def _bits(numbers: set[int], offset: int) -> int:
        first = FIRST_IRQ + 8 * offset
        return sum(1 << bit for bit in range(32) if first + bit in numbers)

    @staticmethod
    def _numbers(offset: int, value: int) -> set[int]:
        first = FIRST_IRQ + 8 * offset
        return {first + bit for bit in range(32) if value >> bit & 1}

    @staticmethod
    def _priority_at(offset: int) -> int | None:
        if offset in _PRIORITIES:
            return FIRST_IRQ + offset - _PRIORITIES.start
        return 4 + offset - _SYSTEM_PRIORITIES.start if offset in _SYSTEM_PRIORITIES else None

    def _state(self) -> int:
        if self.systick is not None:
            self.systick.update()
        state = self.active[-1] if self.active else 0
        state |= (self.next or 0) << 12
        state |= _PENDSV_SET if PENDSV in self.pending else 0
        return state | (_SYSTICK_SET if SYSTICK in self.pending else 0)

    def _set_state(self, value: int) -> None:
        for number, set_bit, clear_bit in (
            (PENDSV, _PENDSV_SET, _PENDSV_CLEAR), (SYSTICK, _SYSTICK_SET, _SYSTICK_CLEAR),
        ):  # fmt: skip
            if value & set_bit:
                self.pending.add(number)
            if value & clear_bit:
                self.pending.discard(number)
