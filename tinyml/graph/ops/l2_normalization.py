"""L2_NORMALIZATION, int8.

Source: TFLite's reference_integer_ops/l2normalization.h.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from tinyml.graph.fixed_point import (
    Int64,
    inverse_square_root,
    multiply_by_quantized_multiplier,
)
from tinyml.graph.ir import Array, DType, Graph, Operator
from tinyml.graph.ops.base import (
    require,
    require_dtype,
    require_same_dtype,
    require_shape,
    rows_of,
)
from tinyml.graph.ops.facts import ACTIVATION, Facts, Tflm
from tinyml.graph.ops.registry import operator

_DEEPEST: Final = (2**31 - 1) // (255 * 255)
_OUTPUT_SHIFT: Final = 7  # the output's scale is 1/128


@dataclass(frozen=True)
class L2Normalization:
    """Rows along the last axis, each divided by its length."""

    rows: int
    depth: int
    zero_point: int
    output_shape: tuple[int, ...]
    macs: int = 0

    def evaluate(self, *inputs: Array) -> tuple[Array, ...]:
        """One output, int8."""
        rows = inputs[0].reshape(self.rows, self.depth).astype(np.int64) - self.zero_point
        found = np.stack([self._row(row) for row in rows])
        return (found.astype(np.int8).reshape(self.output_shape),)

    @staticmethod
    def _row(row: Int64) -> Int64:
        inverse, down = inverse_square_root(int((row * row).sum()))
        scaled = multiply_by_quantized_multiplier(row, inverse, _OUTPUT_SHIFT - down)
        clipped: Int64 = np.clip(scaled, -128, 127)
        return clipped


@operator(
    L2_NORMALIZATION=Facts(
        options=(ACTIVATION,), tflm=Tflm("L2Normalization", 4, 4, 4, short_options=1), litert=True
    ),
)
def prepare_l2_normalization(graph: Graph, op: Operator) -> L2Normalization:
    """Check an L2_NORMALIZATION."""
    source, output = graph.input_of(op, 0), graph.output_of(op)
    require_dtype(op, source, (DType.INT8,))
    require_same_dtype(op, source, output)
    require_shape(op, output, source.shape)
    require(op, op.integer("activation") == 0, "a fused activation is not supported")
    target = output.quantized
    fits = float(target.scale) == 1 / 128 and target.zero_point == 0
    require(op, fits, "its output must have the scale 1/128 and the zero point 0")
    rows, depth = rows_of(op, source)
    require(op, depth <= _DEEPEST, f"rows of more than {_DEEPEST} elements are not supported")
    return L2Normalization(rows, depth, source.quantized.zero_point, output.shape)
