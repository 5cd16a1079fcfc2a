"""AVERAGE_POOL_2D and MAX_POOL_2D."""

from collections.abc import Mapping
from dataclasses import replace

from tinyml.compiler.c_values import Struct
from tinyml.compiler.lower.base import SUFFIX, lowers, tested_on_avr, window_struct
from tinyml.compiler.lower.windows import WINDOW_COLUMNS, WINDOW_ROWS, along_rows, in_strips
from tinyml.compiler.program import Call
from tinyml.graph.ops.pool import Pool2D

_SOURCE = tested_on_avr("pool_2d.c")


def in_one_row(op: Pool2D) -> tuple[Pool2D, Mapping[str, str]]:
    """The same as an image of one row, where windows are one column wide.

    Columns become channels and rows become columns: taps lie in the kernels' inner loops, and
    there are more channels to take at a time. Beside it what strips change then (Strips.fields).
    """
    window = op.window
    if (window.kernel[1], window.stride[1], window.before[1]) != (1, 1, 0):
        return op, WINDOW_ROWS
    columns = window.input[1]
    window = replace(window, input=(window.input[0], 1), output=(window.output[0], 1))
    return replace(op, window=along_rows(window), channels=op.channels * columns), WINDOW_COLUMNS


@lowers(Pool2D)
def lower_pool_2d(op: Pool2D) -> Call:
    """By the portable kernel."""
    op, fields = in_one_row(op)
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
    return in_strips(
        Call(f"tml_{kind}_pool_2d_{SUFFIX[op.dtype]}", _SOURCE, params),
        op.window,
        fields=fields,
    )
