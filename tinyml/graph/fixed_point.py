"""TFLite Micro's fixed-point arithmetic in NumPy, bit for bit.

Source: tensorflow/lite/kernels/internal/{common.cc,quantization_util.cc} and gemmlowp's
fixedpoint.h, as built by TFLite Micro: double rounding (TFLITE_SINGLE_ROUNDING is not set).
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt

from tinyml.errors import UnsupportedModelError
from tinyml.graph.ir import Quantization
from tinyml.graph.schema import Activation

Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]

INT32_MIN: Final = -(2**31)
INT32_MAX: Final = 2**31 - 1
HIGHEST_SHIFT: Final = 30


def round_half_away(value: float) -> int:
    """C's round(): to the nearest integer, halves away from zero."""
    return int(math.copysign(math.floor(abs(value) + 0.5), value))


def quantize_multiplier(real: float) -> tuple[int, int]:
    """``real`` as (multiplier, shift): real ~ multiplier * 2**(shift - 31).

    2^30 <= multiplier < 2^31.
    Multipliers below 2^-32 become 0 (QuantizeMultiplier).
    Raises UnsupportedModelError above 2^30, where TFLite Micro's shifts leave 32 bits.
    """
    if real == 0.0:
        return 0, 0
    if not math.isfinite(real):
        raise UnsupportedModelError(
            f"a multiplier is {real}, which is not a number: the operator's scales do not "
            "fit each other; convert the model again"
        )
    fraction, shift = math.frexp(real)
    multiplier = round_half_away(fraction * 2**31)
    if multiplier == 2**31:
        multiplier //= 2
        shift += 1
    if shift > HIGHEST_SHIFT:
        raise UnsupportedModelError(
            f"the scale of an output is {real:.1g} times smaller than that of its inputs; "
            "give the converter a representative data set in which this output changes"
        )
    return (0, 0) if shift < -31 else (multiplier, shift)


def wrap_int32(value: Int64) -> Int64:
    """Two's complement wrap to 32 bits, kept in int64."""
    return value.astype(np.int32).astype(np.int64)


def high_multiply(value: Int64, multiplier: Int64 | int) -> Int64:
    """SaturatingRoundingDoublingHighMul: round(value * multiplier / 2^31), int32 range in int64."""
    value = np.asarray(value, np.int64)
    multiplier = np.asarray(multiplier, np.int64)
    product = value * multiplier
    nudged = product + np.where(product >= 0, 1 << 30, 1 - (1 << 30))
    # C divides towards zero.
    result = np.where(nudged >= 0, nudged >> 31, -((-nudged) >> 31))
    saturated = (value == INT32_MIN) & (multiplier == INT32_MIN)
    return np.where(saturated, INT32_MAX, result)


def rounding_shift_right(value: Int64, shift: Int64 | int) -> Int64:
    """RoundingDivideByPOT: divide by 2^shift, halves away from zero."""
    value = np.asarray(value, np.int64)
    mask = (np.int64(1) << np.asarray(shift, np.int64)) - 1
    threshold = (mask >> 1) + (value < 0)
    return (value >> shift) + ((value & mask) > threshold)


def multiply_by_quantized_multiplier(
    value: Int64 | Int32, multiplier: Int64 | int, shift: Int64 | int
) -> Int64:
    """MultiplyByQuantizedMultiplier for int32 ``value``, double rounding; broadcasts."""
    shift = np.asarray(shift, np.int64)
    left = np.maximum(shift, 0)
    right = np.maximum(-shift, 0)
    shifted = wrap_int32(np.asarray(value, np.int64) << left)
    return rounding_shift_right(high_multiply(shifted, multiplier), right)


def multiply_int64_by_quantized_multiplier(
    value: Int64, multiplier: Int64 | int, shift: Int64 | int
) -> Int64:
    """MultiplyByQuantizedMultiplier for int64 ``value`` (16x8 kernels): a 16-bit multiplier."""
    multiplier = np.asarray(multiplier, np.int64)
    reduced = np.where(multiplier < 0x7FFF0000, (multiplier + (1 << 15)) >> 16, 0x7FFF)
    total = 15 - np.asarray(shift, np.int64)
    return wrap_int32(
        (np.asarray(value, np.int64) * reduced + (np.int64(1) << (total - 1))) >> total
    )


