"""ADD and SUB on Armv7E-M."""

from dataclasses import replace

from tinyml.compiler.lower.base import NotFitting, lowers
from tinyml.compiler.lower.binary import lower_on_common_scale as portable
from tinyml.compiler.program import Call
from tinyml.graph.ir import DType
from tinyml.graph.ops.binary import OnCommonScale

_LEFT_SHIFT = 20  # of int8; sums then keep two bits below 32


@lowers(OnCommonScale, feature="dsp")
def lower_on_common_scale(op: OnCommonScale) -> Call:
    """Elements in order, without a walk over dimensions."""
    in_order = all(shape == op.output_shape for shape in op.shapes)
    shifts = (op.inputs[0].shift, op.inputs[1].shift, op.result.shift)
    if op.kind not in ("add", "sub") or op.dtype is not DType.INT8 or not in_order:
        raise NotFitting
    if op.left_shift != _LEFT_SHIFT or max(shifts) > 0 or min(shifts) < -30:
        raise NotFitting
    return replace(portable(op), function=f"tml_armv7em_{op.kind}", source="armv7em/add.c")
