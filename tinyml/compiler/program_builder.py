"""From calls on tensors to a program of steps on buffers, some of them in segments of strips."""

from __future__ import annotations

from collections.abc import Sequence

from tinyml.compiler.lower.sums_by_rows import SumsByRows
from tinyml.compiler.program import (
    Buffer,
    Constant,
    Operand,
    PlacedSegment,
    Program,
    Step,
)
from tinyml.compiler.strips import WorkInStrips
from tinyml.compiler.work import Lowered, Work


def build_program(lowered: Lowered, in_strips: Sequence[WorkInStrips] = ()) -> Program:
    """The program, with these disjoint parts of the work as segments."""
    return _Builder(lowered, in_strips).program()


class _Builder:
    def __init__(self, lowered: Lowered, in_strips: Sequence[WorkInStrips]) -> None:
        self.lowered = lowered
        self.in_strips = sorted(in_strips, key=lambda part: part.first)
        self.part_of = {
            index: part for part in self.in_strips for index in range(part.first, part.last + 1)
        }
        self.last_maker = {
            tensor: index for index, work in enumerate(lowered.work) for tensor in work.outputs
        }
        lives = lowered.lives
        self.numbers = {tensor: number for number, tensor in enumerate(lives)}
        self.buffers = [
            Buffer(number, lowered.graph.tensor(tensor).bytes, first, last,
                   lowered.graph.tensor(tensor).name)
            for number, (tensor, (first, last)) in enumerate(lives.items())
        ]  # fmt: skip
        self.overlaps: dict[tuple[int, int], int] = {}
        self.in_place: set[tuple[int, int]] = set()

    def program(self) -> Program:
        for part in self.in_strips:
            self._in_rows(part)
        steps = [self._step(index, work) for index, work in enumerate(self.lowered.work)]
        lowered = self.lowered
        inner = {tensor for part in self.in_strips for tensor, *_ in part.inner()}
        placed = {
            tensor.index: self.numbers[root]
            for tensor in lowered.graph.tensors
            if (root := lowered.root(tensor.index)) in self.numbers and root not in inner
        }
        segments = tuple(
            PlacedSegment(
                part.first, part.segment,
                tuple(self.numbers[tensor] for tensor in part.tensors[len(part.calls) :]),
            )
            for part in self.in_strips
        )  # fmt: skip
        return Program(
            tuple(steps),
            tuple(self.buffers),
            placed,
            self.overlaps,
            frozenset(self.in_place),
            lowered.variables,
            lowered.state_bytes,
            segments,
        )

    def _in_rows(self, part: WorkInStrips) -> None:
        """Lives and overlaps of a segment's tensors."""
        first, last = part.first, part.last
        for tensor, held, busy, kept in part.inner():
            number, role = self.numbers[tensor], f"rows of {self._name(tensor)}"
            if kept > 0:
                self.buffers[number] = Buffer(number, held, first, last, role, busy, kept)
            else:
                self.buffers[number] = Buffer(number, held, *busy, role)
        output = self.numbers[part.output]
        self._lives(output, first, self.buffers[output].last)
        for source, distance in zip(
            part.tensors[len(part.calls) :], part.segment.schedule.distances, strict=True
        ):
            number = self.numbers[source]
            if self.lowered.lives[source][1] <= last:
                self._lives(number, self.buffers[number].first, last)
                self.overlaps[number, output] = distance
        for index in range(len(part.calls)):
            distances, places = part.inner_overlaps(index)
            inputs = part.segment.steps[index].inputs
            made = self.numbers[part.tensors[index]]
            for at, distance in distances.items():
                self.overlaps[self.numbers[part.tensors[inputs[at]]], made] = distance
            self.in_place |= {(self.numbers[part.tensors[inputs[at]]], made) for at in places}

    def _name(self, tensor: int) -> str:
        return self.lowered.graph.tensor(tensor).name

    def _lives(self, number: int, first: int, last: int) -> None:
        old = self.buffers[number]
        self.buffers[number] = Buffer(number, old.bytes, first, last, old.role)

    def _step(self, index: int, work: Work) -> Step:
        part = self.part_of.get(index)
        call = part.calls[index - part.first] if part else work.call
        scratch = None
        if call.scratch_bytes:
            scratch = len(self.buffers)
            role = f"scratch of step {index}"
            self.buffers.append(Buffer(scratch, call.scratch_bytes, index, index, role))
        lowered = self.lowered
        # Sums that grow by rows are no tensor of the model.
        made = set() if isinstance(work.prepared, SumsByRows) else set(work.outputs)
        # Of several calls that write one tensor, each its part, the last one completes it.
        complete = {tensor for tensor in made if self.last_maker[tensor] == index}
        if part is None:  # strips of rows have the shape of the step's own output
            complete.update(new for new, root in lowered.alias.items() if root in complete)
        step = Step(
            index=index,
            operator=work.op.index if work.op else -1,
            op=work.op.name if work.op else "COPY",
            call=call,
            inputs=tuple(self._operand(tensor) for tensor in work.inputs),
            outputs=tuple(self._in_arena(tensor) for tensor in work.outputs),
            updates=tuple(self._operand(tensor) for tensor in work.updates),
            scratch=scratch,
            macs=work.prepared.macs if work.prepared else 0,
            tensors=tuple(sorted(complete)),
        )
        if part is None:
            used_up = _used_up(step, self.buffers)
            self.overlaps.update(
                (used_up[position], distance)
                for position, distance in call.overlaps.items()
                if position in used_up
            )
            self.in_place.update(used_up[at] for at in call.in_place if at in used_up)
        return step

    def _operand(self, tensor: int) -> Operand:
        described = self.lowered.graph.tensor(tensor)
        if tensor in self.lowered.variables:
            place = self.lowered.variables[tensor]
            return Operand(place, described.dtype, described.elements)
        if tensor not in self.lowered.constants:
            return self._in_arena(tensor)
        data = Constant(self.lowered.constants[tensor])
        return Operand(data, described.dtype, described.elements)

    def _in_arena(self, tensor: int) -> Operand:
        described = self.lowered.graph.tensor(tensor)
        number = self.numbers[self.lowered.root(tensor)]
        return Operand(number, described.dtype, described.elements)


def _used_up(step: Step, buffers: list[Buffer]) -> dict[int, tuple[int, int]]:
    """Inputs that are not read after this step -> their buffer and the first output's."""
    output = step.outputs[0].place if step.outputs else None
    if not isinstance(output, int):
        return {}
    return {
        position: (operand.place, output)
        for position, operand in enumerate(step.inputs)
        if isinstance(operand.place, int) and buffers[operand.place].last == step.index
    }
