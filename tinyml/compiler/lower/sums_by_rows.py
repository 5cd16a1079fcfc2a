"""Means over whole images in two calls: sums that grow row by row, and what is made of them."""

from __future__ import annotations

from dataclasses import dataclass

from tinyml.compiler.c_values import Struct
from tinyml.compiler.lower.reduce import mean_of_sums_struct
from tinyml.compiler.lower.windows import reads_all_once
from tinyml.compiler.program import Call, Strips
from tinyml.graph.ir import DType
from tinyml.graph.ops.base import Prepared
from tinyml.graph.ops.pool import Pool2D
from tinyml.graph.ops.reduce import MeanOrSum

SUMS_FUNCTION = "tml_channel_sums"
_SOURCE = "channel_sums.c"


@dataclass(frozen=True)
class SumsByRows:
    """An AVERAGE_POOL_2D, MEAN or SUM over the rows and columns of one image."""

    rows: int
    channels: int
    add: Call  # from the image to the sums, int32 [channels]
    finish: Call  # from the sums to the output
    macs: int = 0


def sums_by_rows(prepared: Prepared | SumsByRows | None) -> SumsByRows | None:
    """The two calls for an operator; None where it is no such mean."""
    if isinstance(prepared, Pool2D):
        return _of_pool(prepared)
    if isinstance(prepared, MeanOrSum):
        return _of_mean(prepared)
    return None


def _of_pool(op: Pool2D) -> SumsByRows | None:
    window = op.window
    one_image = op.batches == 1 and op.dtype is DType.INT8
    if not op.average or not one_image or window.bordered or not reads_all_once(window):
        return None
    params = Struct(
        "tml_average_of_sums_t",
        {
            "channels": op.channels,
            "count": window.input[0] * window.input[1],
            "lowest": op.lowest,
            "highest": op.highest,
        },
    )
    finish = Call("tml_average_of_sums", _SOURCE, params)
    return SumsByRows(window.input[0], op.channels, _add(*window.input, op.channels), finish)


def _of_mean(op: MeanOrSum) -> SumsByRows | None:
    shape = op.input_shape
    if len(shape) != 4 or shape[0] != 1 or op.axes != (1, 2) or op.dtype is not DType.INT8:
        return None
    finish = Call("tml_mean_of_sums", _SOURCE, mean_of_sums_struct(op, shape[3]))
    return SumsByRows(shape[1], shape[3], _add(*shape[1:]), finish)


def _add(rows: int, columns: int, channels: int) -> Call:
    params = Struct(
        "tml_channel_sums_t", {"pixels": rows * columns, "channels": channels, "continues": 0}
    )
    call = Call(SUMS_FUNCTION, _SOURCE, params)
    fields = {"pixels": f"{columns} * strip->outputs", "continues": "strip->first > 0"}
    return Call(call.function, call.source, params, strips=Strips(fields, lambda _outputs: call))
