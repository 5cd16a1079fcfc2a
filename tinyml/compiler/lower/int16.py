"""Operators on single int16 elements."""

import math

from tinyml.compiler.c_values import Struct
from tinyml.compiler.lower.base import (
    SIGMOID_TABLE,
    elementwise_overlap,
    lowers,
    multiplier_struct,
)
from tinyml.compiler.program import Call
from tinyml.graph.ops.int16 import SigmoidOrTanh, TwoSlopes


@lowers(SigmoidOrTanh)
def lower_sigmoid_or_tanh(op: SigmoidOrTanh) -> Call:
    """LOGISTIC, TANH."""
    elements = math.prod(op.output_shape)
    params = Struct(
        "tml_sigmoid_t",
        {
            "elements": elements,
            "multiplier": op.multiplier,
            "right_shift": op.right_shift,
            "table": SIGMOID_TABLE,
        },
    )
    function = "tml_tanh_int16" if op.is_tanh else "tml_sigmoid_int16"
    overlaps = elementwise_overlap(2, 2, elements)
    return Call(function, "int16.c", params, overlaps=overlaps)


@lowers(TwoSlopes)
def lower_two_slopes(op: TwoSlopes) -> Call:
    """RELU and its like, LEAKY_RELU, ABS."""
    elements = math.prod(op.output_shape)
    params = Struct(
        "tml_two_slopes_t",
        {
            "elements": elements,
            "above": multiplier_struct(op.above),
            "below": multiplier_struct(op.below),
            "mirrored": int(op.mirrored),
            "lowest": op.lowest,
            "highest": op.highest,
        },
    )
    overlaps = elementwise_overlap(2, 2, elements)
    return Call("tml_two_slopes_int16", "int16.c", params, overlaps=overlaps)
