"""AVERAGE_POOL_2D, MAX_POOL_2D and maxima over pixels on Armv8.1-M."""

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

_MAX_TAPS = 255  # their sum, of elements down to -128, fits 16 bits
_FEWEST_CHANNELS = 4  # for which vectors that are not full pay


@lowers(Pool2D, feature="mve")
def lower_pool_2d(op: Pool2D) -> Call:
    """Eight or sixteen channels at a time."""
    narrow, fields = in_one_row(op)
    too_many = op.average and math.prod(narrow.window.kernel) > _MAX_TAPS
    if op.dtype is not DType.INT8 or too_many or narrow.channels < _FEWEST_CHANNELS:
        raise NotFitting
    kind = "average" if op.average else "max"
    call = replace(
        portable(op),
        function=f"tml_armv81mm_{kind}_pool_2d",
        source="armv81mm/pool_2d.c",
    )
    return in_strips(call, narrow.window, fields=fields)


lowers(ReduceExtremum, feature="mve")(by_pool(lower_pool_2d))
