"""ADD and SUB on Armv7E-M: one sum with one rounding, proven on all pairs of elements."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinyml.compiler.c_values import Struct
from tinyml.compiler.lower.base import NotFitting, lowers
from tinyml.compiler.lower.windows import elements_in_strips
from tinyml.compiler.program import Call
from tinyml.graph.fixed_point import Int64
from tinyml.graph.ir import DType
from tinyml.graph.ops.binary import OnCommonScale, Result, Scaled

_HIGHEST_SHIFT = 22  # sums of elements up to 256 times that fit 32 bits
_FACTOR_BITS = 23  # so that sums of elements times factors fit 32 bits
_FRACTION_BITS = 8  # of factors here: what SMLAWB drops of elements that come times 256
_EVERY = np.arange(-128, 128, dtype=np.int64)
# How far from the nearest factors others are tried.
_NEARBY = sorted(range(-6, 7), key=abs)


@dataclass(frozen=True)
class OneSum:
    """What add.h of a core computes: (factors * elements + constant) >> shift."""

    factors: tuple[int, int]
    constant: int
    shift: int


@lowers(OnCommonScale, feature="dsp")
def lower_on_common_scale(op: OnCommonScale) -> Call:
    """Elements in order, without a walk over dimensions."""
    in_order = all(shape == op.output_shape for shape in op.shapes)
    if op.kind not in ("add", "sub") or op.dtype is not DType.INT8 or not in_order:
        raise NotFitting
    found = one_sum(op, _FRACTION_BITS)
    elements = int(np.prod(op.output_shape, dtype=np.int64))
    clamp = {"lowest": op.result.lowest, "highest": op.result.highest}
    params = Struct(
        "tml_armv7em_add_t",
        {
            "elements": elements,
            "factors": found.factors,
            "constant": found.constant,
            "shift": found.shift,
            "clamp": Struct("tml_armv7em_clamp_t", clamp),
        },
    )
    call = Call("tml_armv7em_add", "armv7em/add.c", params, inputs=(0, 1), overlaps={0: 0, 1: 0})
    return elements_in_strips(call, "elements", op.output_shape)


def one_sum(op: OnCommonScale, fraction_bits: int) -> OneSum:
    """Factors with ``fraction_bits`` that their products lose.

    Raises NotFitting where no sum gives all pairs of elements exactly.
    """
    wanted = _outputs(op)
    factors = [_real(scaled, op) for scaled in op.inputs]
    if op.kind == "sub":
        factors[1] = -factors[1]
    largest = max(abs(factor) for factor in factors)
    shift = min(_HIGHEST_SHIFT, int(np.floor(np.log2((2**_FACTOR_BITS - 1) / largest))))
    if shift < 1:
        raise NotFitting
    nearest = [round(factor * 2.0 ** (shift + fraction_bits)) for factor in factors]
    for first in _NEARBY:
        for second in _NEARBY:
            pair = (nearest[0] + first, nearest[1] + second)
            if max(map(abs, pair)) >= 2 ** (_FACTOR_BITS + fraction_bits):
                continue
            a, b = ((factor * _EVERY) >> fraction_bits for factor in pair)
            constant = _constant(a[:, np.newaxis] + b, shift, wanted, op.result)
            if constant is not None:
                return OneSum(pair, constant, shift)
    raise NotFitting


def _outputs(op: OnCommonScale) -> Int64:
    """[256, 256]: the output for every pair of elements."""
    a, b = (scaled.apply(_EVERY, op.left_shift) for scaled in op.inputs)
    pairs = a[:, np.newaxis] + (b if op.kind == "add" else -b)
    return op.result.apply(pairs)


def _real(scaled: Scaled, op: OnCommonScale) -> float:
    """What a step of this input is in steps of the output."""
    shift = op.left_shift + scaled.shift + op.result.shift
    return scaled.multiplier * op.result.multiplier * 2.0 ** (shift - 62)


def _constant(sums: Int64, shift: int, wanted: Int64, result: Result) -> int | None:
    """A constant that makes every pair of elements right, if there is one."""
    # What is clamped afterwards may be anything beyond.
    lowest, highest = max(result.lowest, -128), min(result.highest, 127)
    at_least = np.where(wanted > lowest, (wanted << shift) - sums, -(2**62)).max()
    at_most = np.where(wanted < highest, ((wanted + 1) << shift) - 1 - sums, 2**62).min()
    if at_least > at_most:
        return None
    middle = int((at_least + at_most) // 2)
    fits = np.abs(sums).max() + abs(middle) < 2**31
    return middle if fits else None
