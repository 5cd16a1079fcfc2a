"""CONV_2D on Armv8.1-M."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt

from tinyml.compiler.c_values import Expression, Struct, Table
from tinyml.compiler.lower.armv81mm.ends import LANES, ends, in_blocks
from tinyml.compiler.lower.armv81mm.fully_connected import lower_fully_connected
from tinyml.compiler.lower.base import NotFitting, lowers, window_struct
from tinyml.compiler.lower.columns_together import best_columns_together
from tinyml.compiler.lower.windows import (
    WINDOW_COLUMNS,
    WINDOW_ROWS,
    along_rows,
    as_fully_connected,
    in_strips,
    overlap,
    reads_all_once,
    windows_in_tiles,
)
from tinyml.compiler.program import Call
from tinyml.graph.ops.base import Window
from tinyml.graph.ops.conv import Conv2D

_PIXELS: Final = 4  # together
_CHANNELS: Final = 2
_LARGEST_PLACE: Final = 2**16 - 1


@lowers(Conv2D, feature="mve")
def lower_conv_2d(op: Conv2D) -> Call:
    """Four pixels at a time; one pixel is a fully connected layer."""
    if op.groups > 1 or op.output_channels * _PIXELS > _LARGEST_PLACE:
        raise NotFitting
    if reads_all_once(op.window):
        return lower_fully_connected(as_fully_connected(op))
    op = best_columns_together(op, _cost)
    channels = op.output_channels
    image = op.window
    op = replace(op, window=along_rows(image))
    flat = op.weights.reshape(channels, -1)
    end = ends(op.requantization, op.bias, flat, op.input_zero_point, op.dtype)
    packed = _packed(in_blocks(flat), end.filled(1))
    order = _order(op.window, op.input_channels)
    # The last of an odd number of channels is a pair of itself.
    odd = channels % _CHANNELS > 0
    depth = flat.shape[1]
    blocks = -(-depth // LANES)
    params = Struct(
        "tml_armv81mm_conv_2d_t",
        {
            "window": window_struct(op.window),
            "batches": op.batches,
            "input_channels": op.input_channels,
            "output_channels": channels,
            "input_zero_point": op.input_zero_point,
            "depth": depth,
            "blocks": blocks,
            "order": Expression(f"TML_ARMV81MM_{order}"),
            "gemm": Expression(f"tml_armv81mm_gemm{end.variant}"),
            "packed": Table("packed", packed[: channels // _CHANNELS]) if channels > 1 else None,
            "last_packed": Table("last_packed", packed[-1]) if odd else None,
            "range": end.range,
        },
    )
    patches = 2 if order == "GATHERED" else 1
    call = Call(
        "tml_armv81mm_conv_2d",
        "armv81mm/conv_2d.c",
        params,
        scratch_bytes=patches * _PIXELS * blocks * LANES,
    )

    def over(window: Window) -> Call:
        by_rows = replace(op, window=along_rows(window))
        return replace(call, overlaps={0: overlap(by_rows, _PIXELS, _PIXELS)})

    fields = WINDOW_ROWS if op.window is image else WINDOW_COLUMNS
    return in_strips(over(image) if op.batches == 1 else call, image, over, fields)


def _cost(op: Conv2D) -> float:
    """Instructions, as counted on an emulated board, within a tenth."""
    channels, rows, columns, depth = op.weights.shape
    blocks = -(-rows * columns * depth // LANES)
    window = 80 + 8 * rows + channels * (3.3 + 1.6 * blocks)
    return float(windows_in_tiles(op, _PIXELS) * window)


def _order(window: Window, channels: int) -> str:
    """How pixels come into patches (conv_2d.h)."""
    if window.kernel == (1, 1) and window.stride == (1, 1):
        return "IN_ORDER"
    # Of windows that cross the border on the left or right, parts of rows have to be vectors, too.
    together = window.dilation[1] == 1 and not window.bordered_on(1)
    piece = channels * (window.kernel[1] if together else 1)
    return "SPREAD" if piece % LANES == 0 else "GATHERED"


def _packed(weights: npt.NDArray[np.int8], ends: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """[pairs, words], from weights [channels, taps] and ends [3, channels]; gemm.h."""
    channels, taps = weights.shape
    pairs = np.minimum(np.arange(channels + channels % 2).reshape(-1, 2), channels - 1)
    blocks = weights[pairs].reshape(-1, 2, taps // LANES, LANES).transpose(0, 2, 1, 3)
    words = np.ascontiguousarray(blocks).reshape(len(pairs), -1).view(np.int32)
    return np.hstack([words, ends.T[pairs].transpose(0, 2, 1).reshape(len(pairs), -1)])
