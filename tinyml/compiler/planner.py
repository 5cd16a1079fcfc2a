"""The schedule and memory plan of a program: what works in strips of rows, and where all lies.

A plan is a path through the work: each piece by itself, or several together as a segment that works
in strips. Each way has a peak of RAM and costs instructions beyond those of the operators. Of all
paths whose cost stays within the allowance, those with the lowest peaks are placed, and the
smallest arena wins.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from tinyml.boards import Core
from tinyml.compiler.lower.sums_by_rows import SUMS_FUNCTION
from tinyml.compiler.memory import Plan, aligned, plan_memory
from tinyml.compiler.program import Program
from tinyml.compiler.program_builder import build_program
from tinyml.compiler.rows import split_evenly
from tinyml.compiler.strip_cost import Prices, extra_instructions, instructions
from tinyml.compiler.strips import Candidates, WorkInStrips, peak_bytes, with_sums_by_rows
from tinyml.compiler.work import Lowered

# On the stack a segment needs, beside the arena, its loop's frame and the parameters of a call.
_SEGMENT_STACK_BYTES: Final = 256
_STRIPS: Final = (2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 48, 64, 96, 128)
_MARGIN: Final = 4  # pieces of work beside those that need strips that a segment may also contain
_PLACED: Final = 8  # of the best schedules, how many are placed
_TRIALS: Final = 100  # of placing each; the best one is placed with all care
# A segment must save this share of all instructions: it takes flash, and its output moves.
_SEGMENT_SHARE: Final = 0.002


@dataclass(frozen=True)
class Schedule:
    """A program with its memory plan, and what its strips cost by estimate."""

    program: Program
    plan: Plan
    extra_instructions: int


@dataclass(frozen=True)
class _Way:
    """Some consecutive work, on whole tensors or in strips."""

    first: int
    last: int
    peak: int
    cost: int
    in_strips: WorkInStrips | None = None


def schedule(lowered: Lowered, core: Core, allowance: float) -> Schedule:
    """The schedule with the smallest arena that strips within the allowance make.

    Args:
        lowered: all work.
        core: whose instructions are estimated.
        allowance: extra instructions of strips as a part of all instructions; 0 for no strips.
    """
    whole = build_program(lowered)
    best = Schedule(whole, plan_memory(whole), 0)
    # Kernels have not been shown to be right on strips where C's int has 16 bits.
    impossible = core.architecture == "avr"
    if impossible or allowance <= 0 or best.plan.arena_bytes <= 2 * _SEGMENT_STACK_BYTES:
        return best
    for split in (with_sums_by_rows(lowered), lowered):
        found = _best(split, Prices.of(core), allowance)
        # A segment that saves no more than it puts on the stack saves nothing.
        if found is None or found.plan.arena_bytes >= best.plan.arena_bytes - _SEGMENT_STACK_BYTES:
            return best
        if len(split.work) == len(lowered.work) or _sums_in_runs(found.program):
            return found
    return best


def _sums_in_runs(program: Program) -> bool:
    """Whether all sums grow by rows, which costs more than a mean over the whole image."""
    return all(
        program.segment_of(step.index) is not None
        for step in program.steps
        if step.call.function == SUMS_FUNCTION
    )


def _best(lowered: Lowered, prices: Prices, allowance: float) -> Schedule | None:
    """The smallest arena of the most promising paths."""
    best = None
    for ways in _best_paths(lowered, prices, allowance):
        if best is not None and best.plan.arena_bytes <= max(way.peak for way in ways):
            break
        program = build_program(lowered, [way.in_strips for way in ways if way.in_strips])
        plan = plan_memory(program, _TRIALS)
        if best is None or plan.arena_bytes < best.plan.arena_bytes:
            best = Schedule(program, plan, sum(way.cost for way in ways))
    return None if best is None else replace(best, plan=plan_memory(best.program))


def _best_paths(lowered: Lowered, prices: Prices, allowance: float) -> list[list[_Way]]:
    """Paths within the allowance, those with the lowest peaks."""
    alone = [_alone(lowered, index) for index in range(len(lowered.work))]
    ways = [*alone, *_runs(lowered, prices, alone)]
    total = sum(instructions(work, prices) for work in lowered.work)
    found: list[list[_Way]] = []
    for peak in sorted({way.peak for way in ways}):
        low = [way for way in ways if way.peak <= peak]
        path = _cheapest(len(lowered.work), low, int(_SEGMENT_SHARE * total))
        if path is None or path in found:
            continue
        if sum(way.cost for way in path) <= allowance * total:
            found.append(path)
        if len(found) == _PLACED:
            break
    return found


def _alone(lowered: Lowered, index: int) -> _Way:
    """One piece of work on whole tensors."""
    work = lowered.work[index]
    lives = lowered.lives
    alive = {
        tensor: aligned(lowered.graph.tensor(tensor).bytes)
        for tensor, (first, last) in lives.items()
        if first <= index <= last
    }
    saved = 0
    output = lowered.root(work.outputs[0]) if work.outputs else None
    savings = {**dict.fromkeys(work.call.in_place, 0), **work.call.overlaps}
    for position, distance in savings.items():
        source = lowered.root(work.inputs[position])
        if source in alive and output in alive and lives[source][1] == index:
            together = max(alive[output], distance + alive[source])
            saved = max(saved, alive[source] + alive[output] - together)
    peak = sum(alive.values()) + aligned(work.call.scratch_bytes) - saved
    return _Way(index, index, peak, 0)


def _runs(lowered: Lowered, prices: Prices, alone: Sequence[_Way]) -> Iterator[_Way]:
    """Runs that lower a peak which cannot be avoided otherwise."""
    candidates = Candidates(lowered)
    fixed = max((way.peak for way in alone if candidates.geometries[way.first] is None), default=0)
    heavy = [way.peak > fixed for way in alone]
    for first in range(len(alone)):
        for last in range(first, len(alone)):
            if candidates.geometries[last] is None:
                break
            begins = any(heavy[first : min(first + _MARGIN, last + 1)])
            ends = any(heavy[max(last + 1 - _MARGIN, first) : last + 1])
            if not (begins and ends) or candidates.steps(first, last) is None:
                continue
            peak = max(way.peak for way in alone[first : last + 1])
            yield from _strips(candidates, prices, first, last, peak)


def _strips(
    candidates: Candidates, prices: Prices, first: int, last: int, peak: int
) -> Iterator[_Way]:
    """Runs of this work in strips of several heights."""
    geometry = candidates.geometries[last]
    assert geometry is not None
    rows = geometry.output_rows
    for height in sorted({split_evenly(rows, strips) for strips in _STRIPS if strips <= rows}):
        # The first strip makes the rows of all halos, too: it had better be the small one.
        in_strips = candidates.in_strips(first, last, (rows - 1) % height + 1, height)
        needed = peak_bytes(candidates.lowered, in_strips)
        if needed >= peak:
            return  # higher strips need still more
        cost = extra_instructions(candidates.lowered, in_strips, prices)
        yield _Way(first, last, needed, cost, in_strips)


def _cheapest(count: int, ways: Sequence[_Way], segment_cost: int) -> list[_Way] | None:
    """The path from the first piece of work to the last that costs least."""
    best: list[tuple[int, list[_Way]] | None] = [(0, [])] + [None] * count
    by_first: dict[int, list[_Way]] = {}
    for way in ways:
        by_first.setdefault(way.first, []).append(way)
    for place in range(count):
        here = best[place]
        if here is None:
            continue
        for way in by_first.get(place, ()):
            known = best[way.last + 1]
            cost = here[0] + way.cost + (segment_cost if way.in_strips else 0)
            if known is None or cost < known[0]:
                best[way.last + 1] = (cost, [*here[1], way])
    end = best[count]
    return None if end is None else end[1]
