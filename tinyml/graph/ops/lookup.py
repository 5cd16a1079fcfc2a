"""Operators on single int8 elements: whatever they compute, it is a table of 256 elements."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tinyml.graph.fixed_point import Int64
from tinyml.graph.ir import Array, DType, Graph, Operator
from tinyml.graph.ops.base import require_dtype, require_shape


@dataclass(frozen=True)
class Lookup:
    """One element of the output from one int8 element of the input."""

    table: npt.NDArray[np.int8]  # [256], for inputs -128 .. 127
    output_shape: tuple[int, ...]
    macs: int = 0

    def evaluate(self, *inputs: Array) -> tuple[Array, ...]:
        """One output, in ``output_shape``."""
        return (self.table[inputs[0].astype(np.int64) + 128],)


def every_int8() -> Int64:
    """-128 .. 127, in int64: what a table is made from."""
    return np.arange(-128, 128, dtype=np.int64)


def prepare_lookup(graph: Graph, op: Operator, values: Int64) -> Lookup:
    """A lookup of ``values`` [256], which are int8 elements."""
    source, output = graph.input_of(op, 0), graph.output_of(op)
    require_dtype(op, output, (DType.INT8,))
    require_shape(op, output, source.shape)
    return Lookup(values.astype(np.int8), output.shape)