def activation_range(
    activation: int, quantization: Quantization, lowest: int, highest: int
) -> tuple[int, int]:
    """Clamp of a fused activation on elements of the output (CalculateActivationRangeQuantized)."""

    def quantize(real: float) -> int:
        # TFLite divides in float32 and rounds halves away from zero.
        return quantization.zero_point + round_half_away(
            float(np.float32(real) / quantization.scale)
        )

    if activation == Activation.RELU:
        return max(lowest, quantize(0.0)), highest
    if activation == Activation.RELU6:
        return max(lowest, quantize(0.0)), min(highest, quantize(6.0))
    if activation == Activation.RELU_N1_TO_1:
        return max(lowest, quantize(-1.0)), min(highest, quantize(1.0))
    return lowest, highest


# --- gemmlowp's fixed-point functions, on raw int32 values with a number of integer bits ------


def saturating_shift_left(value: Int64, exponent: int) -> Int64:
    """SaturatingRoundingMultiplyByPOT for a positive ``exponent``."""
    shifted: Int64 = np.clip(np.asarray(value, np.int64) << exponent, INT32_MIN, INT32_MAX)
    return shifted


def rescale(value: Int64, from_integer_bits: int, to_integer_bits: int) -> Int64:
    """Rescale: the same real value with another number of integer bits."""
    exponent = from_integer_bits - to_integer_bits
    if exponent >= 0:
        return saturating_shift_left(value, exponent)
    return rounding_shift_right(value, -exponent)


def _exp_between_negative_quarter_and_zero(value: Int64) -> Int64:
    """exp on [-1/4, 0), Q0.31 (exp_on_interval_between_negative_one_quarter_and_0_excl)."""
    constant_term, one_third = 1895147668, 715827883  # exp(-1/8), 1/3
    x = value + (1 << 28)
    x2 = high_multiply(x, x)
    x3 = high_multiply(x2, x)
    x4 = high_multiply(x2, x2)
    x4_over_4 = rounding_shift_right(x4, 2)
    tail = rounding_shift_right(high_multiply(x4_over_4 + x3, one_third) + x2, 1)
    return wrap_int32(constant_term + high_multiply(wrap_int32(x + tail), constant_term))


# exp(-2^k) in Q0.31 for k = -2 .. 4.
_EXP_FACTORS: Final = (
    (-2, 1672461947),
    (-1, 1302514674),
    (0, 790015084),
    (1, 290630308),
    (2, 39332535),
    (3, 720401),
    (4, 242),
)


def exp_on_negative_values(value: Int64, integer_bits: int) -> Int64:
    """exp(value) for value <= 0 with ``integer_bits`` integer bits, as Q0.31."""
    value = np.asarray(value, np.int64)
    fractional_bits = 31 - integer_bits
    quarter = 1 << (fractional_bits - 2)
    remainder_mask = quarter - 1
    # wrap: gemmlowp takes the low bits of the two's complement value
    modulo = (value & remainder_mask) - quarter
    result = _exp_between_negative_quarter_and_zero(rescale(modulo, integer_bits, 0))
    remainder = modulo - value
    for exponent, factor in _EXP_FACTORS:
        if integer_bits > exponent:
            bit = 1 << (fractional_bits + exponent)
            result = np.where((remainder & bit) != 0, high_multiply(result, factor), result)
    if integer_bits > 5:
        clamp = -(1 << (fractional_bits + 5))
        result = np.where(value < clamp, 0, result)
    return np.where(value == 0, INT32_MAX, result)


def _half_sum(a: Int64, b: Int64 | int) -> Int64:
    """RoundingHalfSum: (a + b) / 2, halves away from zero."""
    total = np.asarray(a, np.int64) + b
    sign = np.where(total >= 0, 1, -1)
    nudged = total + sign
    return np.where(nudged >= 0, nudged >> 1, -((-nudged) >> 1))


def one_over_one_plus_x(value: Int64) -> Int64:
    """1 / (1 + x) for x in [0, 1], Q0.31 (one_over_one_plus_x_for_x_in_0_1)."""
    return saturating_shift_left(_newton(_half_sum(value, INT32_MAX)), 1)


def _newton(half_denominator: Int64) -> Int64:
    """1 / half_denominator in Q2.29, by Newton and Raphson's method."""
    # 48/17 - 32/17 * d
    x = 1515870810 + high_multiply(half_denominator, -1010580540)
    for _ in range(3):
        product = high_multiply(half_denominator, x)
        one_minus = (1 << 29) - product
        x = wrap_int32(x + saturating_shift_left(high_multiply(x, one_minus), 2))
    return x


