"""Which operators can work on strips of rows together, and what a segment of them needs.

A segment may be any consecutive work whose calls take strips, where everything but the last output
stays inside. What it costs and holds follows from its schedule (rows.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from tinyml.compiler.lower.sums_by_rows import SumsByRows, sums_by_rows
from tinyml.compiler.lower.windows import reach
from tinyml.compiler.memory import aligned
from tinyml.compiler.program import Call
from tinyml.compiler.rows import RowStep, RowTensor, Segment
from tinyml.compiler.work import Lowered, Work
from tinyml.graph.ir import DType, Tensor
from tinyml.graph.ops.conv import Convolution
from tinyml.graph.ops.pool import Pool2D

_MOST_ROWS = 32767  # int16_t in firmware/kernels/strips.h
_MOST_TENSORS = 200  # uint8_t there
_READERS = 2  # of a tensor, as there


# Tensors by their roots, steps and sources of a segment.
Steps = tuple[tuple[int, ...], tuple[RowStep, ...], tuple[RowTensor, ...]]


@dataclass(frozen=True)
class Geometry:
    """How rows of a piece of work's output come from those of its inputs."""

    input_rows: int
    output_rows: int
    stride: int = 1
    before: int = 0
    reach: int = 1


@dataclass(frozen=True, eq=False)
class WorkInStrips:
    """Consecutive work as a segment, with the calls for its strips."""

    first: int
    segment: Segment
    calls: tuple[Call, ...]
    tensors: tuple[int, ...]  # roots: of the segment's steps, then of its sources

    @property
    def last(self) -> int:
        """The last piece of work."""
        return self.first + len(self.calls) - 1

    @property
    def output(self) -> int:
        """The tensor that is there afterwards."""
        return self.tensors[len(self.calls) - 1]

    def inner(self) -> list[tuple[int, int, tuple[int, int], int]]:
        """Tensors between: root, bytes, steps of the program with all of them, bytes kept."""
        found = []
        schedule = self.segment.schedule
        for index in range(len(self.calls) - 1):
            row = self.segment.steps[index].output.row_bytes
            busy = (self.first + index, self.first + self.segment.readers(index)[-1])
            held, kept = schedule.held[index] * row, schedule.kept[index] * row
            found.append((self.tensors[index], held, busy, kept))
        return found

    def inner_overlaps(self, index: int) -> tuple[dict[int, int], set[int]]:
        """Which inputs of a step its output may overlap: distances by position, same places."""
        schedule, step, call = self.segment.schedule, self.segment.steps[index], self.calls[index]
        if index == len(self.calls) - 1:
            return {}, set()
        kept = schedule.kept[index] * step.output.row_bytes
        used_up = {
            position
            for position, tensor in enumerate(step.inputs)
            if tensor < len(self.calls)
            and schedule.kept[tensor] == 0
            and self.segment.readers(tensor)[-1] == index
        }
        distances = {at: d + kept for at, d in call.overlaps.items() if at in used_up}
        return distances, {at for at in call.in_place if at in used_up and kept == 0}


def with_sums_by_rows(lowered: Lowered) -> Lowered:
    """Means over whole images in two pieces of work, of which the first can take strips."""
    tensors = list(lowered.graph.tensors)
    work: list[Work] = []
    for piece in lowered.work:
        halves = sums_by_rows(piece.prepared)
        if halves is None:
            work.append(piece)
            continue
        name = f"sums of {tensors[piece.inputs[0]].name}"
        sums = Tensor(len(tensors), name, (1, halves.channels), DType.INT32, None, None)
        tensors.append(sums)
        work.append(Work(piece.op, halves, halves.add, piece.inputs, (sums.index,)))
        work.append(Work(piece.op, piece.prepared, halves.finish, (sums.index,), piece.outputs))
    graph = replace(lowered.graph, tensors=tuple(tensors))
    return replace(lowered, graph=graph, work=tuple(work))


