"""AVERAGE_POOL_2D, MAX_POOL_2D and maxima over pixels on Armv7E-M."""

import math
from dataclasses import replace

from tinyml.compiler.lower.base import NotFitting, lowers
from tinyml.compiler.lower.pool import in_one_row
from tinyml.compiler.lower.pool import lower_pool_2d as portable
from tinyml.compiler.lower.reduce import by_pool
from tinyml.compiler.lower.windows import in_strips
from tinyml.compiler.program import Call
from tinyml.graph.ir import DType
from tinyml.graph.ops.pool import Pool2D
from tinyml.graph.ops.reduce import ReduceExtremum

_MAX_SUMMED = 255  # taps, whose sum, of elements down to -128, fits 16 bits


@lowers(Pool2D, feature="dsp")
def lower_pool_2d(op: Pool2D) -> Call:
    """Four channels at a time."""
    narrow, fields = in_one_row(op)
    if op.dtype is not DType.INT8 or narrow.channels % 4 != 0:
        raise NotFitting
    if op.average and math.prod(narrow.window.kernel) > _MAX_SUMMED:
        raise NotFitting
    kind = "average" if op.average else "max"
    call = replace(portable(op), function=f"tml_armv7em_{kind}_pool_2d", source="armv7em/pools.c")
    return in_strips(call, narrow.window, fields=fields)


lowers(ReduceExtremum, feature="dsp")(by_pool(lower_pool_2d))
