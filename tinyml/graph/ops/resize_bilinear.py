"""RESIZE_BILINEAR, int8.

Source: ResizeBilinearInteger in TFLite's reference/resize_bilinear.h: positions in 1/1024.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinyml.graph.fixed_point import Int64
from tinyml.graph.ir import Array, DType, Graph, Operator
from tinyml.graph.ops.base import (
    require,
    require_dtype,
    require_rank,
    require_same_dtype,
    require_same_quantization,
    require_shape,
)
from tinyml.graph.ops.facts import Facts, Tflm
from tinyml.graph.ops.registry import operator


@dataclass(frozen=True, eq=False)
class Neighbours:
    """For each output row or column: the two inputs beside it, and how far it is from the first."""

    lower: Int64
    upper: Int64
    weight: Int64  # of the upper one, in 1/1024; a little below 0 or above 1024 at the border


@dataclass(frozen=True, eq=False)
class ResizeBilinear:
    """Each output pixel from the four input pixels around it."""

    input_shape: tuple[int, ...]
    rows: Neighbours
    columns: Neighbours
    macs: int = 0

    def evaluate(self, *inputs: Array) -> tuple[Array, ...]:
        """One output, [batches, rows, columns, channels]."""
        x = inputs[0].astype(np.int64)
        down = self.rows.weight[:, np.newaxis, np.newaxis]
        across = self.columns.weight[:, np.newaxis]
        upper, lower = x[:, self.rows.lower], x[:, self.rows.upper]

        def between(rows: Array) -> Array:
            left, right = rows[:, :, self.columns.lower], rows[:, :, self.columns.upper]
            return left * (1024 - across) + right * across

        total = between(upper) * (1024 - down) + between(lower) * down
        # C divides towards zero: halves are rounded away from it.
        magnitude = (np.abs(total) + (1 << 19)) >> 20
        return (np.where(total > 0, magnitude, -magnitude).astype(np.int8),)


def _neighbours(size: int, wanted: int, *, aligned: bool, half: bool) -> Neighbours:
    scale = (1024 * size + wanted // 2) // wanted
    if aligned and wanted > 1:
        scale = (1024 * (size - 1) + (wanted - 1) // 2) // (wanted - 1)
    place = np.arange(wanted, dtype=np.int64) * scale
    if half:
        place = place + scale // 2 - 512
    lower = np.maximum(np.trunc(place / 1024).astype(np.int64), 0)
    upper = np.minimum(np.trunc((place + 1023) / 1024).astype(np.int64), size - 1)
    return Neighbours(lower, upper, place - 1024 * lower)


@operator(
    RESIZE_BILINEAR=Facts(
        inputs=2,
        options=(
            None,
            None,
            ("align_corners", "?", False),
            ("half_pixel_centers", "?", False),
        ),
        tflm=Tflm("ResizeBilinear", 4, short_options=2),
        litert=True,
    ),
)
def prepare_resize_bilinear(graph: Graph, op: Operator) -> ResizeBilinear:
    """Check a RESIZE_BILINEAR."""
    source, output = graph.input_of(op, 0), graph.output_of(op)
    for tensor in (source, output):
        require_rank(op, tensor, 4)
    require_dtype(op, source, (DType.INT8,))
    require_same_dtype(op, source, output)
    require_same_quantization(op, source, output)
    aligned = bool(op.options.get("align_corners", False))
    half = bool(op.options.get("half_pixel_centers", False))
    require(op, not (aligned and half), "aligned corners and half-pixel centres cannot be combined")
    batches, rows, columns, channels = source.shape
    require_shape(op, output, (batches, *output.shape[1:3], channels))
    require(op, max(rows, columns) < 2**15, "its input is too large")
    return ResizeBilinear(
        source.shape,
        _neighbours(rows, output.shape[1], aligned=aligned, half=half),
        _neighbours(columns, output.shape[2], aligned=aligned, half=half),
    )
