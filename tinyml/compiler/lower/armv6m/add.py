"""ADD and SUB on Armv6-M (firmware/kernels/armv6m/add.h)."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

import numpy as np

from tinyml.compiler.c_values import Struct
from tinyml.compiler.lower.base import NotFitting, lowers
from tinyml.compiler.lower.binary import lower_on_common_scale as portable
from tinyml.compiler.lower.windows import elements_in_strips
from tinyml.compiler.program import Call
from tinyml.graph.fixed_point import Int64
from tinyml.graph.ir import DType
from tinyml.graph.ops.binary import OnCommonScale

_SHIFT: Final = 18  # of sums without their low halves
_HALF_BITS: Final = 16
_MOST: Final = 1 << 30  # of such a sum
# What is added to a sum, as steps of a sixteenth of what its lowest half can tell: where pairs fall
# between two outputs, the exact roundings take them a certain way.
_NUDGES: Final = (0, 1, -1, 2, -2, 4, -4, 8, -8, 16, -16)
_NUDGE: Final = 1 << 12


@lowers(OnCommonScale, feature="armv6m")
def lower_on_common_scale(op: OnCommonScale) -> Call:
    """Elements in order; raises NotFitting where no sum gives all outputs."""
    in_order = all(shape == op.output_shape for shape in op.shapes)
    if op.kind not in ("add", "sub") or op.dtype is not DType.INT8 or not in_order:
        raise NotFitting
    elements = np.arange(-128, 128, dtype=np.int64)
    a, b = elements[:, None] + np.zeros_like(elements), elements + np.zeros_like(elements)[:, None]
    exact = op.evaluate(a.astype(np.int8), b.astype(np.int8))[0]
    first, second = _multipliers(op)
    zero = -first * op.inputs[0].zero_point - second * op.inputs[1].zero_point
    sums = a * first + b * second + zero
    if np.abs(sums).max() >> _HALF_BITS >= _MOST:
        raise NotFitting
    offset = ((op.result.zero_point - op.result.lowest) << _SHIFT) + (1 << (_SHIFT - 1))
    for away in (False, True):
        for nudge in _NUDGES:
            nudged = sums + nudge * _NUDGE
            if np.array_equal(_outputs(op, nudged, offset, away=away), exact):
                constant = zero + nudge * _NUDGE
                return _call(op, (first, second), constant, offset, away=away)
    raise NotFitting


def _multipliers(op: OnCommonScale) -> tuple[int, int]:
    """Of both inputs, times 2^34."""
    bits = op.left_shift + _SHIFT + _HALF_BITS - 62
    first, second = (
        round(
            scaled.multiplier
            * op.result.multiplier
            * 2.0 ** (scaled.shift + op.result.shift + bits)
        )
        for scaled in op.inputs
    )
    return first, second if op.kind == "add" else -second


def _outputs(op: OnCommonScale, sums: Int64, offset: int, *, away: bool) -> Int64:
    high = sums >> _HALF_BITS
    if away:
        high = high - (high < 0)
    outputs: Int64 = ((high + offset) >> _SHIFT) + op.result.lowest
    return outputs.clip(op.result.lowest, op.result.highest)


def _call(
    op: OnCommonScale, multipliers: tuple[int, int], constant: int, offset: int, *, away: bool
) -> Call:
    low = (1 << _HALF_BITS) - 1
    params = Struct(
        "tml_armv6m_add_t",
        {
            "elements": math.prod(op.output_shape),
            "high_a": multipliers[0] >> _HALF_BITS,
            "high_b": multipliers[1] >> _HALF_BITS,
            "low_a": multipliers[0] & low,
            "low_b": multipliers[1] & low,
            "constant": (constant >> _HALF_BITS) + (0 if away else offset),
            "low_constant": constant & low,
            "range": op.result.highest - op.result.lowest,
            "lowest": op.result.lowest,
            "half": offset if away else 0,
        },
    )
    call = replace(
        portable(op),
        function="tml_armv6m_add_away" if away else "tml_armv6m_add",
        source="armv6m/add.S",
        params=params,
    )
    return elements_in_strips(call, "elements", op.output_shape)
