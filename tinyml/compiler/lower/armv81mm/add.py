"""ADD and SUB on Armv8.1-M."""

from __future__ import annotations

import math

from tinyml.compiler.c_values import Struct
from tinyml.compiler.lower.armv7em.add import one_sum
from tinyml.compiler.lower.base import NotFitting, lowers
from tinyml.compiler.lower.windows import elements_in_strips
from tinyml.compiler.program import Call
from tinyml.graph.ir import DType
from tinyml.graph.ops.binary import OnCommonScale


@lowers(OnCommonScale, feature="mve")
def lower_on_common_scale(op: OnCommonScale) -> Call:
    """Elements in order, without a walk over dimensions."""
    in_order = all(shape == op.output_shape for shape in op.shapes)
    if op.kind not in ("add", "sub") or op.dtype is not DType.INT8 or not in_order:
        raise NotFitting
    found = one_sum(op, fraction_bits=0)
    params = Struct(
        "tml_armv81mm_add_t",
        {
            "elements": math.prod(op.output_shape),
            "factors": found.factors,
            "constant": found.constant,
            "shift": found.shift,
            "lowest": op.result.lowest,
            "highest": op.result.highest,
        },
    )
    call = Call("tml_armv81mm_add", "armv81mm/add.c", params, inputs=(0, 1), overlaps={0: 0, 1: 0})
    return elements_in_strips(call, "elements", op.output_shape)
