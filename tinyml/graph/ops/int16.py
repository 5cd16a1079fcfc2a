"""Operators on single int16 elements, which have no table of all elements: the 16x8 models'.

Source: TFLite's reference_integer_ops/{logistic,tanh}.h, reference/leaky_relu.h, TFLite Micro's
{logistic,activations,leaky_relu}_common.cc, tanh.cc, elementwise.cc. As for int8, RELU6 rescales,
which TFLite Micro forgets.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from tinyml.graph import sigmoid_table
from tinyml.graph.fixed_point import (
    multiply_by_quantized_multiplier,
    quantize_multiplier,
)
from tinyml.graph.ir import RANGES, Array, Graph, Operator, Tensor
from tinyml.graph.ops.base import require, require_same_dtype, require_shape

_INPUT_SHIFT: Final = 12  # from a scale of 2^0 to Q3.12
_LOWEST_MULTIPLIER: Final = 32767.0 / 2.0
_MOST_SHIFT: Final = 31


@dataclass(frozen=True)
class SigmoidOrTanh:
    """LOGISTIC or TANH by the table of sigmoids."""

    is_tanh: bool
    multiplier: int
    right_shift: int
    output_shape: tuple[int, ...]
    macs: int = 0

    def evaluate(self, *inputs: Array) -> tuple[Array, ...]:
        """One output, int16."""
        function = sigmoid_table.tanh if self.is_tanh else sigmoid_table.sigmoid
        found = function(inputs[0].astype(np.int64), self.multiplier, self.right_shift)
        return (found.astype(np.int16),)


@dataclass(frozen=True)
class TwoSlopes:
    """RELU and its like, LEAKY_RELU, ABS: one factor for elements from 0, another below."""

    above: tuple[int, int]
    below: tuple[int, int]
    mirrored: bool  # elements below 0 change their sign
    lowest: int
    highest: int
    output_shape: tuple[int, ...]
    macs: int = 0

    def evaluate(self, *inputs: Array) -> tuple[Array, ...]:
        """One output, int16."""
        values = inputs[0].astype(np.int64)
        above = multiply_by_quantized_multiplier(values, *self.above)
        below = multiply_by_quantized_multiplier(-values if self.mirrored else values, *self.below)
        found = np.clip(np.where(values >= 0, above, below), self.lowest, self.highest)
        return (found.astype(np.int16),)


def symmetric_operands(graph: Graph, op: Operator) -> tuple[Tensor, Tensor]:
    """An operator's one int16 input and output, whose zero points must be 0."""
    source, output = graph.input_of(op, 0), graph.output_of(op)
    require_same_dtype(op, source, output)
    require_shape(op, output, source.shape)
    symmetric = source.quantized.zero_point == 0 and output.quantized.zero_point == 0
    require(op, symmetric, "int16 tensors must have the zero point 0")
    return source, output


def prepare_sigmoid_or_tanh(graph: Graph, op: Operator) -> SigmoidOrTanh:
    """A LOGISTIC or TANH on int16."""
    source, output = symmetric_operands(graph, op)
    exact = float(output.quantized.scale) == 2.0**-15
    require(op, exact, "its int16 output must have the scale 1/32768")
    is_tanh = op.name == "TANH"
    scale = float(source.quantized.scale)
    fraction, exponent = math.frexp(scale)
    left_shift = _INPUT_SHIFT + exponent - 1
    if fraction == 0.5 and left_shift in ((0, 1) if is_tanh else (0,)):
        return SigmoidOrTanh(is_tanh, 3 << left_shift, 0, output.shape)
    multiplier, shift = scale * 4096.0 * 3.0, 0
    require(op, multiplier < 32768, "its input scale is too large")
    while multiplier <= _LOWEST_MULTIPLIER and shift < _MOST_SHIFT:
        multiplier, shift = 2 * multiplier, shift + 1
    return SigmoidOrTanh(is_tanh, int(multiplier), shift, output.shape)


def prepare_two_slopes(
    graph: Graph, op: Operator, slope: float | np.float32, bounds: tuple[int, int] | None = None
) -> TwoSlopes:
    """An operator on int16 that multiplies elements below 0 by ``slope``.

    Args:
        graph: the model.
        op: the operator.
        slope: a real factor, of float32's precision where TFLite's is.
        bounds: elements of the output, which are clamped to them.
    """
    source, output = symmetric_operands(graph, op)
    lowest, highest = RANGES[output.dtype]
    if bounds is not None:
        lowest, highest = max(lowest, bounds[0]), min(highest, bounds[1])
    # float32, as TFLite does
    ratio = source.quantized.scale / output.quantized.scale
    below = source.quantized.scale * np.float32(slope) / output.quantized.scale
    return TwoSlopes(
        above=quantize_multiplier(float(ratio)),
        below=quantize_multiplier(abs(float(below))),
        mirrored=bool(slope < 0),
        lowest=lowest,
        highest=highest,
        output_shape=output.shape,
    )
