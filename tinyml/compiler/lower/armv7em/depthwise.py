"""DEPTHWISE_CONV_2D on Armv7E-M: 3x3, over planes (firmware/kernels/armv7em/plane.h)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinyml.compiler.c_values import Expression, Struct, Table
from tinyml.compiler.lower.armv7em.products import epilogue, require_products, wrapped
from tinyml.compiler.lower.base import NotFitting, lowers
from tinyml.compiler.program import Call
from tinyml.graph.ops.base import Window
from tinyml.graph.ops.conv import DepthwiseConv2D

_PLANES = 4  # in scratch at a time
_MAX_SCRATCH_BYTES = 32 * 1024  # beyond it, speed is not worth the memory
# Instructions, which tell the better orientation: a step across, a column.
_PAIR_COST = 29
_SINGLE_COST = 20
_COLUMN_COST = 18


@dataclass(frozen=True)
class _Walk:
    """Which axis of a window, 0 rows or 1 columns, lies along."""

    window: Window
    along: int

    @property
    def across(self) -> int:
        return 1 - self.along

    @property
    def stride(self) -> int:
        return self.window.stride[0]

    @property
    def pairs(self) -> int:
        """Columns of two outputs along."""
        return self.window.output[self.along] // 2 if self.stride == 1 else 0

    @property
    def columns(self) -> int:
        """All columns of outputs."""
        return self.window.output[self.along] - self.pairs

    @property
    def plane_columns(self) -> int:
        """Each column of outputs reads two; the image with its border has to fit, too."""
        window = self.window
        return max(
            self.columns + 1, -(-(window.before[self.along] + window.input[self.along]) // 2)
        )

    @property
    def plane_across(self) -> int:
        """Words a column."""
        window = self.window
        return max(
            (window.output[self.across] - 1) * self.stride + 3,
            window.before[self.across] + window.input[self.across],
        )

    @property
    def cost(self) -> int:
        """Instructions a channel."""
        steps = self.pairs * _PAIR_COST + (self.columns - self.pairs) * _SINGLE_COST
        return self.window.output[self.across] * steps + self.columns * _COLUMN_COST

    @property
    def scratch_bytes(self) -> int:
        """Of all planes."""
        return 4 * _PLANES * self.plane_columns * self.plane_across


@lowers(DepthwiseConv2D, feature="dsp")
def lower_depthwise_conv_2d(op: DepthwiseConv2D) -> Call:
    """Four channels at a time in planes of 16 bits."""
    window, channels = op.window, op.output_channels
    shapes = (window.kernel, window.dilation, window.stride)
    if op.multiplier != 1 or shapes not in (((3, 3), (1, 1), (s, s)) for s in (1, 2)):
        raise NotFitting
    flat = op.weights.reshape(9, channels).T
    require_products(op.dtype, op.bias, flat, op.input_zero_point)
    ends = epilogue(op.requantization, channels)
    walk = min((_Walk(window, 1), _Walk(window, 0)), key=lambda walk: walk.cost)
    if walk.scratch_bytes > _MAX_SCRATCH_BYTES:
        raise NotFitting
    turned = op.weights if walk.along == 1 else op.weights.transpose(1, 0, 2)
    taps = turned.astype(np.int64) & 0xFF  # [across, along, channels]
    rows = taps[:, 0] | taps[:, 1] << 8 | taps[:, 2] << 16
    rows[0] |= ends.shifts << 24
    bias = 256 * (op.bias - op.input_zero_point * flat.astype(np.int64).sum(axis=1))
    words = np.stack([*rows, bias, ends.multipliers, ends.constants], axis=1)
    params = Struct(
        "tml_armv7em_depthwise_conv_2d_t",
        {
            "along": _axis(op, walk.along),
            "across": _axis(op, walk.across),
            "batches": op.batches,
            "channels": channels,
            "stride": walk.stride,
            "input_zero_point": op.input_zero_point,
            "plane_columns": walk.plane_columns,
            "plane_across": walk.plane_across,
            "kernel": Expression(f"tml_armv7em_plane_{walk.stride}_{ends.variant}"),
            "parameters": Table("parameters", wrapped(words)),
            "clamp": ends.clamp,
        },
    )
    return Call(
        "tml_armv7em_depthwise_conv_2d",
        "armv7em/depthwise_conv_2d.c",
        params,
        scratch_bytes=walk.scratch_bytes,
        # Four channels are read before the same four are written.
        in_place=(0,) if window.input == window.output else (),
    )


def _axis(op: DepthwiseConv2D, axis: int) -> Struct:
    """tml_armv7em_axis_t of the rows, 0, or the columns, 1."""
    window, channels = op.window, op.output_channels
    return Struct(
        "tml_armv7em_axis_t",
        {
            "inputs": window.input[axis],
            "outputs": window.output[axis],
            "before": window.before[axis],
            "input_bytes": channels * (window.input[1] if axis == 0 else 1),
            "output_bytes": channels * (window.output[1] if axis == 0 else 1),
        },
    )
