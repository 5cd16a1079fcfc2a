"""Mending wall times: a node's monotonic clock, set against the host's."""

from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple


class ClockMark(NamedTuple):
    """The node's clock and the host's at the same moment."""

    monotonic_ms: int
    wall_time: float  # seconds since 1970


def wall_time_at(monotonic_ms: int, marks: Sequence[ClockMark]) -> float | None:
    """The host's time when a node's clock showed ``monotonic_ms``; None without marks.

    ``marks`` are of the same boot, sorted by ``monotonic_ms``. Between two marks the node's clock
    is taken to have run evenly, which takes out its drift (a cheap oscillator is off by a second a
    day and more); before the first and after the last it is taken to be right.
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
