"""DEPTHWISE_CONV_2D on Armv6-M: 3x3, over planes (firmware/kernels/armv6m/plane.h)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinyml.compiler.c_values import Expression, Struct, Table
from tinyml.compiler.lower.armv6m.products import (
    MOST_OF_CHUNK,
    folded_bias,
    require_int8,
    require_products,
)
from tinyml.compiler.lower.armv6m.stairs import stairs
from tinyml.compiler.lower.base import NotFitting, lowers
from tinyml.compiler.program import Call
from tinyml.graph.ops.base import Window
from tinyml.graph.ops.conv import DepthwiseConv2D

# Instructions, which tell the better orientation: two outputs, a row of them, a word of the plane.
_PAIR_COST = 80
_ROW_COST = 13
_WORD_COST = 8


@dataclass(frozen=True)
class _Plane:
    """A plane whose rows are the image's axis ``rows``, 0 rows or 1 columns."""

    window: Window
    rows: int

    @property
    def shape(self) -> tuple[int, int]:
        """Words: rows of half the outputs, and columns."""
        stride = self.window.stride[0]
        half = -(-self.window.output[self.rows] // 2)
        return (half - 1) * stride + 3, (self.window.output[1 - self.rows] - 1) * stride + 3

    @property
    def words(self) -> int:
        """All of them."""
        return self.shape[0] * self.shape[1]

    @property
    def cost(self) -> int:
        """Instructions a channel."""
        half = -(-self.window.output[self.rows] // 2)
        outputs = self.window.output[1 - self.rows]
        return half * (_ROW_COST + outputs * _PAIR_COST) + self.words * _WORD_COST


@lowers(DepthwiseConv2D, feature="armv6m")
def lower_depthwise_conv_2d(op: DepthwiseConv2D) -> Call:
    """One channel at a time in a plane of two halves."""
    window, channels = op.window, op.output_channels
    shapes = (window.kernel, window.dilation, window.stride)
    if op.multiplier != 1 or shapes not in (((3, 3), (1, 1), (s, s)) for s in (1, 2)):
        raise NotFitting
    require_int8(op.dtype)
    ends = stairs(op.requantization, channels)
    plane = min((_Plane(window, 0), _Plane(window, 1)), key=lambda plane: plane.cost)
    turned = op.weights if plane.rows == 0 else op.weights.transpose(1, 0, 2)
    flat, bias = ends.lively(turned.reshape(9, channels).T, op.bias)
    require_products(bias, flat, op.input_zero_point)
    rows = np.abs(flat.astype(np.int64)).reshape(channels, 3, 3)
    if rows[:, :, :2].sum(axis=2).max() > MOST_OF_CHUNK:
        raise NotFitting
    table = ends.table(folded_bias(bias, flat, op.input_zero_point))
    params = Struct(
        "tml_armv6m_depthwise_conv_2d_t",
        {
            "rows": _axis(op, plane.rows),
            "columns": _axis(op, 1 - plane.rows),
            "batches": op.batches,
            "channels": channels,
            "stride": window.stride[0],
            "input_zero_point": op.input_zero_point,
            "plane_rows": plane.shape[0],
            "plane_columns": plane.shape[1],
            "triples": Expression(f"tml_armv6m_plane_triples_{ends.variant}"),
            "pairs": Expression(f"tml_armv6m_plane_pairs_{ends.variant}"),
            "weights": Table("weights", flat),
            "paired": Table(
                "paired", (rows.sum(axis=2).max(axis=1) > MOST_OF_CHUNK).astype(np.uint8)
            ),
            "ends": table,
            "end_words": table.data.shape[1],
            "lowest": ends.lowest,
            "highest": ends.highest,
        },
    )
    return Call(
        "tml_armv6m_depthwise_conv_2d",
        "armv6m/depthwise_conv_2d.c",
        params,
        scratch_bytes=4 * plane.words,
        # A channel is read before it is written.
        in_place=(0,) if window.input == window.output else (),
    )


def _axis(op: DepthwiseConv2D, axis: int) -> Struct:
    """tml_armv6m_axis_t of the rows, 0, or the columns, 1."""
    window, channels = op.window, op.output_channels
    return Struct(
        "tml_armv6m_axis_t",
        {
            "inputs": window.input[axis],
            "outputs": window.output[axis],
            "before": window.before[axis],
            "input_bytes": channels * (window.input[1] if axis == 0 else 1),
            "output_bytes": channels * (window.output[1] if axis == 0 else 1),
        },
    )
