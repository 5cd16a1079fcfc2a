"""LOG_SOFTMAX, int8.

Source: TFLite's reference/log_softmax.h; parameters as in TFLite Micro's log_softmax.cc.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from tinyml.graph.fixed_point import (
    INT32_MIN,
    Int64,
    log_of_sum,
    multiply_by_quantized_multiplier,
    quantize_multiplier,
    rescale,
    rounding_shift_right,
)
from tinyml.graph.ir import Array, DType, Graph, Operator
from tinyml.graph.ops.base import (
    require,
    require_dtype,
    require_same_dtype,
    require_shape,
    rows_of,
)
from tinyml.graph.ops.facts import Facts, Tflm
from tinyml.graph.ops.registry import operator
from tinyml.graph.ops.softmax import ACCUMULATOR_INTEGER_BITS, Differences

_OUTPUT_SHIFT: Final = 22  # Q5.26 to the output's scale of 1/16


@dataclass(frozen=True)
class LogSoftmax:
    """Over the last axis of an int8 tensor."""

    rows: int
    depth: int
    differences: Differences
    reverse: tuple[int, int]  # from Q5.26 back to differences
    output_shape: tuple[int, ...]
    macs: int = 0

    def exponentials(self) -> Int64:
        """Q12.19, [256], indexed by minus the difference from the row's maximum."""
        return rescale(self.differences.exponentials(), 0, ACCUMULATOR_INTEGER_BITS)

    def evaluate(self, *inputs: Array) -> tuple[Array, ...]:
        """One output, int8."""
        rows = inputs[0].reshape(self.rows, self.depth).astype(np.int64)
        found = np.stack([self._row(row) for row in rows])
        return (found.astype(np.int8).reshape(self.output_shape),)

    def _row(self, row: Int64) -> Int64:
        index = row.max() - row
        log_sum = log_of_sum(int(self.exponentials()[index].sum()))
        lowest = int(multiply_by_quantized_multiplier(np.array(log_sum + INT32_MIN), *self.reverse))
        lowest = max(self.differences.lowest - 1, lowest)
        scaled = self.differences.scaled()[index] - log_sum
        found = np.clip(rounding_shift_right(scaled, _OUTPUT_SHIFT) + 127, -128, 127)
        return np.where(-index > lowest, found, -128)


@operator(LOG_SOFTMAX=Facts(tflm=Tflm("LogSoftmax", 0, 28, 40), litert=True))
def prepare_log_softmax(graph: Graph, op: Operator) -> LogSoftmax:
    """Check a LOG_SOFTMAX."""
    source, output = graph.input_of(op, 0), graph.output_of(op)
    require_dtype(op, source, (DType.INT8,))
    require_same_dtype(op, source, output)
    require_shape(op, output, source.shape)
    target = output.quantized
    fits = float(target.scale) == 16 / 256 and target.zero_point == 127
    require(op, fits, "its output must have the scale 1/16 and the zero point 127")
    differences = Differences.of(op, float(source.quantized.scale))
    rows, depth = rows_of(op, source)
    real = (1 << (31 - differences.left_shift)) / differences.multiplier
    return LogSoftmax(
        rows=rows,
        depth=depth,
        differences=differences,
        reverse=quantize_multiplier(real),
        output_shape=output.shape,
    )
