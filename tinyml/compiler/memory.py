"""The memory plan: where every buffer lies, in as little RAM as a search finds.

Buffers that are alive at the same time must not share bytes, except where a kernel allows its
output to start some distance before an input that it uses up. The bound is what any plan needs:
the most that is alive at once. Offsets are found by placing buffers one by one as low as they fit,
in many orders; the search ends as soon as the bound is reached.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from tinyml.compiler.program import Buffer, Program

ALIGNMENT: Final = 4  # bytes; what the widest element in an arena needs
_TRIALS: Final = 3000
_LOOKS: Final = 1_000_000  # at pairs of buffers that meet: graphs of hundreds get fewer trials
_SEED: Final = 1  # the plan must not differ from one compilation to the next


@dataclass(frozen=True)
class Plan:
    """Offsets in bytes by buffer, and how good they are."""

    offsets: tuple[int, ...]
    arena_bytes: int
    bound_bytes: int  # no plan of these buffers and overlaps needs less


def plan_memory(program: Program, trials: int = _TRIALS) -> Plan:
    """Place the program's buffers, in so many orders at most, or fewer where there are many."""
    space = _Space(program)
    bound = space.bound()
    best = min(
        (placed for order in _first_orders(program.buffers) if (placed := space.place(order))),
        key=lambda placed: placed[0],
    )
    rng = random.Random(_SEED)
    order = _by_size(program.buffers)
    best_order = order
    trials = min(trials, _LOOKS // max(1, space.meetings))
    for _ in range(trials if best[0] > bound and len(order) > 1 else 0):
        order = list(best_order)
        for _ in range(rng.randint(1, 3)):
            taken = order.pop(rng.randrange(len(order)))
            order.insert(rng.randrange(len(order) + 1), taken)
        placed = space.place(order, best[0])
        if placed is not None and placed[0] <= best[0]:
            best, best_order = placed, order
        if best[0] == bound:
            break
    return Plan(tuple(best[1]), best[0], bound)


def _by_size(buffers: Sequence[Buffer]) -> list[int]:
    return [b.index for b in sorted(buffers, key=lambda b: (-b.bytes, b.first))]


def _first_orders(buffers: Sequence[Buffer]) -> Iterable[list[int]]:
    yield _by_size(buffers)
    yield [b.index for b in sorted(buffers, key=lambda b: (b.first, -b.bytes))]
    yield [b.index for b in sorted(buffers, key=lambda b: (-b.last, -b.bytes))]
    yield [b.index for b in sorted(buffers, key=lambda b: (-(b.last - b.first), -b.bytes))]


def aligned(value: int) -> int:
    """``value`` bytes, rounded up so that what follows them is aligned."""
    return -(-value // ALIGNMENT) * ALIGNMENT


def _together(one: Buffer, other: Buffer) -> tuple[int, int] | None:
    """The most bytes that each has while the other one lives, too; None where they never meet."""
    meetings = [
        (aligned(size), aligned(other_size))
        for first, last, size in one.lives
        for other_first, other_last, other_size in other.lives
        if other_first <= last and first <= other_last
    ]
    if not meetings:
        return None
    # Each of these keeps starts apart by an interval around 0: together they keep the hull.
    return max(size for size, _ in meetings), max(size for _, size in meetings)


class _Space:
    """The buffers with their conflicts."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.sizes = [aligned(buffer.bytes) for buffer in program.buffers]
        self.neighbours = [
            [
                (other.index, *sizes)
                for other in program.buffers
                if other.index != buffer.index and (sizes := _together(buffer, other)) is not None
            ]
            for buffer in program.buffers
        ]
        self.meetings = sum(map(len, self.neighbours))
        self.overlaps = {pair: aligned(distance) for pair, distance in program.overlaps.items()}
        self.in_place = program.in_place

    def bound(self) -> int:
        """The most bytes alive at one step, of an output only what lies beside its input."""
        savings = {**dict.fromkeys(self.in_place, 0), **self.overlaps}
        return max((self._alive(time, savings) for time in self._times()), default=0)

    def _times(self) -> set[int]:
        return {life[0] for buffer in self.program.buffers for life in buffer.lives}

    def _alive(self, time: int, savings: Mapping[tuple[int, int], int]) -> int:
        sizes = {
            buffer.index: aligned(size)
            for buffer in self.program.buffers
            for first, last, size in buffer.lives
            if first <= time <= last
        }
        saved: dict[int, int] = {}
        for (source, output), distance in savings.items():
            if source in sizes and output in sizes:
                apart = sizes[source] + sizes[output]
                saving = apart - max(sizes[output], distance + sizes[source])
                saved[output] = max(saved.get(output, 0), saving)
        return sum(sizes.values()) - sum(saved.values())

    def place(self, order: Sequence[int], most: int | None = None) -> tuple[int, list[int]] | None:
        """(arena bytes, offsets), each buffer as low as it fits, in this order.

        None where that takes more than ``most`` bytes.
        """
        offsets = [-1] * len(self.sizes)
        arena = 0
        for index in order:
            offsets[index] = self._lowest(index, offsets)
            arena = max(arena, offsets[index] + self.sizes[index])
            if most is not None and arena > most:
                return None
        return arena, offsets

    def _lowest(self, index: int, offsets: list[int]) -> int:
        forbidden = []  # intervals of offsets, both ends not in them
        for other, size, other_size in self.neighbours[index]:
            start = offsets[other]
            if start < 0:
                continue
            low, high = start - size, start + other_size
            if (other, index) in self.in_place or (index, other) in self.in_place:
                forbidden += [(low, start), (start, high)]
                continue
            before = self.overlaps.get((other, index))
            if before is not None:  # this one is the output: it may start before the input
                low = max(low, start - before)
            after = self.overlaps.get((index, other))
            if after is not None:  # this one is the input: it may start after the output
                high = min(high, start + after)
            if low < high:
                forbidden.append((low, high))
        offset = 0
        for low, high in sorted(forbidden):
            if low < offset < high:
                offset = high
        return offset
