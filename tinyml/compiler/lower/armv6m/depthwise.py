"""DEPTHWISE_CONV_2D on Armv6-M, over planes (firmware/kernels/armv6m/plane.h)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

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

_MAX_SCRATCH_BYTES = 16 * 1024  # beyond it, speed is not worth the memory
# Instructions, which tell the better orientation: two outputs, two taps of them, a row of outputs,
# a word of the plane.
_PAIR_COST = 50
_TAPS_COST = 11
_ROW_COST = 13
_WORD_COST = 8


@dataclass(frozen=True)
class _Plane:
    """A plane whose rows are the image's axis ``rows``, 0 rows or 1 columns."""

    window: Window
    rows: int

    @property
    def kernel(self) -> tuple[int, int]:
        """Taps of its rows and columns; the latter even, but for 3x3."""
        rows, columns = self.window.kernel[self.rows], self.window.kernel[1 - self.rows]
        return (rows, columns) if (rows, columns) == (3, 3) else (rows, columns + columns % 2)

    @property
    def half(self) -> int:
        """Rows of outputs in a half."""
        return -(-self.window.output[self.rows] // 2)

    @property
    def shape(self) -> tuple[int, int]:
        """Words: rows of half the outputs, and columns."""
        outputs = (self.half, self.window.output[1 - self.rows])
        strides = (self.window.stride[self.rows], self.window.stride[1 - self.rows])
        rows, columns = (
            (output - 1) * stride + taps
            for output, stride, taps in zip(outputs, strides, self.kernel, strict=True)
        )
        return rows, columns

    @property
    def scratch_bytes(self) -> int:
        """Its words, and the weights of a channel."""
        return 4 * (math.prod(self.shape) + math.prod(self.kernel))

    @property
    def cost(self) -> int:
        """Instructions a channel."""
        outputs = self.window.output[1 - self.rows]
        pair = _PAIR_COST + math.prod(self.kernel) * _TAPS_COST // 2
        return self.half * (_ROW_COST + outputs * pair) + math.prod(self.shape) * _WORD_COST


@lowers(DepthwiseConv2D, feature="armv6m")
def lower_depthwise_conv_2d(op: DepthwiseConv2D) -> Call:
    """One channel at a time in a plane of two halves."""
    window, channels = op.window, op.output_channels
    require_int8(op.dtype)
    plane = min((_Plane(window, 0), _Plane(window, 1)), key=lambda plane: plane.cost)
    if window.dilation != (1, 1) or plane.scratch_bytes > _MAX_SCRATCH_BYTES:
        raise NotFitting
    ends = stairs(op.requantization, channels)
    flat, bias = ends.lively(_turned(op, plane), op.bias)
    require_products(bias, flat, op.input_zero_point)
    kernels, choice = _kernels(flat.reshape(channels, *plane.kernel))
    table = ends.table(folded_bias(bias, flat, op.input_zero_point))
    params = Struct(
        "tml_armv6m_depthwise_conv_2d_t",
        {
            "rows": _axis(op, plane.rows),
            "columns": _axis(op, 1 - plane.rows),
            "batches": op.batches,
            "channels": op.input_channels,
            "multiplier": op.multiplier,
            "input_zero_point": op.input_zero_point,
            "plane_rows": plane.shape[0],
            "plane_columns": plane.shape[1],
            "kernel_rows": plane.kernel[0],
            "kernel_columns": plane.kernel[1],
            "kernels": tuple(
                Expression(f"tml_armv6m_plane_{kernel}_{ends.variant}") for kernel in kernels
            ),
            "choice": Table("choice", choice),
            "weights": Table("weights", flat),
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
        scratch_bytes=plane.scratch_bytes,
        # A channel is read before it is written.
        in_place=(0,) if window.input == window.output and op.multiplier == 1 else (),
    )


def _turned(op: DepthwiseConv2D, plane: _Plane) -> npt.NDArray[np.int8]:
    """Weights [output channels, taps] in the plane's order, filled up to its kernel."""
    turned = op.weights if plane.rows == 0 else op.weights.transpose(1, 0, 2)
    filled = np.zeros((*plane.kernel, op.output_channels), np.int8)
    filled[:, : turned.shape[1]] = turned
    return filled.reshape(-1, op.output_channels).T


def _kernels(
    weights: npt.NDArray[np.int8],
) -> tuple[tuple[str, ...], npt.NDArray[np.uint8]]:
    """Names of kernels, and for each channel of [channels, rows, columns] which one."""
    magnitudes = np.abs(weights.astype(np.int64))
    channels, rows, columns = weights.shape
    pairs = magnitudes[:, :, : columns // 2 * 2].reshape(channels, rows, -1, 2).sum(axis=3)
    if pairs.max() > MOST_OF_CHUNK:
        raise NotFitting
    if (rows, columns) != (3, 3):
        return ("any",), np.zeros(channels, np.uint8)
    triples = magnitudes.sum(axis=2).max(axis=1) <= MOST_OF_CHUNK
    return ("triples", "pairs"), (~triples).astype(np.uint8)


def _axis(op: DepthwiseConv2D, axis: int) -> Struct:
    """tml_armv6m_axis_t of the rows, 0, or the columns, 1."""
    window = op.window
    return Struct(
        "tml_armv6m_axis_t",
        {
            "inputs": window.input[axis],
            "outputs": window.output[axis],
            "before": window.before[axis],
            "stride": window.stride[axis],
            "input_bytes": op.input_channels * (window.input[1] if axis == 0 else 1),
            "output_bytes": op.output_channels * (window.output[1] if axis == 0 else 1),
        },
    )
