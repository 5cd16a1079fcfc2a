"""Operators on single elements; of int8 each becomes a table of 256.

Source: TFLite Micro's activations_common.cc, leaky_relu_common.cc, elu.cc, elementwise.cc,
hard_swish_common.cc and tanh.cc, TFLite's reference/hard_swish.h; gemmlowp's fixedpoint.h. EXP,
GELU, LOG, SQRT and NEG, which TFLite Micro has in float32 only, follow TFLite's LUTPopulate.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt

from tinyml.graph.fixed_point import (
    INT32_MAX,
    Int64,
    exp_on_negative_values,
    inverse_square_root,
    multiply_by_quantized_multiplier,
    one_minus_x_over_one_plus_x,
    quantize_multiplier,
    round_half_away,
    rounding_shift_right,
)
from tinyml.graph.ir import DType, Graph, Operator, Tensor
from tinyml.graph.ops.base import require, require_dtype, require_same_dtype
from tinyml.graph.ops.facts import Facts, Tflm
from tinyml.graph.ops.int16 import (
    SigmoidOrTanh,
    TwoSlopes,
    prepare_sigmoid_or_tanh,
    prepare_two_slopes,
)
from tinyml.graph.ops.lookup import Lookup, every_int8, prepare_lookup
from tinyml.graph.ops.registry import operator

Float32 = npt.NDArray[np.float32]
_TANH_INTEGER_BITS: Final = 4


def _operands(graph: Graph, op: Operator, *, wide: bool = False) -> tuple[Tensor, Tensor]:
    source, output = graph.input_of(op, 0), graph.output_of(op)
    require_dtype(op, source, (DType.INT8, DType.INT16) if wide else (DType.INT8,))
    require_same_dtype(op, source, output)
    return source, output


def _scaled(values: Int64, real: float, output: Tensor) -> Int64:
    multiplier, shift = quantize_multiplier(real)
    scaled = multiply_by_quantized_multiplier(values, multiplier, shift)
    return scaled + output.quantized.zero_point


def _quantized(real: float, tensor: Tensor) -> int:
    """A real value as an element: divided in float32, rounded half away from zero."""
    return tensor.quantized.zero_point + round_half_away(
        float(np.float32(real) / tensor.quantized.scale)
    )


_RELU_RANGES: Final = {"RELU": (0.0, math.inf), "RELU6": (0.0, 6.0), "RELU_N1_TO_1": (-1.0, 1.0)}


@operator(
    RELU=Facts(tflm=Tflm("Relu", 0, 28, 28), litert=True),
    RELU6=Facts(tflm=Tflm("Relu6", 0, 8, 8), litert=True),
    RELU_N1_TO_1=Facts(),
)
def prepare_relu(graph: Graph, op: Operator) -> Lookup | TwoSlopes:
    """Check a RELU and its like, which rescale and clamp.

    TFLite Micro's RELU6 forgets to rescale; with equal scales on both sides, where it is right, the
    result is the same.
    """
    source, output = _operands(graph, op, wide=True)
    lowest, highest = _RELU_RANGES[op.name]
    if output.dtype is DType.INT16:
        top = 32767 if highest == math.inf else _quantized(highest, output)
        return prepare_two_slopes(graph, op, 1.0, (_quantized(lowest, output), top))
    real = float(source.quantized.scale / output.quantized.scale)
    values = _scaled(every_int8() - source.quantized.zero_point, real, output)
    top = 127 if highest == math.inf else min(127, _quantized(highest, output))
    return prepare_lookup(graph, op, np.clip(values, max(-128, _quantized(lowest, output)), top))


@operator(
    LEAKY_RELU=Facts(
        options=(("alpha", "f", 0.0),), tflm=Tflm("LeakyRelu", 4, 24, 24), litert=True
    ),
)
def prepare_leaky_relu(graph: Graph, op: Operator) -> Lookup | TwoSlopes:
    """Check a LEAKY_RELU."""
    source, output = _operands(graph, op, wide=True)
    alpha = np.float32(op.number("alpha"))
    if output.dtype is DType.INT16:
        return prepare_two_slopes(graph, op, alpha)
    ratio = source.quantized.scale / output.quantized.scale
    slope = source.quantized.scale * alpha / output.quantized.scale
    centred = every_int8() - source.quantized.zero_point
    below = _scaled(-centred if slope < 0 else centred, abs(float(slope)), output)
    values = np.where(centred >= 0, _scaled(centred, float(ratio), output), below)
    return prepare_lookup(graph, op, np.clip(values, -128, 127))


@operator(ABS=Facts(tflm=Tflm("Abs", 0, 28, 28), litert=True))
def prepare_abs(graph: Graph, op: Operator) -> Lookup | TwoSlopes:
    """Check an ABS."""
    source, output = _operands(graph, op, wide=True)
    if output.dtype is DType.INT16:
        return prepare_two_slopes(graph, op, -1.0)
    values = np.abs(every_int8() - source.quantized.zero_point)
    if float(source.quantized.scale) == float(output.quantized.scale):
        values = values + output.quantized.zero_point
    else:
        ratio = float(source.quantized.scale / output.quantized.scale)
        values = _scaled(values, ratio, output)
    return prepare_lookup(graph, op, np.clip(values, -128, 127))


@operator(RSQRT=Facts(tflm=Tflm("Rsqrt", 0, 28, 28)))
def prepare_rsqrt(graph: Graph, op: Operator) -> Lookup:
    """Check an RSQRT; an element that stands for a negative value is taken for one of 0."""
    source, output = _operands(graph, op)
    root = np.float32(np.sqrt(source.quantized.scale)) * output.quantized.scale
    multiplier, shift = quantize_multiplier(1.0 / float(root))
    up = 20  # keeps the inverse root an integer
    table = np.full(256, 127, np.int64)
    for index, value in enumerate(every_int8() - source.quantized.zero_point):
        if value > 0:
            inverse, down = inverse_square_root(int(value))
            data = multiply_by_quantized_multiplier(np.array(1), inverse, up - down)
            scaled = multiply_by_quantized_multiplier(data, multiplier, shift - up)
            table[index] = int(scaled) + output.quantized.zero_point
    return prepare_lookup(graph, op, np.clip(table, -128, 127))


@operator(TANH=Facts(tflm=Tflm("Tanh", 0, 16, 16), litert=True))
def prepare_tanh(graph: Graph, op: Operator) -> Lookup | SigmoidOrTanh:
    """Check a TANH."""
    source, output = _operands(graph, op, wide=True)
    if output.dtype is DType.INT16:
        return prepare_sigmoid_or_tanh(graph, op)
    require(op, output.quantized.zero_point == 0, "its output must have the zero point 0")
    real = float(source.quantized.scale) * (1 << (31 - _TANH_INTEGER_BITS))
    multiplier, left_shift = quantize_multiplier(real)
    limit = ((1 << _TANH_INTEGER_BITS) - 1) * 2.0 ** (31 - _TANH_INTEGER_BITS - left_shift)
    radius = math.floor(limit)
    centred = every_int8() - source.quantized.zero_point
    scaled = multiply_by_quantized_multiplier(
        np.clip(centred, -radius, radius), multiplier, left_shift
    )
    values = np.clip(rounding_shift_right(_tanh(scaled), 31 - 7), -128, 127)
    values = np.where(centred <= -radius, -128, values)
    return prepare_lookup(graph, op, np.where(centred >= radius, 127, values))


def _tanh(value: Int64) -> Int64:
    """gemmlowp's tanh of a Q4.27 value, Q0.31."""
    # Twice the argument, by reading it with one more integer bit.
    exponential = exp_on_negative_values(-np.abs(value), _TANH_INTEGER_BITS + 1)
    magnitude = one_minus_x_over_one_plus_x(exponential)
    result = np.where(value < 0, -magnitude, magnitude)
    return np.where(value == 0, 0, result)


