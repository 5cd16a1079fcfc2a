"""AVERAGE_POOL_2D and MAX_POOL_2D."""

from tinyml.compiler.c_values import Struct
from tinyml.compiler.lower.base import SUFFIX, lowers, window_struct
from tinyml.compiler.lower.windows import in_bands
from tinyml.compiler.program import Call
from tinyml.graph.ops.pool import Pool2D


@lowers(Pool2D)
def lower_pool_2d(op: Pool2D) -> Call:
    """By the portable kernel."""
    params = Struct(
        "tml_pool_2d_t",
        {
            "window": window_struct(op.window),
            "batches": op.batches,
            "channels": op.channels,
            "lowest": op.lowest,
            "highest": op.highest,
        },
    )
    kind = "average" if op.average else "max"
    return in_bands(Call(f"tml_{kind}_pool_2d_{SUFFIX[op.dtype]}", "pool_2d.c", params), op.window)
