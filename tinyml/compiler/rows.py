"""Segments of operators that work on strips of rows: how many rows each makes when, and keeps.

The last operator of a segment makes a strip of rows at a time; of every tensor before it, the rows
that this needs are made, each once. Rows that later strips need again, the halo of a window, stay.
firmware/kernels/strips.c does on the device what is computed here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class RowTensor:
    """A tensor of a segment, as rows."""

    rows: int  # all that it has
    row_bytes: int  # 0 for sums to which every row adds
    sum_bytes: int = 0  # of those

    def written(self, rows: int) -> int:
        """Bytes from the start that have been written once so many rows are there."""
        return self.row_bytes * rows + self.sum_bytes


@dataclass(frozen=True)
class RowStep:
    """How the rows of a step's output come from those of its inputs, which have the same number."""

    inputs: tuple[int, ...]  # one or two tensors of the segment
    output: RowTensor
    stride: int
    before: int  # rows of padding above the image
    reach: int  # input rows from the first to the last that an output row reads

    def first_needed(self, made: int, rows: int) -> int:
        """The first of the input's ``rows`` that output rows from ``made`` on need."""
        if made == self.output.rows:
            return rows
        return min(max(made * self.stride - self.before, 0), rows)

    def needed(self, made: int, rows: int) -> int:
        """How many of the input's ``rows`` the first ``made`` rows of the output need."""
        return min((made - 1) * self.stride - self.before + self.reach, rows)


@dataclass(frozen=True)
class Visit:
    """One strip of one step: rows ``first`` to ``end`` of its output."""

    step: int  # of the segment
    first: int
    end: int
    held: int  # rows of the output, before these, that lie in its buffer
    inputs: int  # rows that are read


@dataclass(frozen=True)
class Segment:
    """Consecutive steps that are executed strip by strip.

    Tensors are numbered: the outputs of the steps, then the sources, which are there as a whole.
    Only the last step's output is read outside the segment.
    """

    steps: tuple[RowStep, ...]
    sources: tuple[RowTensor, ...]
    first_rows: int  # of the last output, in the first strip
    strip_rows: int  # in every other one

    @cached_property
    def schedule(self) -> Schedule:
        """All strips in their order."""
        return _Simulation(self).schedule()

    def tensor(self, index: int) -> RowTensor:
        """A tensor by its number."""
        count = len(self.steps)
        return self.steps[index].output if index < count else self.sources[index - count]

    def readers(self, tensor: int) -> tuple[int, ...]:
        """Steps that read a tensor, in their order."""
        return tuple(i for i, step in enumerate(self.steps) if tensor in step.inputs)


@dataclass(frozen=True)
class Schedule:
    """What a segment does, and how many rows of each step's output it holds at most."""

    visits: tuple[Visit, ...]
    held: tuple[int, ...]  # from when a step begins a strip until its last reader has ended
    kept: tuple[int, ...]  # at other times
    moved_bytes: int  # of halos, to the start of their buffers
    # Source -> bytes that the last output must start before it, where it is not read afterwards.
    distances: tuple[int, ...]
    strips: tuple[int, ...]  # of each step, the most rows it makes at once


class _Simulation:
    """The loop of firmware/kernels/strips.c."""

    def __init__(self, segment: Segment) -> None:
        self.segment = segment
        count = len(segment.steps)
        every = count + len(segment.sources)
        self.readers = [segment.readers(tensor) for tensor in range(every)]
        self.first = [0] * every
        self.end = [0] * count + [source.rows for source in segment.sources]
        self.before = list(self.end)  # this strip
        self.held = [0] * count
        self.kept = [0] * count
        self.strips = [0] * count
        self.moved_bytes = 0
        self.distances = [0] * len(segment.sources)
        self.visits: list[Visit] = []

    def schedule(self) -> Schedule:
        last = self.segment.steps[-1].output.rows
        target = self.segment.first_rows
        while self.end[len(self.segment.steps) - 1] < last:
            self.before = list(self.end)
            goals = self._goals(min(target, last))
            for index in range(len(self.segment.steps)):
                if goals[index] > self.end[index]:
                    self._advance(index, goals[index], goals)
            target += self.segment.strip_rows
        return Schedule(
            tuple(self.visits), tuple(self.held), tuple(self.kept), self.moved_bytes,
            tuple(self.distances), tuple(self.strips),
        )  # fmt: skip

    def _goals(self, target: int) -> list[int]:
        goals = list(self.end)
        goals[len(self.segment.steps) - 1] = target
        for index in reversed(range(len(self.segment.steps))):
            step = self.segment.steps[index]
            for tensor in step.inputs:
                if goals[index] > self.end[index]:
                    needed = step.needed(goals[index], self.segment.tensor(tensor).rows)
                    goals[tensor] = max(goals[tensor], needed)
        return goals

    def _advance(self, index: int, goal: int, goals: list[int]) -> None:
        step, made = self.segment.steps[index], self.end[index]
        # What lay there while other steps worked: rows that are about to get company, or to be
        # read without any.
        self._note(index)
        for tensor in step.inputs:
            if tensor < len(goals) and self.before[tensor] == goals[tensor]:
                self._note(tensor)
        rows = self.segment.tensor(step.inputs[0]).rows
        begin = step.first_needed(made, rows)
        read = step.needed(goal, rows) - begin
        self.visits.append(Visit(index, made, goal, made - self.first[index], read))
        self.end[index] = goal
        self.strips[index] = max(self.strips[index], goal - made)
        self.held[index] = max(self.held[index], goal - self.first[index])
        if index == len(self.segment.steps) - 1:
            self._keep_distance(made, goal)
        for tensor in step.inputs:
            if tensor < len(self.segment.steps) and self.readers[tensor][-1] == index:
                self._release(tensor)

    def _release(self, tensor: int) -> None:
        """Forget the rows that nobody needs any more."""
        made = self.end[tensor]
        first = min(
            self.segment.steps[i].first_needed(self.end[i], made) for i in self.readers[tensor]
        )
        if first > self.first[tensor]:
            rows = made - first
            self.moved_bytes += rows * self.segment.tensor(tensor).row_bytes
            self.first[tensor] = first
        self._note(tensor)

    def _note(self, tensor: int) -> None:
        if tensor < len(self.segment.steps) - 1:
            rows = self.end[tensor] - self.first[tensor]
            self.kept[tensor] = max(self.kept[tensor], rows)

    def _keep_distance(self, made: int, goal: int) -> None:
        """Output rows up to ``goal`` have been written; what of the sources is still needed?"""
        last = len(self.segment.steps) - 1
        written = self.segment.steps[last].output.written(goal)
        for number, source in enumerate(self.segment.sources):
            needed = source.rows
            for reader in self.readers[len(self.segment.steps) + number]:
                # The last step itself writes before it has read all of this strip.
                done = made if reader == last else self.end[reader]
                needed = min(needed, self.segment.steps[reader].first_needed(done, source.rows))
            if needed < source.rows:
                distance = written - needed * source.row_bytes
                self.distances[number] = max(self.distances[number], distance)


def split_evenly(rows: int, strips: int) -> int:
    """Rows a strip where ``rows`` are made in so many strips."""
    return -(-rows // strips)
