"""CONV_2D on Armv7E-M."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from tinyml.compiler.c_values import Expression, Struct, Value
from tinyml.compiler.lower.armv7em.fully_connected import lower_fully_connected
from tinyml.compiler.lower.armv7em.products import PackedRows, folded_ends, require_products
from tinyml.compiler.lower.base import (
    NotFitting,
    StandIn,
    lowers,
    stands_in,
    window_struct,
)
from tinyml.compiler.lower.columns_together import best_columns_together
from tinyml.compiler.lower.windows import (
    WINDOW_ROWS,
    as_convolution,
    as_fully_connected,
    in_strips,
    inside,
    overlap,
    reach,
    reads_all_once,
    windows_in_tiles,
)
from tinyml.compiler.program import Call
from tinyml.graph.ops.base import Window
from tinyml.graph.ops.conv import Conv2D
from tinyml.graph.ops.fully_connected import FullyConnected

_PIXELS = 3  # of a tile
_TILE_BYTES = 24  # a group of four products: two words for each of three pixels
_DENSE_CODE_BYTES = 1500  # of armv7em/fully_connected.c with gemv.S


@lowers(Conv2D, feature="dsp")
def lower_conv_2d(op: Conv2D) -> Call:
    """Tiles of three pixels and two channels; one pixel is a fully connected layer."""
    if op.groups > 1:
        raise NotFitting
    if reads_all_once(op.window):
        return lower_fully_connected(as_fully_connected(op))
    return _by_tiles(best_columns_together(op, _cost))


def _cost(op: Conv2D) -> float:
    """Instructions, as counted on an emulated board, within an eighth."""
    channels, rows, columns, depth = op.weights.shape
    groups, rest = -(-rows * columns * depth // 4), columns * depth % 4
    reading = 38
    if rest:
        short = (rest, rows) == (1, 3)  # which has a way of its own in conv_2d.c
        reading += 30 if short else 40 + 7 * rows * min(rest, 2)
    window = groups * (2.75 * channels + 4) + 5.7 * channels + reading
    return float(windows_in_tiles(op, _PIXELS) * window)


@stands_in(FullyConnected, feature="dsp")
def fully_connected_by_tiles(op: FullyConnected) -> StandIn:
    """Where there are few products, another kernel's code is not worth it."""
    groups, outputs = -(-op.weights.shape[1] // 4), len(op.weights)
    quadruples = op.batches * (groups * 13.5 + 36) * outputs / 4
    tiles = -(-op.batches // 3) * (groups * (8.25 * outputs + 12) + 17 * outputs)
    spared = frozenset({"kernels/armv7em/fully_connected.c", "kernels/armv7em/gemv.S"})
    call = replace(_by_tiles(as_convolution(op)), strips=None)
    return StandIn(call, max(0, int(tiles - quadruples)), spared, _DENSE_CODE_BYTES)


def _by_tiles(op: Conv2D) -> Call:
    channels = op.output_channels
    flat = op.weights.reshape(channels, -1)
    if channels < 2:
        raise NotFitting
    products = require_products(op.dtype, op.bias, flat, op.input_zero_point)
    ends = folded_ends(op.requantization, products, signed=True)
    reading = _Reading.of(op)
    rows = PackedRows.of(reading.in_order(flat), op.bias, op.input_zero_point, ends.biases)
    params = Struct(
        "tml_armv7em_conv_2d_t",
        {
            "window": window_struct(reading.window),
            "batches": op.batches,
            "input_channels": op.input_channels,
            "output_channels": channels,
            "input_zero_point": op.input_zero_point,
            "groups": rows.groups,
            **reading.fields(),
            "ends": Expression(f"tml_armv7em_ends_{ends.variant}"),
            "addend": ends.addend,
            "packed": rows.packed("packed", 0, channels & ~1, 2, ends.words),
            "last_packed": rows.packed("last_packed", channels - 2, channels, 2, ends.words)
            if channels % 2
            else None,
            "clamp": ends.clamp,
        },
    )
    call = Call(
        "tml_armv7em_conv_2d",
        "armv7em/conv_2d.c",
        params,
        scratch_bytes=rows.groups * _TILE_BYTES + reading.scratch_bytes,
    )

    def over(window: Window) -> Call:
        strip_call = replace(op, window=window)
        return replace(call, overlaps={0: overlap(strip_call, _PIXELS, _PIXELS)})

    whole = over(op.window) if op.batches == 1 else call
    return in_strips(whole, op.window, over, reading.strip_fields(op.window))


@dataclass(frozen=True)
class _Reading:
    """How windows are read: rows word by word, then what is left of all rows."""

    window: Window
    channels: int

    @classmethod
    def of(cls, op: Conv2D) -> _Reading:
        window = op.window
        if window.kernel == (1, 1) and window.stride == (1, 1) and window.input == window.output:
            # One long row, of which no tile breaks.
            pixels = (1, math.prod(window.input))
            window = replace(window, input=pixels, output=pixels)
        return cls(window, op.input_channels)

    @property
    def row_bytes(self) -> int:
        return self.window.kernel[1] * self.channels

    @property
    def row_words(self) -> int:
        return self.row_bytes // 4

    @property
    def row_rest(self) -> int:
        return self.row_bytes % 4

    def in_order(self, weights: npt.NDArray[np.int8]) -> npt.NDArray[np.int8]:
        """Weights [channels, taps] in the order in which their activations are read."""
        rows = weights.reshape(len(weights), self.window.kernel[0], self.row_bytes)
        words, rest = np.split(rows, [4 * self.row_words], axis=2)
        flat = [part.reshape(len(weights), -1) for part in (words, rest)]
        return np.concatenate(flat, axis=1)

    def inside(self, axis: int) -> tuple[int, int]:
        """First and end of the outputs whose windows lie inside the image on an axis."""
        if axis == 1 and self.window.dilation[1] > 1 and self.window.kernel[1] > 1:
            return 0, 0  # their rows have holes
        return inside(self.window, axis)

    @property
    def gathers(self) -> bool:
        """Whether some windows do not lie inside."""
        return any(self.inside(axis) != (0, self.window.output[axis]) for axis in (0, 1))

    @property
    def scratch_bytes(self) -> int:
        rest = -(-self.row_rest * self.window.kernel[0] // 4)
        patch = -(-self.row_bytes * self.window.kernel[0] // 4) if self.gathers else 0
        return 4 * _PIXELS * (rest + patch)

    def strip_fields(self, image: Window) -> Mapping[str, str]:
        """What changes from strip to strip, where these windows are those of ``image``."""
        if self.window is not image:
            pixels = f"{image.output[1]} * strip->outputs"
            names = ("window.input_columns", "window.output_columns", "end_column")
            return dict.fromkeys(names, pixels)
        stride = image.stride[0]
        beyond = reach(image) - stride
        return {
            **WINDOW_ROWS,
            "first_row": f"(strip->before + {stride - 1}) / {stride}",
            # Of images that are lower than a window, no row from the first on.
            "end_row": f"(strip->before + strip->inputs - {beyond}) / {stride}",
        }

    def fields(self) -> dict[str, Value]:
        (first_row, end_row), (first_column, end_column) = self.inside(0), self.inside(1)
        return {
            "row_words": self.row_words,
            "row_rest": self.row_rest,
            "first_row": first_row,
            "end_row": end_row,
            "first_column": first_column,
            "end_column": end_column,
        }
