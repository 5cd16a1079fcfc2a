"""Operators that change no element: those that change no shape either are removed, others reshape.

A RESHAPE costs nothing, for its output lies where its input lies. A transposition of dimensions of
one element, a slice of everything, a concatenation of one piece, a padding of nothing are copies,
unless they become one. A ReLU after a tensor whose zero point is its lowest element does nothing.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tinyml.compiler.passes.rewriting import Rewritten, counted, same_quantization
from tinyml.graph.ir import Graph, Operator
from tinyml.graph.ops import prepare
from tinyml.graph.ops.lookup import Lookup, every_int8
from tinyml.graph.ops.rearrange import Rearrange, RearrangeMany
from tinyml.graph.ops.shape import Reshape


def remove_no_ops(graph: Graph) -> Rewritten:
    """The graph without them."""
    removal = _Removal(graph)
    for op in graph.operators:
        removal.visit(op)
    return removal.rewritten()


def _unchanged_input(graph: Graph, op: Operator) -> int | None:
    """The tensor whose elements are those of the only output, in their order."""
    prepared = prepare(graph, op)
    position = 0
    if isinstance(prepared, RearrangeMany) and len(prepared.parts) == 1:
        position, prepared = prepared.source, prepared.parts[0]
    if isinstance(prepared, Rearrange):
        elements = sum(prepared.input_elements)
        same = len(prepared.input_elements) == 1 and np.array_equal(
            prepared.places.ravel(), np.arange(elements)
        )
    elif isinstance(prepared, Lookup):
        same = np.array_equal(prepared.table, every_int8())
    else:
        same = isinstance(prepared, Reshape)
    if not same:
        return None
    source, output = graph.tensor(op.inputs[position]), graph.output_of(op)
    # Only what lies in the arena can be another tensor's place.
    fits = same_quantization(source, output) and source.data is None
    return source.index if fits else None


class _Removal:
    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.stands_for: dict[int, int] = {}  # tensor -> the one that takes its place
        self.operators: list[Operator] = []
        self.removed = 0
        self.reshapes = 0

    def visit(self, op: Operator) -> None:
        source = _unchanged_input(self.graph, op)
        if source is None:
            self.operators.append(op)
            return
        output = self.graph.output_of(op)
        if self.graph.tensor(source).shape == output.shape and self._joined(source, output.index):
            self.removed += 1
            return
        if op.name != "RESHAPE":
            self.reshapes += 1
            op = replace(op, name="RESHAPE", inputs=(source,), options={})
        self.operators.append(op)

    def _joined(self, source: int, output: int) -> bool:
        """Make both one tensor, of which an output of the graph keeps its own."""
        source = self._root(source)
        if output not in self.graph.outputs:
            self.stands_for[output] = source
            return True
        computed = any(source in op.outputs for op in self.operators)
        if not computed or source in self.graph.outputs:
            return False
        self.stands_for[source] = output
        return True

    def _root(self, index: int) -> int:
        while index in self.stands_for:
            index = self.stands_for[index]
        return index

    def rewritten(self) -> Rewritten:
        if not self.removed and not self.reshapes:
            return Rewritten(self.graph)
        operators = tuple(
            replace(
                op,
                inputs=tuple(self._root(index) for index in op.inputs),
                outputs=tuple(self._root(index) for index in op.outputs),
            )
            for op in self.operators
        )
        did = [f"{counted(self.removed, 'operator')} removed"] if self.removed else []
        if self.reshapes:
            did.append(f"{counted(self.reshapes, 'copy', 'copies')} turned into reshapes")
        return Rewritten(replace(self.graph, operators=operators), ", ".join(did))
