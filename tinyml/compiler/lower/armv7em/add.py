"""ADD and SUB on Armv7E-M: one sum with one rounding, proven on all pairs of elements."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinyml.compiler.c_values import Struct
from tinyml.compiler.lower.base import NotFitting, lowers
from tinyml.compiler.program import Call
from tinyml.graph.fixed_point import Int64
from tinyml.graph.ir import DType
from tinyml.graph.ops.binary import OnCommonScale, Result, Scaled

_HIGHEST_SHIFT = 22  # sums of elements up to 256 times that fit 32 bits
_FACTOR_LIMIT = 2**31 - 1
_EVERY = np.arange(-128, 128, dtype=np.int64)
# How far from the nearest factors others are tried.
_NEARBY = sorted(range(-6, 7), key=abs)


@dataclass(frozen=True)
class _Sum:
    """What firmware/kernels/armv7em/add.h computes."""

    factors: tuple[int, int]
    constant: int
    shift: int


@lowers(OnCommonScale, feature="dsp")
def lower_on_common_scale(op: OnCommonScale) -> Call:
    """Elements in order, without a walk over dimensions."""
    in_order = all(shape == op.output_shape for shape in op.shapes)
    if op.kind not in ("add", "sub") or op.dtype is not DType.INT8 or not in_order:
        raise NotFitting
    found = _one_sum(op)
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
    return Call("tml_armv7em_add", "armv7em/add.c", params, inputs=(0, 1), overlaps={0: 0, 1: 0})


def _one_sum(op: OnCommonScale) -> _Sum:
    """Raises NotFitting where no sum gives all pairs of elements exactly."""
    wanted = _outputs(op)
    factors = [_real(scaled, op) for scaled in op.inputs]
    if op.kind == "sub":
        factors[1] = -factors[1]
    largest = max(abs(factor) for factor in factors)
    shift = min(_HIGHEST_SHIFT, int(np.floor(np.log2(_FACTOR_LIMIT / largest))) - 8)
    if shift < 1:
        raise NotFitting
    nearest = [round(factor * 2.0 ** (shift + 8)) for factor in factors]
    for first in _NEARBY:
        for second in _NEARBY:
            pair = (nearest[0] + first, nearest[1] + second)
            constant = _constant(pair, shift, wanted, op.result)
            if constant is not None:
                return _Sum(pair, constant, shift)
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


def _constant(factors: tuple[int, int], shift: int, wanted: Int64, result: Result) -> int | None:
    """A constant that makes every pair of elements right, if there is one."""
    if max(abs(factor) for factor in factors) > _FACTOR_LIMIT:
        return None
    a, b = ((factor * 256 * _EVERY) >> 16 for factor in factors)
    sums = a[:, np.newaxis] + b
    # What is clamped afterwards may be anything beyond.
    lowest, highest = max(result.lowest, -128), min(result.highest, 127)
    at_least = np.where(wanted > lowest, (wanted << shift) - sums, -(2**62)).max()
    at_most = np.where(wanted < highest, ((wanted + 1) << shift) - 1 - sums, 2**62).min()
    if at_least > at_most:
        return None
    middle = int((at_least + at_most) // 2)
    fits = np.abs(sums).max() + abs(middle) < 2**31
    return middle if fits else None