@operator(HARD_SWISH=Facts(tflm=Tflm("HardSwish", 0, 20, 20), litert=True))
def prepare_hard_swish(graph: Graph, op: Operator) -> Lookup:
    """Check a HARD_SWISH."""
    source, output = _operands(graph, op)
    fine = np.float32(1.0 / 128.0) * source.quantized.scale
    out_multiplier, out_shift = _short_multiplier(float(fine / output.quantized.scale))
    require(op, out_shift <= 0, "its output scale is too small for its input scale")
    gate_multiplier, gate_shift = _short_multiplier(float(fine / np.float32(3.0 / 32768.0)))
    value = (every_int8() - source.quantized.zero_point) << 7
    preshift = _short_high_multiply(value, out_multiplier)
    gate = value
    if gate_shift > 0:
        gate = _saturate_short(gate << (gate_shift - 1))
    gate = _short_high_multiply(gate, gate_multiplier)
    if gate_shift > 0:
        gate = _saturate_short(gate << 1)
    elif gate_shift < 0:
        gate = rounding_shift_right(gate, -gate_shift)
    gate = (gate + (1 << 15)) >> 1
    product = gate * preshift
    # C divides towards zero: this multiplication must not round.
    product = np.where(product >= 0, product >> 15, -((-product) >> 15))
    values = rounding_shift_right(product, -out_shift) + output.quantized.zero_point
    return prepare_lookup(graph, op, np.clip(values, -128, 127))


