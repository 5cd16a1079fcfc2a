"""From a graph to a program: constants folded, shapes dissolved, every operator a kernel call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tinyml.boards import Core
from tinyml.compiler.lower import lower
from tinyml.compiler.lower.variables import copy_call
from tinyml.compiler.memory import aligned
from tinyml.compiler.program import Buffer, Call, Constant, Kept, Operand, Program, Step
from tinyml.errors import UnsupportedModelError
from tinyml.graph.ir import Array, Graph, Operator
from tinyml.graph.ops import Prepared, prepare
from tinyml.graph.ops.shape import Known, Reshape

# Kernels that have been shown to be right where C's int has 16 bits.
_TESTED_ON_AVR: Final = frozenset(
    {
        "binary.c", "conv_2d.c", "copy.c", "depthwise_conv_2d.c", "fully_connected.c", "lookup.c",
        "pool_2d.c", "softmax.c",
    }
)  # fmt: skip


@dataclass(frozen=True)
class _Work:
    """An operator that has to run on the device."""

    op: Operator | None  # None for a copy into an output of the graph
    prepared: Prepared | None
    call: Call
    inputs: tuple[int, ...]  # tensors
    outputs: tuple[int, ...]
    updates: tuple[int, ...] = ()


def lower_graph(graph: Graph, core: Core) -> Program:
    """A program for this core.

    Raises UnsupportedModelError for an operator that this engine does not run.
    """
    return _Lowering(graph, core).program()


class _Lowering:
    def __init__(self, graph: Graph, core: Core) -> None:
        self.graph = graph
        self.features = core.features
        self.architecture = core.architecture
        self.constants: dict[int, Array] = {
            tensor.index: tensor.data for tensor in graph.tensors if tensor.data is not None
        }
        self.variables, self.state_bytes = _placed_variables(graph)
        self.alias: dict[int, int] = {}  # tensor -> the tensor whose elements it shares
        self.work: list[_Work] = []

    def program(self) -> Program:
        needed = self._needed()
        for op in self.graph.operators:
            if needed.intersection((*op.outputs, *op.updates)):
                self._visit(op)
        for index in dict.fromkeys(self.graph.outputs):
            if index in self.constants or index in self.variables:
                self._copy_out(index)
        return self._program()

    def _needed(self) -> set[int]:
        """Tensors that the outputs depend on, by way of variables also from earlier inferences."""
        needed = set(self.graph.outputs)
        before = 0
        while len(needed) > before:
            before = len(needed)
            for op in reversed(self.graph.operators):
                if needed.intersection((*op.outputs, *op.updates)):
                    needed.update(op.inputs)
        return needed

    def _visit(self, op: Operator) -> None:
        prepared = prepare(self.graph, op)
        given = [index for index in op.inputs if index >= 0]
        if isinstance(prepared, Reshape):
            given = given[:1]  # the shape is known, whether or not it is computed, too
        if isinstance(prepared, Known):
            self.constants[op.outputs[0]] = prepared.elements
        elif not op.updates and all(index in self.constants for index in given):
            values = prepared.evaluate(*(self.constants[index] for index in given))
            self.constants.update(zip(op.outputs, values, strict=True))
        elif isinstance(prepared, Reshape) and self._in_buffer(given[0]):
            self.alias[op.outputs[0]] = self.alias.get(given[0], given[0])
        else:
            self.work += self._lowered(op, prepared)

    def _in_buffer(self, tensor: int) -> bool:
        return tensor not in self.constants and tensor not in self.variables

    def _lowered(self, op: Operator, prepared: Prepared) -> list[_Work]:
        try:
            calls = lower(prepared, self.features)
            for call in calls:
                self._require_tested(call)
        except UnsupportedModelError as error:
            raise UnsupportedModelError(f"{op.where}: {error}") from error
        return [
            _Work(
                op,
                prepared,
                call,
                tuple(op.inputs[position] for position in call.inputs),
                tuple(op.outputs[position] for position in call.outputs),
                tuple(op.updates[position] for position in call.updates),
            )
            for call in calls
        ]

    def _require_tested(self, call: Call) -> None:
        if self.architecture == "avr" and call.source not in _TESTED_ON_AVR:
            raise UnsupportedModelError(
                "8-bit boards run dense and convolution layers, pooling, addition, reshapes,"
                " element-wise functions and softmax, but not this one; take a 32-bit board"
            )

    def _copy_out(self, index: int) -> None:
        call = copy_call(self.graph.tensor(index).bytes)
        self.work.append(_Work(None, None, call, (index,), (index,)))

    def _root(self, tensor: int) -> int:
        return self.alias.get(tensor, tensor)

    def _program(self) -> Program:
        lives = self._lives()
        numbers = {tensor: number for number, tensor in enumerate(lives)}
        buffers = [
            Buffer(numbers[tensor], self.graph.tensor(tensor).bytes, first, last,
                   self.graph.tensor(tensor).name)
            for tensor, (first, last) in lives.items()
        ]  # fmt: skip
        steps: list[Step] = []
        overlaps: dict[tuple[int, int], int] = {}
        in_place: set[tuple[int, int]] = set()
        for index, work in enumerate(self.work):
            scratch = None
            if work.call.scratch_bytes:
                scratch = len(buffers)
                role = f"scratch of step {index}"
                buffers.append(Buffer(scratch, work.call.scratch_bytes, index, index, role))
            step = self._step(index, work, numbers, scratch)
            steps.append(step)
            used_up = _used_up(step, buffers)
            overlaps.update(
                (used_up[position], distance)
                for position, distance in step.call.overlaps.items()
                if position in used_up
            )
            in_place.update(used_up[at] for at in step.call.in_place if at in used_up)
        placed = {
            tensor.index: numbers[self._root(tensor.index)]
            for tensor in self.graph.tensors
            if self._root(tensor.index) in numbers
        }
        return Program(
            tuple(steps),
            tuple(buffers),
            placed,
            overlaps,
            frozenset(in_place),
            self.variables,
            self.state_bytes,
        )

    def _lives(self) -> dict[int, tuple[int, int]]:
        """First and last step of every tensor that lies in the arena, by its root."""
        lives: dict[int, tuple[int, int]] = dict.fromkeys(self.graph.inputs, (-1, -1))
        for index, work in enumerate(self.work):
            for tensor in work.inputs:
                root = self._root(tensor)
                if root in lives:
                    lives[root] = (lives[root][0], index)
            for tensor in work.outputs:
                # Several calls may write one tensor, each its part.
                lives[tensor] = (lives.get(tensor, (index, index))[0], index)
        for tensor in self.graph.outputs:
            root = self._root(tensor)
            lives[root] = (lives[root][0], len(self.work))
        return lives

    def _step(self, index: int, work: _Work, numbers: dict[int, int], scratch: int | None) -> Step:
        written = tuple(self._in_arena(tensor, numbers) for tensor in work.outputs)
        read = tuple(self._operand(tensor, numbers) for tensor in work.inputs)
        complete = set(work.outputs)
        complete.update(new for new, root in self.alias.items() if root in work.outputs)
        return Step(
            index=index,
            operator=work.op.index if work.op else len(self.graph.operators),
            op=work.op.name if work.op else "COPY",
            call=work.call,
            inputs=read,
            outputs=written,
            updates=tuple(self._operand(tensor, numbers) for tensor in work.updates),
            scratch=scratch,
            macs=work.prepared.macs if work.prepared else 0,
            tensors=tuple(sorted(complete)),
        )

    def _operand(self, tensor: int, numbers: dict[int, int]) -> Operand:
        described = self.graph.tensor(tensor)
        if tensor in self.variables:
            return Operand(self.variables[tensor], described.dtype, described.elements)
        if tensor not in self.constants:
            return self._in_arena(tensor, numbers)
        return Operand(Constant(self.constants[tensor]), described.dtype, described.elements)

    def _in_arena(self, tensor: int, numbers: dict[int, int]) -> Operand:
        described = self.graph.tensor(tensor)
        return Operand(numbers[self._root(tensor)], described.dtype, described.elements)


def _placed_variables(graph: Graph) -> tuple[dict[int, Kept], int]:
    """Where each variable lies in the state, and the state's bytes."""
    places: dict[int, Kept] = {}
    offset = 0
    for tensor in graph.tensors:
        if tensor.is_variable:
            places[tensor.index] = Kept(offset)
            offset += aligned(tensor.bytes)
    return places, offset


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
