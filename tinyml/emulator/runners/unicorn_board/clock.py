# SPDX-License-Identifier: MIT
"""The board's time, in nanoseconds since the power came."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Final

# As QEMU's -icount shift=6, so that a board has the same time on both.
INSTRUCTION_NS: Final = 64


class Clock(ABC):
    """How time passes, while the core works and while it sleeps."""

    skips_sleep = False  # whether a sleep takes no time outside

    @abstractmethod
    def now_ns(self) -> int:
        """The time."""

    def slept(self, ns: int) -> None:  # noqa: B027 - a clock that goes by itself knows
        """The core slept for so long."""

    def instructions_until(self, ns: int) -> int | None:
        """After how many instructions that time comes; None where nobody can know."""
        del ns
        return None


class HostClock(Clock):
    """As outside."""

    def __init__(self) -> None:
        self._start = time.monotonic_ns()

    def now_ns(self) -> int:
        """See Clock."""
        return time.monotonic_ns() - self._start


class InstructionClock(Clock):
    """With every instruction, however busy the host is.

    Args:
        executed: tells the number of instructions so far.
        skips_sleep: whether a sleep takes no time outside, so that all runs are alike.
    """

    def __init__(self, executed: Callable[[], int], *, skips_sleep: bool) -> None:
        self._executed = executed
        self.skips_sleep = skips_sleep
        self._slept_ns = 0

    def now_ns(self) -> int:
        """See Clock."""
        return self._executed() * INSTRUCTION_NS + self._slept_ns

    def slept(self, ns: int) -> None:
        """See Clock."""
        self._slept_ns += ns

    def instructions_until(self, ns: int) -> int | None:
        """See Clock."""
        return max(-(-(ns - self.now_ns()) // INSTRUCTION_NS), 0)
