"""From a graph to calls: reshapes dissolved, every other operator some kernel calls."""

from __future__ import annotations

from tinyml.boards import Core
from tinyml.compiler.lower import lower
from tinyml.compiler.lower.base import TESTED_ON_AVR
from tinyml.compiler.lower.variables import copy_call
from tinyml.compiler.memory import aligned
from tinyml.compiler.program import Call, Kept
from tinyml.compiler.work import Lowered, Work
from tinyml.errors import UnsupportedModelError
from tinyml.graph.ir import Array, Graph, Operator
from tinyml.graph.ops import Prepared, prepare
from tinyml.graph.ops.shape import Reshape


def lower_graph(graph: Graph, core: Core) -> Lowered:
    """All that has to run on this core.

    Raises UnsupportedModelError for an operator that this engine does not run.
    """
    return _Calls(graph, core).lowered()


class _Calls:
    def __init__(self, graph: Graph, core: Core) -> None:
        self.graph = graph
        self.features = core.features
        self.architecture = core.architecture
        self.constants: dict[int, Array] = {
            tensor.index: tensor.data for tensor in graph.tensors if tensor.data is not None
        }
        self.variables, self.state_bytes = _placed_variables(graph)
        self.alias: dict[int, int] = {}  # tensor -> the tensor whose elements it shares
        self.work: list[Work] = []

    def lowered(self) -> Lowered:
        for op in self.graph.operators:
            self._visit(op)
        for index in dict.fromkeys(self.graph.outputs):
            if index in self.constants or index in self.variables:
                self._copy_out(index)
        return Lowered(
            self.graph,
            tuple(self.work),
            self.constants,
            self.alias,
            self.variables,
            self.state_bytes,
        )

    def _visit(self, op: Operator) -> None:
        prepared = prepare(self.graph, op)
        if isinstance(prepared, Reshape):
            self.alias[op.outputs[0]] = self.alias.get(op.inputs[0], op.inputs[0])
        else:
            self.work += self._lowered(op, prepared)

    def _lowered(self, op: Operator, prepared: Prepared) -> list[Work]:
        try:
            calls = lower(prepared, self.features)
            for call in calls:
                self._require_tested(call)
        except UnsupportedModelError as error:
            raise UnsupportedModelError(f"{op.where}: {error}") from error
        return [
            Work(
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
        if self.architecture == "avr" and call.source not in TESTED_ON_AVR:
            raise UnsupportedModelError(
                "8-bit boards run dense and convolution layers, pooling, addition, reshapes,"
                " element-wise functions and softmax, but not this one; take a 32-bit board"
            )

    def _copy_out(self, index: int) -> None:
        call = copy_call(self.graph.tensor(index).bytes)
        self.work.append(Work(None, None, call, (index,), (index,)))


def _placed_variables(graph: Graph) -> tuple[dict[int, Kept], int]:
    """Where each variable lies in the state, and the state's bytes."""
    places: dict[int, Kept] = {}
    offset = 0
    for tensor in graph.tensors:
        if tensor.is_variable:
            places[tensor.index] = Kept(offset)
            offset += aligned(tensor.bytes)
    return places, offset