def _short_multiplier(real: float) -> tuple[int, int]:
    """A multiplier of 16 bits (DownScaleInt32ToInt16Multiplier)."""
    multiplier, shift = quantize_multiplier(real)
    return (32767 if multiplier >= INT32_MAX - (1 << 15) else (multiplier + (1 << 15)) >> 16), shift


def _short_high_multiply(value: Int64, multiplier: int) -> Int64:
    """SaturatingRoundingDoublingHighMul of 16 bits."""
    product = value * multiplier
    nudged = product + np.where(product >= 0, 1 << 14, 1 - (1 << 14))
    return _saturate_short(np.where(nudged >= 0, nudged >> 15, -((-nudged) >> 15)))


def _saturate_short(value: Int64) -> Int64:
    clipped: Int64 = np.clip(value, -32768, 32767)
    return clipped


def _elu(x: Float32) -> Float32:
    result: Float32 = np.where(x < 0, np.exp(x) - np.float32(1), x).astype(np.float32)
    return result


def _gelu(x: Float32) -> Float32:
    erf = np.array([math.erf(v) for v in x * np.float32(math.sqrt(0.5))], np.float32)
    return (np.float32(0.5) * x * (np.float32(1) + erf)).astype(np.float32)


def _gelu_by_tanh(x: Float32) -> Float32:
    inner = np.float32(math.sqrt(2 / math.pi)) * (x + np.float32(0.044715) * x * x * x)
    return (np.float32(0.5) * x * (np.float32(1) + np.tanh(inner))).astype(np.float32)


_BY_FLOAT: Final[dict[str, Callable[[Float32], Float32]]] = {
    "ELU": _elu,
    "EXP": np.exp,
    "LOG": np.log,
    "SQRT": np.sqrt,
    "NEG": np.negative,
}


@operator(
    GELU=Facts(options=(("approximate", "?", False),), litert=True),
    ELU=Facts(tflm=Tflm("Elu", 0, 256, 256)),
    EXP=Facts(tflm=Tflm("Exp")),
    LOG=Facts(tflm=Tflm("Log")),
    SQRT=Facts(tflm=Tflm("Sqrt")),
    NEG=Facts(tflm=Tflm("Neg")),
)
def prepare_by_float(graph: Graph, op: Operator) -> Lookup:
    """Check an operator that is computed in float32 for every element, once."""
    source, output = _operands(graph, op)
    gelu = _gelu_by_tanh if op.options.get("approximate") else _gelu
    function = _BY_FLOAT.get(op.name, gelu)
    centred = (every_int8() - source.quantized.zero_point).astype(np.float32)
    inverse = np.float32(1) / output.quantized.scale
    with np.errstate(all="ignore"):
        real = function(source.quantized.scale * centred).astype(np.float32) * inverse
    # What is no number is as little as what lies below everything.
    real = np.nan_to_num(real.astype(np.float64), nan=-1e9, posinf=1e9, neginf=-1e9)
    rounded = np.copysign(np.floor(np.abs(real) + 0.5), real)
    values = np.clip(rounded, -1e9, 1e9).astype(np.int64) + output.quantized.zero_point
    return prepare_lookup(graph, op, np.clip(values, -128, 127))
