"""CONV_2D on Armv6-M."""

import math
from dataclasses import replace

from tinyml.compiler.c_values import Expression, Struct
from tinyml.compiler.lower.armv6m.fully_connected import lower_fully_connected
from tinyml.compiler.lower.armv6m.products import (
    chunk_table,
    folded_bias,
    require_int8,
    require_products,
    side_by_side,
)
from tinyml.compiler.lower.armv6m.stairs import stairs
from tinyml.compiler.lower.base import NotFitting, lowers, window_struct
from tinyml.compiler.lower.columns_together import best_columns_together
from tinyml.compiler.lower.windows import (
    as_fully_connected,
    in_strips,
    reads_all_once,
    windows_in_tiles,
)
from tinyml.compiler.program import Call
from tinyml.graph.ops.base import Window
from tinyml.graph.ops.conv import Conv2D

_PIXELS = 4  # of a tile
_TAP_BYTES = 8  # of a tile: four pixels in two words


@lowers(Conv2D, feature="armv6m")
def lower_conv_2d(op: Conv2D) -> Call:
    """Tiles of four pixels, one channel after the other; one pixel is a fully connected layer."""
    if op.groups > 1:
        raise NotFitting
    require_int8(op.dtype)
    if reads_all_once(op.window):
        return lower_fully_connected(as_fully_connected(op))
    op = best_columns_together(op, _cost)
    channels, window = op.output_channels, op.window
    ends = stairs(op.requantization, channels)
    flat, bias = ends.lively(op.weights.reshape(channels, -1), op.bias)
    require_products(bias, flat, op.input_zero_point)
    in_order = window.kernel == (1, 1) and window.stride == (1, 1)
    params = Struct(
        "tml_armv6m_conv_2d_t",
        {
            "window": window_struct(window),
            "batches": op.batches,
            "input_channels": op.input_channels,
            "output_channels": channels,
            "input_zero_point": op.input_zero_point,
            "in_order": int(in_order),
            "bordered": int(window.bordered),
            "gemm": Expression(f"tml_armv6m_gemm_{ends.variant}"),
            "weights": side_by_side(flat),
            "chunks": chunk_table(flat),
            "ends": ends.table(folded_bias(bias, flat, op.input_zero_point)),
            "lowest": ends.lowest,
            "highest": ends.highest,
        },
    )
    outside_bytes = -(-op.input_channels // 4) * 4 if window.bordered else 0
    call = Call(
        "tml_armv6m_conv_2d",
        "armv6m/conv_2d.c",
        params,
        scratch_bytes=_TAP_BYTES * flat.shape[1] + outside_bytes,
    )

    def over(window: Window) -> Call:
        # A tile is read before it is written.
        pixels = op.batches * math.prod(window.output)
        distance = max(0, (channels - op.input_channels) * pixels)
        return replace(call, overlaps={0: distance} if in_order else {})

    return in_strips(over(window), window, over)


def _cost(op: Conv2D) -> float:
    """Instructions, as counted on an emulated board, within a tenth."""
    channels, rows = op.weights.shape[:2]
    window = 2.2 * op.weights.size + 12 * channels + 160 + 40 * rows
    return float(windows_in_tiles(op, _PIXELS) * window)
