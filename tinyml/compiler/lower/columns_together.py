"""Convolutions of few channels with several outputs of a row as the channels of one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import numpy as np

from tinyml.graph.ops.conv import Conv2D

_COUNTS: Final = (2, 4, 8, 16)
_MOST_ADDED_BYTES: Final = 512  # of weights that are 0
_LEAST_GAIN: Final = 0.9  # estimates are rough: less than a tenth is none


def best_columns_together(op: Conv2D, cost: Callable[[Conv2D], float]) -> Conv2D:
    """``op``, or the same with as many columns together as cost least.

    Args:
        op: the convolution.
        cost: estimated instructions.
    """
    window = op.window
    if op.groups > 1 or window.dilation[1] > 1 or window.kernel == (1, 1):
        return op  # single pixels are read in order, at no cost
    best, least = op, _LEAST_GAIN * cost(op)
    for count in _COUNTS:
        if window.output[1] % count == 0 and _added_bytes(op, count) <= _MOST_ADDED_BYTES:
            wider = with_columns_together(op, count)
            instructions = cost(wider)
            if instructions < least:
                best, least = wider, instructions
    return best


def _wider(op: Conv2D, count: int) -> int:
    """Columns of the window in which those of ``count`` outputs lie."""
    return (count - 1) * op.window.stride[1] + op.window.kernel[1]


def _added_bytes(op: Conv2D, count: int) -> int:
    channels, rows, _, depth = op.weights.shape
    return int(count * channels * rows * _wider(op, count) * depth - op.weights.size)


def with_columns_together(op: Conv2D, count: int) -> Conv2D:
    """The same with ``count`` outputs beside each other as the channels of one.

    Their windows lie within a wider one, in which the other weights are 0: more products, but
    fewer windows to read, in longer pieces.
    """
    window, channels = op.window, op.output_channels
    stride, columns = window.stride[1], window.kernel[1]
    rows, _, depth = op.weights.shape[1:]
    wider = _wider(op, count)
    weights = np.zeros((count, channels, rows, wider, depth), np.int8)
    for number in range(count):
        weights[number, :, :, number * stride : number * stride + columns] = op.weights
    return replace(
        op,
        window=replace(
            window,
            kernel=(rows, wider),
            stride=(window.stride[0], count * stride),
            output=(window.output[0], window.output[1] // count),
        ),
        weights=weights.reshape(count * channels, rows, wider, depth),
        bias=np.tile(op.bias, count),
        requantization=op.requantization.repeated(count),
    )
