"""SOFTMAX, int8.

Source: TFLite's reference/softmax.h and PreprocessSoftmaxScaling; gemmlowp's fixed point.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from tinyml.graph.fixed_point import (
    Int64,
    exp_on_negative_values,
    high_multiply,
    quantize_multiplier,
    reciprocal,
    rescale,
    rounding_shift_right,
    wrap_int32,
)
from tinyml.graph.ir import RANGES, Array, DType, Graph, Operator
from tinyml.graph.ops.base import require, require_dtype, require_shape, rows_of
from tinyml.graph.ops.facts import Facts, Tflm
from tinyml.graph.ops.registry import operator
from tinyml.graph.ops.softmax16 import Softmax16, prepare_softmax16

_DIFF_INTEGER_BITS: Final = 5
ACCUMULATOR_INTEGER_BITS: Final = 12


@dataclass(frozen=True)
class Differences:
    """Differences of int8 elements from their row's maximum, 0 .. -255, on a fine scale."""

    multiplier: int
    left_shift: int
    lowest: int  # what lies below counts as nothing

    @classmethod
    def of(cls, op: Operator, scale: float) -> Differences:
        """For a real value of ``scale`` a difference of 1 (PreprocessSoftmaxScaling)."""
        fractional = 1 << (31 - _DIFF_INTEGER_BITS)
        real = min(scale * fractional, float(2**31 - 1))
        require(op, real > 1, "its input scale times beta is too small")
        multiplier, left_shift = quantize_multiplier(real)
        radius = ((1 << _DIFF_INTEGER_BITS) - 1) * fractional / (1 << left_shift)
        return cls(multiplier, left_shift, -math.floor(radius))

    def scaled(self) -> Int64:
        """Q5.26, [256], indexed by minus the difference."""
        differences = -np.arange(256, dtype=np.int64)
        return high_multiply(wrap_int32(differences << self.left_shift), self.multiplier)

    def exponentials(self) -> Int64:
        """exp of every difference, Q0.31, 0 where insignificant; [256], the kernels' table."""
        exp = exp_on_negative_values(self.scaled(), _DIFF_INTEGER_BITS)
        return np.where(-np.arange(256) >= self.lowest, exp, 0)


@dataclass(frozen=True)
class Softmax:
    """Over the last axis of an int8 tensor."""

    rows: int
    depth: int
    differences: Differences
    dtype: DType  # of the output: int8 or int16
    output_shape: tuple[int, ...]
    macs: int = 0

    def evaluate(self, *inputs: Array) -> tuple[Array, ...]:
        """One output, in ``output_shape``."""
        rows = inputs[0].reshape(self.rows, self.depth).astype(np.int64)
        table = self.differences.exponentials()
        result = np.stack([self._row(table, row) for row in rows])
        return (result.reshape(self.output_shape).astype(self.dtype.numpy),)

    def _row(self, table: Int64, row: Int64) -> Int64:
        index = row.max() - row
        exponentials = table[index]
        total = int(rescale(exponentials, 0, ACCUMULATOR_INTEGER_BITS).sum())
        scale, bits_over_unit = reciprocal(total, ACCUMULATOR_INTEGER_BITS)
        lowest, highest = RANGES[self.dtype]
        exponent = bits_over_unit + 31 - 8 * self.dtype.bytes
        output = rounding_shift_right(high_multiply(exponentials, scale), exponent) + lowest
        # What lies below diff_min is the lowest element; its exponential of 0 gives the same.
        return np.clip(output, lowest, highest)


@operator(
    SOFTMAX=Facts(
        options=(("beta", "f", 0.0),),
        tflm=Tflm("Softmax", 4, 56, 80, 64),
        recorded=True,
        litert=True,
    ),
)
def prepare_softmax(graph: Graph, op: Operator) -> Softmax | Softmax16:
    """Check a SOFTMAX."""
    source, output = graph.input_of(op, 0), graph.output_of(op)
    require_dtype(op, source, (DType.INT8, DType.INT16))
    if source.dtype is DType.INT16:
        return prepare_softmax16(graph, op)
    require_dtype(op, output, (DType.INT8, DType.INT16))
    require_shape(op, output, source.shape)
    wanted = (1 / 256, -128) if output.dtype is DType.INT8 else (1 / 65536, -32768)
    quantization = output.quantized
    near = math.isclose(float(quantization.scale), wanted[0], rel_tol=1e-3)
    require(
        op,
        near and quantization.zero_point == wanted[1],
        f"its output must have the scale {wanted[0]} and the zero point {wanted[1]}",
    )
    rows, depth = rows_of(op, source)
    scale = op.number("beta") * float(source.quantized.scale)
    return Softmax(
        rows=rows,
        depth=depth,
        differences=Differences.of(op, scale),
        dtype=output.dtype,
        output_shape=output.shape,
    )
