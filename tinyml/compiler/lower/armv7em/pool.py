"""AVERAGE_POOL_2D on Armv7E-M."""

import math
from dataclasses import replace

from tinyml.compiler.lower.base import NotFitting, lowers
from tinyml.compiler.lower.pool import lower_pool_2d as portable
from tinyml.compiler.lower.windows import in_bands
from tinyml.compiler.program import Call
from tinyml.graph.ir import DType
from tinyml.graph.ops.pool import Pool2D

_MAX_TAPS = 255  # their sum, of elements down to -128, fits 16 bits


@lowers(Pool2D, feature="dsp")
def lower_pool_2d(op: Pool2D) -> Call:
    """Four channels at a time."""
    fits = op.average and op.dtype is DType.INT8 and op.channels % 4 == 0
    if not fits or math.prod(op.window.kernel) > _MAX_TAPS:
        raise NotFitting
    call = replace(
        portable(op),
        function="tml_armv7em_average_pool_2d",
        source="armv7em/average_pool_2d.c",
    )
    return in_bands(call, op.window)
