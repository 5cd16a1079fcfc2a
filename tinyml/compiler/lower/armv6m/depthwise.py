"""DEPTHWISE_CONV_2D on Armv6-M, over planes (firmware/kernels/armv6m/plane.h)."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

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
from tinyml.compiler.lower.windows import strip_window
from tinyml.compiler.program import Call, Strips
from tinyml.graph.ops.base import Window
from tinyml.graph.ops.conv import DepthwiseConv2D

_MAX_SCRATCH_BYTES = 16 * 1024  # beyond it, speed is not worth the memory
# Instructions, which tell the better plane: two outputs, two taps of them, a row of outputs; a
# word, one with a half outside the image, a row of such.
_PAIR_COST = 50
_TAPS_COST = 11
_ROW_COST = 13
_WORD_COST = 8
_BORDER_COST = 25
_BORDER_ROW_COST = 30


@dataclass(frozen=True)
class _Plane:
    """A plane whose rows are the image's axis ``rows``, 0 rows or 1 columns."""

    window: Window
    rows: int
    cut: int  # the plane's axis that is cut in two, 0 rows or 1 columns

    def of_window(self, pair: tuple[int, int]) -> tuple[int, int]:
        """What a window has in rows and columns, in the plane's."""
        return (pair[self.rows], pair[1 - self.rows])

    @property
    def taps(self) -> tuple[int, int]:
        """Of rows and columns; the latter even, but for 3x3."""
        rows, columns = self.of_window(self.window.kernel)
        return (rows, columns) if (rows, columns) == (3, 3) else (rows, columns + columns % 2)

    @property
    def outputs(self) -> tuple[int, int]:
        """Of a half."""
        rows, columns = self.of_window(self.window.output)
        return (-(-rows // 2), columns) if self.cut == 0 else (rows, -(-columns // 2))

    @property
    def words(self) -> tuple[int, int]:
        """Rows and columns."""
        strides = self.of_window(self.window.stride)
        rows, columns = (
            (outputs - 1) * stride + taps
            for outputs, stride, taps in zip(self.outputs, strides, self.taps, strict=True)
        )
        return rows, columns

    @property
    def scratch_bytes(self) -> int:
        """Its words, and the weights of a channel."""
        return 4 * (math.prod(self.words) + math.prod(self.taps))

    @property
    def cost(self) -> int:
        """Instructions a channel."""
        rows, columns = self.outputs
        pair = _PAIR_COST + math.prod(self.taps) * _TAPS_COST // 2
        border = (2, self.words[1]) if self.cut == 0 else (2 * self.words[0], 1)
        return (
            rows * (_ROW_COST + columns * pair)
            + math.prod(self.words) * _WORD_COST
            + border[0] * (_BORDER_ROW_COST + border[1] * _BORDER_COST)
        )


@lowers(DepthwiseConv2D, feature="armv6m")
def lower_depthwise_conv_2d(op: DepthwiseConv2D) -> Call:
    """One channel at a time in a plane of two halves."""
    window, channels = op.window, op.output_channels
    require_int8(op.dtype)
    planes = [_Plane(window, rows, cut) for cut in (0, 1) for rows in (0, 1)]
    plane = min(planes, key=lambda plane: plane.cost)
    if window.dilation != (1, 1) or plane.scratch_bytes > _MAX_SCRATCH_BYTES:
        raise NotFitting
    ends = stairs(op.requantization, channels)
    flat, bias = ends.lively(_turned(op, plane), op.bias)
    require_products(bias, flat, op.input_zero_point)
    kernels, choice = _kernels(flat.reshape(channels, *plane.taps))
    table = ends.table(folded_bias(bias, flat, op.input_zero_point))
    params = Struct(
        "tml_armv6m_depthwise_conv_2d_t",
        {
            "rows": _axis(op, plane, 0),
            "columns": _axis(op, plane, 1),
            "batches": op.batches,
            "channels": op.input_channels,
            "multiplier": op.multiplier,
            "input_bytes": math.prod(window.input) * op.input_channels,
            "output_bytes": math.prod(window.output) * channels,
            "input_zero_point": op.input_zero_point,
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
        strips=_strips(op, plane),
    )


def _strips(op: DepthwiseConv2D, plane: _Plane) -> Strips:
    """Planes have the size of a strip; one that is cut along the image's rows has half of them."""
    rows = "rows" if plane.rows == 0 else "columns"
    is_cut = (plane.cut == 0) == (plane.rows == 0)
    return Strips(
        {
            f"{rows}.before": "strip->before",
            f"{rows}.inputs": "strip->inputs",
            f"{rows}.outputs": "(strip->outputs + 1) / 2" if is_cut else "strip->outputs",
            f"{rows}.shift": "strip->outputs / 2" if is_cut else "0",
        },
        lambda outputs: lower_depthwise_conv_2d(
            replace(op, window=strip_window(op.window, outputs))
        ),
    )


def _turned(op: DepthwiseConv2D, plane: _Plane) -> npt.NDArray[np.int8]:
    """Weights [output channels, taps] in the plane's order, filled up to its kernel."""
    turned = op.weights if plane.rows == 0 else op.weights.transpose(1, 0, 2)
    filled = np.zeros((*plane.taps, op.output_channels), np.int8)
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


def _axis(op: DepthwiseConv2D, plane: _Plane, axis: int) -> Struct:
    """tml_armv6m_axis_t of the plane's rows, 0, or columns, 1."""
    window = op.window
    of_image = plane.rows if axis == 0 else 1 - plane.rows
    outputs = plane.outputs[axis]
    return Struct(
        "tml_armv6m_axis_t",
        {
            "inputs": window.input[of_image],
            "outputs": outputs,
            "before": window.before[of_image],
            "stride": window.stride[of_image],
            # Where outputs are odd, the one in the middle belongs to both halves.
            "shift": window.output[of_image] - outputs,
            "taps": plane.taps[axis],
            "words": plane.words[axis],
            "input_bytes": op.input_channels * (window.input[1] if of_image == 0 else 1),
            "output_bytes": op.output_channels * (window.output[1] if of_image == 0 else 1),
        },
    )
