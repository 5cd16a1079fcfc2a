"""The memory plan: where every buffer lies, in as little RAM as a search finds.

Buffers that are alive at the same time must not share bytes, except where a kernel allows its
output to start some distance before an input that it uses up. The bound is what any plan needs:
the most that is alive at once. Offsets are found by placing buffers one by one as low as they fit,
in many orders; the search ends as soon as the bound is reached.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from tinyml.compiler.program import Buffer, Program

ALIGNMENT: Final = 4  # bytes; what the widest element in an arena needs
_TRIALS: Final = 3000
_SEED: Final = 1  # the plan must not differ from one compilation to the next


@dataclass(frozen=True)
class Plan:
    """Offsets in bytes by buffer, and how good they are."""

    offsets: tuple[int, ...]
    arena_bytes: int
    bound_bytes: int  # no plan of these buffers and overlaps needs less


def plan_memory(program: Program) -> Plan:
    """Place the program's buffers."""
    space = _Space(program)
    bound = space.bound()
    best = min(
        (space.place(order) for order in _first_orders(program.buffers)),
        key=lambda placed: placed[0],
    )
    rng = random.Random(_SEED)
    order = _by_size(program.buffers)
    best_order = order
    for _ in range(_TRIALS if best[0] > bound and len(order) > 1 else 0):
        order = list(best_order)
        for _ in range(rng.randint(1, 3)):
            taken = order.pop(rng.randrange(len(order)))
            order.insert(rng.randrange(len(order) + 1), taken)
        placed = space.place(order)
        if placed[0] <= best[0]:
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


class _Space:
    """The buffers with their conflicts."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.sizes = [aligned(buffer.bytes) for buffer in program.buffers]
        self.neighbours = [
            [
                other.index
                for other in program.buffers
                if other.index != buffer.index
                and other.first <= buffer.last
                and buffer.first <= other.last
            ]
            for buffer in program.buffers
        ]
        self.overlaps = {pair: aligned(distance) for pair, distance in program.overlaps.items()}
        self.in_place = program.in_place

    def bound(self) -> int:
        """The most bytes alive at one step, overlapping pairs counted once."""
        most = 0
        savings = {**dict.fromkeys(self.in_place, 0), **self.overlaps}
        for time in {buffer.first for buffer in self.program.buffers}:
            alive = [b.index for b in self.program.buffers if b.first <= time <= b.last]
            total = sum(self.sizes[index] for index in alive)
            saving = max(
                (
                    self.sizes[a] + self.sizes[b] - max(self.sizes[b], distance + self.sizes[a])
                    for (a, b), distance in savings.items()
                    if a in alive and b in alive
                ),
                default=0,
            )
            most = max(most, total - max(saving, 0))
        return most

    def place(self, order: Sequence[int]) -> tuple[int, list[int]]:
        """(arena bytes, offsets), each buffer as low as it fits, in this order."""
        offsets = [-1] * len(self.sizes)
        for index in order:
            offsets[index] = self._lowest(index, offsets)
        ends = [offset + size for offset, size in zip(offsets, self.sizes, strict=True)]
        return max(ends, default=0), offsets

    def _lowest(self, index: int, offsets: list[int]) -> int:
        size = self.sizes[index]
        forbidden = []  # intervals of offsets, both ends not in them
        for other in self.neighbours[index]:
            start = offsets[other]
            if start < 0:
                continue
            low, high = start - size, start + self.sizes[other]
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
