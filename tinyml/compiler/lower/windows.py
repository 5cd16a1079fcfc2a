"""What lowerings of convolutions for single cores ask of their windows."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

import numpy as np

from tinyml.compiler.program import Call, Strips
from tinyml.graph.fixed_point import Int64
from tinyml.graph.ops.base import Window
from tinyml.graph.ops.conv import Conv2D
from tinyml.graph.ops.fully_connected import FullyConnected


def reads_all_once(window: Window) -> bool:
    """Whether the only output is a sum over the whole image."""
    return window.output == (1, 1) and window.kernel == window.input and window.dilation == (1, 1)


def along_rows(window: Window) -> Window:
    """An image of one column as one of one row, where taps lie beside each other."""
    if window.input[1] > 1 or window.kernel[1] > 1 or window.output[1] > 1:
        return window
    return Window(**{name: pair[::-1] for name, pair in vars(window).items()})


# Of parameters that hold a tml_window_t.
WINDOW_ROWS: Final[Mapping[str, str]] = {
    "window.before_rows": "strip->before",
    "window.input_rows": "strip->inputs",
    "window.output_rows": "strip->outputs",
}


# The same of windows that were turned by along_rows().
WINDOW_COLUMNS: Final[Mapping[str, str]] = {
    name.replace("rows", "columns"): value for name, value in WINDOW_ROWS.items()
}


def reach(window: Window, axis: int = 0) -> int:
    """Rows, or columns, from the first tap to the last."""
    return (window.kernel[axis] - 1) * window.dilation[axis] + 1


def inside(window: Window, axis: int) -> tuple[int, int]:
    """First and end of the outputs whose windows lie inside the image on an axis."""
    stride, before = window.stride[axis], window.before[axis]
    first = -(-before // stride)
    end = (window.input[axis] - reach(window, axis) + before) // stride + 1
    return first, max(first, min(end, window.output[axis]))


def strip_window(window: Window, outputs: int) -> Window:
    """The window of a strip of ``outputs`` rows: the most that it reads, and any border.

    Strips inside the image have no border, the first and the last one may read fewer rows.
    """
    stride, before = window.stride[0], window.before[0]
    inputs = (outputs - 1) * stride + reach(window)
    below = (window.output[0] - 1) * stride - before + reach(window) > window.input[0]
    if below and before == 0:
        inputs -= 1  # so that the last row of this window has a border, too
    return replace(
        window,
        input=(min(inputs, window.input[0]), window.input[1]),
        output=(outputs, window.output[1]),
    )


def in_strips(
    call: Call,
    window: Window,
    lowered: Callable[[Window], Call] | None = None,
    fields: Mapping[str, str] = WINDOW_ROWS,
) -> Call:
    """The call, which can also work on strips.

    Args:
        call: on whole images.
        window: of the whole image.
        lowered: makes the call for a strip's window; None where it is the same but for ``fields``.
        fields: what changes from strip to strip (Strips.fields).
    """

    whole = replace(call, strips=None)

    def strip_call(outputs: int) -> Call:
        return whole if lowered is None else lowered(strip_window(window, outputs))

    return replace(call, strips=Strips(fields, strip_call))


def elements_in_strips(call: Call, field: str, shape: tuple[int, ...]) -> Call:
    """A call that walks over elements in order, ``field`` of them, which make a [1, rows, ...]."""
    if len(shape) != 4 or shape[0] != 1:
        return call
    fields = {field: f"{shape[2] * shape[3]} * strip->outputs"}
    whole = replace(call, strips=None)
    return replace(call, strips=Strips(fields, lambda _outputs: whole))


def windows_in_tiles(op: Conv2D, tile: int) -> int:
    """How many windows are read, where those of ``tile`` outputs are, some of them in vain."""
    return -(-op.batches * math.prod(op.window.output) // tile) * tile


def as_fully_connected(op: Conv2D) -> FullyConnected:
    """A convolution that ``reads_all_once``, and has one group."""
    channels = op.output_channels
    return FullyConnected(
        batches=op.batches,
        weights=op.weights.reshape(channels, -1),
        bias=op.bias,
        input_zero_point=op.input_zero_point,
        requantization=op.requantization,
        dtype=op.dtype,
        output_shape=(op.batches, 1, 1, channels),
    )


def as_convolution(op: FullyConnected) -> Conv2D:
    """Each row is a pixel."""
    one, row = (1, 1), (1, op.batches)
    return Conv2D(
        window=Window(kernel=one, stride=one, dilation=one, before=(0, 0), input=row, output=row),
        batches=1,
        input_channels=op.weights.shape[1],
        weights=op.weights[:, np.newaxis, np.newaxis],
        bias=op.bias,
        input_zero_point=op.input_zero_point,
        requantization=op.requantization,
        dtype=op.dtype,
        groups=1,
    )


def still_read(op: Conv2D) -> Int64:
    """[outputs]: the first element of the input that an output, or one after it, reads."""
    window = op.window
    rows, columns = (
        np.maximum(np.arange(outputs) * stride - before, 0)
        for outputs, stride, before in zip(window.output, window.stride, window.before, strict=True)
    )
    places = (rows[:, np.newaxis] * window.input[1] + columns).ravel() * op.input_channels
    lowest: Int64 = np.minimum.accumulate(places[::-1])[::-1]
    return lowest


def overlap(op: Conv2D, pixels: int, read_first: int) -> int:
    """Bytes that the output of a kernel must start before its input, which it uses up.

    Args:
        op: the convolution, of one batch.
        pixels: that are written together.
        read_first: how many pixels have been read for good when the first of them are written:
            ``pixels`` for kernels that copy what they read, 0 for those that read it again.
    """
    reads = still_read(op)
    tiles = np.arange(0, len(reads), pixels)
    written = np.minimum(tiles + pixels, len(reads)) * op.output_channels
    nothing = np.full(pixels, np.iinfo(np.int64).max // 2)
    read = np.append(reads, nothing)[tiles + read_first]
    return max(0, int((written - read).max()))
