"""Mending wall times: a node's monotonic clock, set against the host's, which may be set itself."""

import time
from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from typing import Final, NamedTuple

_SMALLEST_JUMP_S: Final = 1.0
# How far a node's clock may be off: its oscillator's kind is not known until there are several
# marks, and those without a crystal are off by several percent.
_WILDEST_DRIFT: Final = 0.1
_STEADY_DRIFT: Final = 0.005  # of a clock whose usual drift is known
_FEWEST_STEPS: Final = 3  # that say what is usual
# A host without a battery for its clock begins in 1970 or at its image's date, before this.
_PLAUSIBLE_FROM: Final = 1704067200.0  # 2024-01-01


class ClockMark(NamedTuple):
    """The node's clock and the host's at the same moment."""

    monotonic_ms: int
    wall_time: float  # seconds since 1970


class ClockJump(NamedTuple):
    """Between two marks of one boot the host's clock was set."""

    device_id: str
    boot_id: int
    before: ClockMark
    after: ClockMark
    seconds: float  # that it was set forward


def jumps(marks: Sequence[ClockMark]) -> list[float]:
    """How far the host's clock was set between each mark and the next, in seconds; 0 for drift.

    ``marks`` are of the same boot, sorted by ``monotonic_ms``.
    """
    steps = [
        ((b.monotonic_ms - a.monotonic_ms) / 1000, b.wall_time - a.wall_time)
        for a, b in pairwise(marks)
    ]
    rates = [wall / own for own, wall in steps if own > 0 and abs(wall / own - 1) < _WILDEST_DRIFT]
    known = len(rates) >= _FEWEST_STEPS
    usual, drift = (median(rates), _STEADY_DRIFT) if known else (1.0, _WILDEST_DRIFT)
    found = (wall - own * usual for own, wall in steps)
    return [
        off if abs(off) > _SMALLEST_JUMP_S + drift * own else 0.0
        for off, (own, _) in zip(found, steps, strict=True)
    ]


def mended(marks: Sequence[ClockMark]) -> list[ClockMark]:
    """The marks as one clock would have shown them that was never set.

    Taken for right is the last stretch between jumps that shows a date of this decade, since a
    clock is set because it was wrong; without any, the last stretch. The marks before and after it
    are moved by the jumps between.
    """
    steps = jumps(marks)
    if not any(steps):
        return list(marks)
    shifts = [0.0]
    for step in steps:
        shifts.append(shifts[-1] + step)
    plausible = [i for i, mark in enumerate(marks) if mark.wall_time >= _PLAUSIBLE_FROM]
    right = shifts[plausible[-1] if plausible else -1]
    return [
        ClockMark(mark.monotonic_ms, mark.wall_time - shift + right)
        for mark, shift in zip(marks, shifts, strict=True)
    ]


def wall_time_at(monotonic_ms: int, marks: Sequence[ClockMark]) -> float | None:
    """The host's time when a node's clock showed ``monotonic_ms``; None without marks.

    ``marks`` are of the same boot, sorted by ``monotonic_ms`` and :func:`mended`. Between two marks
    the node's clock is taken to have run evenly, which takes out its drift (a cheap oscillator is
    off by a second a day and more); before the first and after the last it is taken to be right.
    """
    if not marks:
        return None
    index = bisect_left(marks, monotonic_ms, key=lambda mark: mark.monotonic_ms)
    if index == 0 or index == len(marks):
        nearest = marks[min(index, len(marks) - 1)]
        return nearest.wall_time + (monotonic_ms - nearest.monotonic_ms) / 1000
    before, after = marks[index - 1], marks[index]
    share = (monotonic_ms - before.monotonic_ms) / (after.monotonic_ms - before.monotonic_ms)
    return before.wall_time + share * (after.wall_time - before.wall_time)


class HostClock:
    """Notices that the host's clock is set, by the clock that nobody sets."""

    def __init__(self) -> None:
        self._offset = time.time() - time.monotonic()

    def set_by(self) -> float:
        """How far it was set forward since this was last asked, in seconds; 0 for less than one.

        A host that slept looks as if it had been set: see :func:`continues`.
        """
        offset = time.time() - time.monotonic()
        step = offset - self._offset
        if abs(step) < _SMALLEST_JUMP_S:
            return 0.0
        self._offset = offset
        return step


def continues(before: ClockMark, after: ClockMark) -> bool:
    """Whether a mark goes on from another of the same boot, with no jump between."""
    return after.monotonic_ms > before.monotonic_ms and not any(jumps([before, after]))
