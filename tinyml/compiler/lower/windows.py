"""What lowerings of convolutions for single cores ask of their windows."""

from __future__ import annotations

import numpy as np

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