def logistic_on_positive_values(value: Int64, integer_bits: int) -> Int64:
    """1 / (1 + exp(-value)) for value >= 0, as Q0.31."""
    return one_over_one_plus_x(exp_on_negative_values(-np.asarray(value, np.int64), integer_bits))


def logistic(value: Int64, integer_bits: int) -> Int64:
    """1 / (1 + exp(-value)), as Q0.31 (gemmlowp::logistic)."""
    value = np.asarray(value, np.int64)
    positive = logistic_on_positive_values(np.abs(value), integer_bits)
    result = np.where(value > 0, positive, INT32_MAX - positive)
    return np.where(value == 0, 1 << 30, result)


def reciprocal(value: int, integer_bits: int) -> tuple[int, int]:
    """GetReciprocal: 1 / value as (Q0.31 scale, number of bits over unit)."""
    headroom_plus_one = leading_zeros(int(value))
    shifted_minus_one = np.array(((value << headroom_plus_one) & 0xFFFFFFFF) - (1 << 31), np.int64)
    scale = int(one_over_one_plus_x(shifted_minus_one))
    return scale, integer_bits - headroom_plus_one


def one_minus_x_over_one_plus_x(value: Int64) -> Int64:
    """(1 - x) / (1 + x) for x in [0, 1], Q0.31 (one_minus_x_over_one_plus_x_for_x_in_0_1)."""
    half_denominator = _half_sum(value, INT32_MAX)
    x = _newton(half_denominator)
    # Q2.29: 2 / (1 + x) - 1
    return saturating_shift_left(wrap_int32(x - (1 << 29)), 2)


def inverse_square_root(value: int) -> tuple[int, int]:
    """1 / sqrt(value) as (multiplier, right shift) (GetInvSqrtQuantizedMultiplierExp)."""
    if value <= 1:
        return INT32_MAX, 0
    shift = 11
    while value >= 1 << 29:
        value //= 4
        shift += 1
    pairs = (leading_zeros(value) - 1) // 2 - 1
    shift -= pairs
    value <<= 2 * pairs
    # Newton's method in Q3.28.
    half = rounding_shift_right(np.array(value >> 1), 1)
    three_halves = (1 << 28) + (1 << 27)
    x = np.array(1 << 28)
    for _ in range(5):
        cube = rescale(high_multiply(high_multiply(x, x), x), 9, 3)
        x = rescale(high_multiply(x, three_halves) - high_multiply(half, cube), 6, 3)
    multiplier = int(high_multiply(x, 1518500250))  # sqrt(1/2)
    if shift < 0:
        multiplier <<= -shift
        shift = 0
    return multiplier, shift


def leading_zeros(value: int) -> int:
    """CountLeadingZeros of a 32-bit value that is not negative."""
    return 32 - value.bit_length()


def log_of_sum(value: int) -> int:
    """log(value), Q12.19 to Q5.26, for value >= 1 (log_x_for_x_greater_than_or_equal_to_1)."""
    log_2, sqrt_sqrt_half, sqrt_half = 1488522236, 1805811301, 1518500250
    alpha_n, alpha_d, alpha_i, alpha_f = 117049297, 127690142, 1057819769, 638450708
    quarter = 1 << 23  # Q6.25
    zeros = leading_zeros(value)
    first = int(saturating_shift_left(high_multiply(_raw(value << (zeros - 1)), sqrt_half), 1))
    first_power = ((12 - zeros) << 25) + quarter
    headroom = leading_zeros(int(high_multiply(_raw(value), sqrt_half))) - 1
    second = int(saturating_shift_left(_raw(value), headroom))
    second_power = ((12 - headroom) << 25) - quarter
    r = _raw(min(first, second))
    power = _raw(max(first_power, second_power))
    p = _half_sum(r, sqrt_sqrt_half)
    q = wrap_int32(2 * (r - sqrt_sqrt_half))
    square = high_multiply(q, q)
    numerator = high_multiply(q, r) + high_multiply(high_multiply(q, square), alpha_n)
    inner = alpha_i + q + high_multiply(square, alpha_d)
    inverse = one_over_one_plus_x(high_multiply(p, inner) + high_multiply(q, alpha_f))
    result = high_multiply(power, log_2) + high_multiply(rescale(numerator, 0, 6), inverse)
    return int(rescale(result, 6, 5))


def _raw(value: int) -> Int64:
    return np.array(value, np.int64)