@dataclass(frozen=True, eq=False)
class Candidates:
    """Makes segments of a lowered graph."""

    lowered: Lowered
    _calls: dict[tuple[int, int], Call] = field(default_factory=dict)
    _steps: dict[tuple[int, int], Steps | None] = field(default_factory=dict)

    @cached_property
    def geometries(self) -> tuple[Geometry | None, ...]:
        """Of each piece of work; None where it takes no strips."""
        return tuple(self._geometry(work) for work in self.lowered.work)

    @cached_property
    def makers(self) -> Mapping[int, list[int]]:
        """Tensor -> work that writes it."""
        made: dict[int, list[int]] = {}
        for index, work in enumerate(self.lowered.work):
            for tensor in work.outputs:
                made.setdefault(tensor, []).append(index)
        return made

    def in_strips(self, first: int, last: int, first_rows: int, strip_rows: int) -> WorkInStrips:
        """The work ``first`` to ``last``, which has ``steps``, as a segment."""
        steps = self.steps(first, last)
        assert steps is not None
        tensors, row_steps, sources = steps
        segment = Segment(row_steps, sources, first_rows, strip_rows)
        calls = tuple(
            self._strip_call(first + index, rows)
            for index, rows in enumerate(segment.schedule.strips)
        )
        return WorkInStrips(first, segment, calls, tensors)

    def steps(self, first: int, last: int) -> Steps | None:
        """The work from ``first`` to ``last`` as steps of a segment; None if it cannot be one."""
        if (first, last) not in self._steps:
            self._steps[first, last] = self._found_steps(first, last)
        return self._steps[first, last]

    def _found_steps(self, first: int, last: int) -> Steps | None:
        pieces = self.lowered.work[first : last + 1]
        geometries = self.geometries[first : last + 1]
        inner = [piece.outputs[0] for piece in pieces]
        numbers = {tensor: number for number, tensor in enumerate(inner)}
        rows = {}
        steps: list[RowStep] = []
        sources: list[RowTensor] = []
        for index, (piece, geometry) in enumerate(zip(pieces, geometries, strict=True)):
            if geometry is None:
                return None
            roots = [self.lowered.root(tensor) for tensor in piece.inputs]
            for root in roots:
                if root not in numbers:
                    numbers[root] = len(pieces) + len(sources)
                    sources.append(self._rows(root, geometry.input_rows))
                    rows[root] = geometry.input_rows
                if rows.get(root) != geometry.input_rows:
                    return None
            rows[inner[index]] = geometry.output_rows
            steps.append(
                RowStep(
                    tuple(numbers[root] for root in roots),
                    self._rows(inner[index], geometry.output_rows),
                    geometry.stride,
                    geometry.before,
                    geometry.reach,
                )
            )
        if not self._closed(first, last, inner) or len(numbers) > _MOST_TENSORS:
            return None
        return tuple(numbers), tuple(steps), tuple(sources)

    def _closed(self, first: int, last: int, inner: list[int]) -> bool:
        """Whether only the last output is read outside, and few steps read each tensor."""
        for index, tensor in enumerate(inner[:-1]):
            _, end = self.lowered.lives[tensor]
            readers = [
                reader
                for reader in range(first, last + 1)
                if tensor in map(self.lowered.root, self.lowered.work[reader].inputs)
            ]
            if end > last or not 1 <= len(readers) <= _READERS or readers[0] <= first + index:
                return False
        return all(len(self.makers[tensor]) == 1 for tensor in inner)

    def _rows(self, tensor: int, rows: int) -> RowTensor:
        size = self.lowered.graph.tensor(tensor).bytes
        if isinstance(self._maker(tensor), SumsByRows):
            return RowTensor(rows, 0, size)
        return RowTensor(rows, size // rows)

    def _maker(self, tensor: int) -> object:
        made = self.makers.get(tensor)
        return self.lowered.work[made[0]].prepared if made else None

    def _strip_call(self, index: int, rows: int) -> Call:
        key = (index, rows)
        if key not in self._calls:
            strips = self.lowered.work[index].call.strips
            assert strips is not None
            made = strips.call(rows)
            self._calls[key] = made if made.strips else replace(made, strips=strips)
        return self._calls[key]

    def _geometry(self, work: Work) -> Geometry | None:
        graph, prepared = self.lowered.graph, work.prepared
        fits = work.call.strips and len(work.outputs) == 1 and not work.updates
        if not fits or not all(self.lowered.in_arena(tensor) for tensor in work.inputs):
            return None
        if isinstance(prepared, SumsByRows):
            return Geometry(prepared.rows, prepared.rows)
        if isinstance(prepared, (Convolution, Pool2D)):
            window = prepared.window
            if (
                prepared.batches > 1
                or max(window.input[0], window.stride[0], reach(window)) > _MOST_ROWS
            ):
                return None
            return Geometry(
                window.input[0], window.output[0], window.stride[0], window.before[0], reach(window)
            )
        rows = graph.tensor(work.outputs[0]).shape[1]
        return Geometry(rows, rows) if rows <= _MOST_ROWS else None


def peak_bytes(lowered: Lowered, in_strips: WorkInStrips) -> int:
    """The most bytes alive in a segment's steps, other tensors of the program included."""
    own = set(in_strips.tensors[: len(in_strips.calls) - 1])
    outside = sum(
        aligned(lowered.graph.tensor(tensor).bytes)
        for tensor, (first, last) in lowered.lives.items()
        if tensor not in own and first <= in_strips.last and in_strips.first <= last
    )
    outside -= _saved(lowered, in_strips)
    inner = in_strips.inner()
    most = 0
    for index, call in enumerate(in_strips.calls):
        now = in_strips.first + index
        alive = sum(
            aligned(held if busy[0] <= now <= busy[1] else kept) for _, held, busy, kept in inner
        )
        distances, places = in_strips.inner_overlaps(index)
        step = in_strips.segment.steps[index]
        saved = 0
        for at, distance in {**distances, **dict.fromkeys(places, 0)}.items():
            source, output = inner[step.inputs[at]][1], inner[index][1]
            saved = max(saved, source + output - max(output, distance + source))
        most = max(most, alive + aligned(call.scratch_bytes) - saved)
    return outside + most


def _saved(lowered: Lowered, in_strips: WorkInStrips) -> int:
    """Bytes that the segment's output has in common with a source that it uses up."""
    output = lowered.graph.tensor(in_strips.output).bytes
    saved = 0
    for number, distance in enumerate(in_strips.segment.schedule.distances):
        source = in_strips.tensors[len(in_strips.calls) + number]
        if lowered.lives[source][1] <= in_strips.last:
            size = lowered.graph.tensor(source).bytes
            saved = max(saved, size + output - max(output, distance + size))
    return saved
