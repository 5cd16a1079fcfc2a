"""Operators that only say how the same elements are to be read."""

from __future__ import annotations

from dataclasses import dataclass

from tinyml.graph.ir import Array, Graph, Operator
from tinyml.graph.ops.base import operator, require, require_same_dtype


@dataclass(frozen=True)
class Reshape:
    """The same elements in another shape."""

    output_shape: tuple[int, ...]
    macs: int = 0

    def evaluate(self, *inputs: Array) -> tuple[Array, ...]:
        """One output, in ``output_shape``."""
        return (inputs[0].reshape(self.output_shape),)


@operator("RESHAPE", "SQUEEZE", "EXPAND_DIMS")
def prepare_reshape(graph: Graph, op: Operator) -> Reshape:
    """Check a reshape: the output's static shape says all, the other inputs nothing new."""
    source, output = graph.input_of(op, 0), graph.output_of(op)
    require_same_dtype(op, source, output)
    require(op, source.elements == output.elements, "its output has another number of elements")
    return Reshape(output.shape)
