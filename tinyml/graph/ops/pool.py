"""AVERAGE_POOL_2D and MAX_POOL_2D, int8 and int16.

Source: TFLite's reference_integer_ops/pooling.h.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from tinyml.graph.ir import RANGES, Array, DType, Graph, Operator
from tinyml.graph.ops.base import (
    Window,
    clamp_of,
    require_dtype,
    require_rank,
    require_same_dtype,
    require_same_quantization,
    require_shape,
)
from tinyml.graph.ops.facts import ACTIVATION, PADDING, STRIDES, Facts, Field, Tflm
from tinyml.graph.ops.registry import operator

_WINDOWS: Final[tuple[Field, ...]] = (
    PADDING, *STRIDES, ("filter_w", "i", 0), ("filter_h", "i", 0), ACTIVATION,
)  # fmt: skip


@dataclass(frozen=True)
class Pool2D:
    """The mean or the maximum of a window, channel by channel."""

    window: Window
    batches: int
    channels: int
    average: bool
    lowest: int
    highest: int
    dtype: DType
    macs: int = 0

    def evaluate(self, *inputs: Array) -> tuple[Array, ...]:
        """One output, [batches, out rows, out columns, channels]."""
        pool = self._mean if self.average else self._maximum
        images = [np.clip(pool(image), self.lowest, self.highest) for image in inputs[0]]
        return (np.stack(images).astype(self.dtype.numpy),)

    def _mean(self, image: Array) -> Array:
        sums: Array = self.window.patches(image.astype(np.int64), 0).sum(axis=(2, 3))
        inside = np.ones((*self.window.input, 1), np.int64)
        counts: Array = self.window.patches(inside, 0).sum(axis=(2, 3))
        # C divides towards zero: halves are rounded away from it.
        magnitude = (np.abs(sums) + counts // 2) // counts
        mean: Array = np.where(sums > 0, magnitude, -magnitude)
        return mean

    def _maximum(self, image: Array) -> Array:
        maximum: Array = self.window.patches(image, RANGES[self.dtype][0]).max(axis=(2, 3))
        return maximum


@operator(
    AVERAGE_POOL_2D=Facts(
        options=_WINDOWS,
        clamps=True,
        tflm=Tflm("AveragePool2D", 40, 32, 32, 36),
        recorded=True,
        litert=True,
    ),
    MAX_POOL_2D=Facts(
        options=_WINDOWS, clamps=True, tflm=Tflm("MaxPool2D", 40, 32, 32, 36), litert=True
    ),
)
def prepare_pool_2d(graph: Graph, op: Operator) -> Pool2D:
    """Check a pooling operator."""
    source, output = graph.input_of(op, 0), graph.output_of(op)
    require_rank(op, source, 4)
    require_dtype(op, source, (DType.INT8, DType.INT16))
    require_same_dtype(op, source, output)
    require_same_quantization(op, source, output)
    batches, rows, columns, channels = source.shape
    kernel = (op.integer("filter_h"), op.integer("filter_w"))
    window = Window.of(op, kernel, (rows, columns))
    require_shape(op, output, (batches, *window.output, channels))
    lowest, highest = clamp_of(op, output)
    return Pool2D(
        window=window,
        batches=batches,
        channels=channels,
        average=op.name == "AVERAGE_POOL_2D",
        lowest=lowest,
        highest=highest,
        dtype=output.dtype,
    )
