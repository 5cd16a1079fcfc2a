"""DIV, int8.

Source: TFLite's reference/div.h; parameters as in TFLite Micro's div.cc. Its quotient by 0 is
undefined; here it is the lowest or the highest element, by the sign of the dividend, and the zero
point for 0 by 0. Its shift by more than 31 bits, for quotients near 0, is undefined, too; here they
are 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from tinyml.graph.fixed_point import (
    Int64,
    high_multiply,
    leading_zeros,
    quantize_multiplier,
    reciprocal,
    rounding_shift_right,
)
from tinyml.graph.ir import Array, DType, Graph, Operator
from tinyml.graph.ops.base import require, require_dtype, require_same_dtype
from tinyml.graph.ops.binary import Result, Shapes, operands, result_of
from tinyml.graph.ops.facts import ACTIVATION, Facts, Tflm
from tinyml.graph.ops.registry import operator

# A shift beyond this would leave no bit; elements have at least 23 bits of headroom.
_HIGHEST_SHIFT: Final = 23


@dataclass(frozen=True)
class Divide:
    """The quotient of both inputs' distances from their zero points."""

    shapes: Shapes
    output_shape: tuple[int, ...]
    zero_points: tuple[int, int]
    result: Result
    macs: int = 0

    def evaluate(self, *inputs: Array) -> tuple[Array, ...]:
        """One output, int8."""
        a, b = (
            values.astype(np.int64) - zero
            for values, zero in zip(inputs, self.zero_points, strict=True)
        )
        dividend, divisor = np.broadcast_arrays(a, b)
        found = self._quotients(np.where(divisor < 0, -dividend, dividend), np.abs(divisor))
        found = np.where(divisor == 0, np.sign(dividend) * 256, found) + self.result.zero_point
        return (np.clip(found, self.result.lowest, self.result.highest).astype(np.int8),)

    def _quotients(self, dividend: Int64, divisor: Int64) -> Int64:
        inverses = [reciprocal(max(value, 1), 31) for value in range(256)]
        scales = np.array([scale for scale, _ in inverses], np.int64)[divisor]
        over_unit = np.array([bits for _, bits in inverses], np.int64)[divisor]
        headroom = _sign_bits(dividend)
        quotient = high_multiply(dividend << headroom, scales)
        right = over_unit + headroom - self.result.shift
        scaled = high_multiply(quotient, self.result.multiplier)
        return np.where(right > 31, 0, rounding_shift_right(scaled, np.minimum(right, 31)))


def _sign_bits(values: Int64) -> Int64:
    """CountLeadingSignBits of 32-bit values within -256 .. 255: copies of the sign behind it."""
    table = [leading_zeros(value) - 1 for value in range(257)]
    magnitude = np.where(values < 0, -values - 1, values)
    found: Int64 = np.array(table, np.int64)[magnitude]
    return found


@operator(
    DIV=Facts(
        inputs=2,
        options=(ACTIVATION,),
        clamps=True,
        tflm=Tflm("Div", 4, 28, 28, short_options=1),
        litert=True,
    ),
)
def prepare_divide(graph: Graph, op: Operator) -> Divide:
    """Check a DIV."""
    first, second, output = operands(graph, op)
    require_dtype(op, first, (DType.INT8,))
    require_same_dtype(op, first, second, output)
    if second.data is not None:
        zero = bool(np.any(second.data == second.quantized.zero_point))
        require(op, not zero, f"its divisor '{second.name}' holds a 0")
    # float32, as TFLite Micro does
    real = first.quantized.scale / (second.quantized.scale * output.quantized.scale)
    require(
        op,
        quantize_multiplier(float(real))[1] <= _HIGHEST_SHIFT,
        "its output scale is too small for its input scales",
    )
    return Divide(
        shapes=(first.shape, second.shape),
        output_shape=output.shape,
        zero_points=(first.quantized.zero_point, second.quantized.zero_point),
        result=result_of(op, float(real), output),
    )
