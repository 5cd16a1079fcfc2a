"""TFLite Micro's greedy memory planner.

Source: TFLite Micro at 90b983c, memory_planner/greedy_memory_planner.cc.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Planned:
    """A buffer that is needed from one step to another, both included."""

    bytes: int
    first: int
    last: int


def planned_bytes(buffers: Sequence[Planned]) -> int:
    """How much the planner needs for all of them.

    Largest first, of equal ones the later; each into the first gap among those that live at the
    same time, in the order of their offsets.
    """
    placed: list[tuple[int, Planned]] = []
    order = sorted(range(len(buffers)), key=lambda index: (-buffers[index].bytes, -index))
    for wanted in (buffers[index] for index in order):
        offset = _first_gap(wanted, placed)
        at = bisect_right([start for start, _ in placed], offset)
        placed.insert(at, (offset, wanted))
    return max((offset + buffer.bytes for offset, buffer in placed), default=0)


def _first_gap(wanted: Planned, placed: list[tuple[int, Planned]]) -> int:
    offset = 0
    for start, other in placed:
        if other.first > wanted.last or wanted.first > other.last:
            continue
        if start - offset >= wanted.bytes:
            break
        offset = max(offset, start + other.bytes)
    return offset
