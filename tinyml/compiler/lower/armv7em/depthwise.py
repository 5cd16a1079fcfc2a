"""DEPTHWISE_CONV_2D on Armv7E-M; 3x3 over planes (firmware/kernels/armv7em/plane.h)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tinyml.compiler.c_values import Expression, Struct, Table
from tinyml.compiler.lower.armv7em.depthwise_taps import lower_depthwise_taps
from tinyml.compiler.lower.armv7em.products import Ends, folded_ends, require_products, wrapped
from tinyml.compiler.lower.base import NotFitting, lowers
from tinyml.compiler.lower.windows import strip_window
from tinyml.compiler.program import Call, Strips
from tinyml.graph.fixed_point import Int64
from tinyml.graph.ops.base import Window
from tinyml.graph.ops.conv import DepthwiseConv2D

_PLANES = 4  # in scratch at a time
_PACKED_TAPS = (0, 3, 1, 4, 6, 5, 7, 2, 8)  # plane.h
_MAX_SCRATCH_BYTES = 32 * 1024  # beyond it, speed is not worth the memory
_STRIP_BYTES = 4096  # of planes that are no great burden
# Cycles, which tell the better orientation: two outputs across and what is left of them, of
# columns of pairs and of single outputs; a column; a word of a plane.
_PAIR_CYCLES = (65, 38)
_SINGLE_CYCLES = (46, 22)
_COLUMN_CYCLES = 35
_WORD_CYCLES = 5


@dataclass(frozen=True)
class _Walk:
    """Which axis of a window, 0 rows or 1 columns, lies along; and how many rows at a time."""

    window: Window
    along: int
    strip_outputs: int
    in_strips: bool  # of a run: not all of them have the window's border above and below

    @property
    def across(self) -> int:
        return 1 - self.along

    @property
    def stride(self) -> int:
        return self.window.stride[0]

    @property
    def whole(self) -> bool:
        """Whether one strip is the whole image."""
        return self.strip_outputs == self.window.output[0]

    def outputs(self, axis: int) -> int:
        """Outputs of a strip."""
        return self.strip_outputs if axis == 0 else self.window.output[1]

    def inputs(self, axis: int) -> int:
        """Inputs of a strip, with what is left of its border."""
        if axis == 0 and not self.whole:
            return (self.strip_outputs - 1) * self.stride + 3
        return self.window.before[axis] + self.window.input[axis]

    @property
    def pairs(self) -> int:
        """Columns of two outputs along."""
        return self.outputs(self.along) // 2 if self.stride == 1 else 0

    @property
    def columns(self) -> int:
        """All columns of outputs."""
        return self.outputs(self.along) - self.pairs

    @property
    def plane_columns(self) -> int:
        """Each column of outputs reads two; the image with its border has to fit, too."""
        return max(self.columns + 1, -(-self.inputs(self.along) // 2))

    @property
    def column_words(self) -> int:
        """Words a column."""
        return max((self.outputs(self.across) - 1) * self.stride + 3, self.inputs(self.across))

    @property
    def shared_words(self) -> int:
        """Words at the end of a column, the border, that are the next one's border, too."""
        is_same = self.across == 1 or (self.whole and not self.in_strips)
        bordered = self.window.before[self.across] == 1
        return int(is_same and bordered and self.column_words == self.inputs(self.across) + 1)

    @property
    def shared_columns(self) -> int:
        """Columns at the end of a plane whose first halves, the border, are the next one's, too.

        Single outputs use no more of their last column, see plane.h.
        """
        singly = self.stride == 2 or self.outputs(self.along) % 2 == 1
        bordered = self.along == 1 and self.window.before[1] == 1
        return int(singly and bordered and -(-self.inputs(1) // 2) < self.plane_columns)

    @property
    def plane_across(self) -> int:
        """Words from a column to the next."""
        return self.column_words - self.shared_words

    @property
    def plane_words(self) -> int:
        """Words from a plane to the next."""
        return (self.plane_columns - self.shared_columns) * self.plane_across

    @property
    def scratch_words(self) -> int:
        """Of all planes."""
        end = self.shared_columns * self.plane_across + self.shared_words
        return _PLANES * self.plane_words + end

    @property
    def cost(self) -> int:
        """Estimated cycles a channel and strip."""
        twice, odd = divmod(self.outputs(self.across), 2)
        pair = twice * _PAIR_CYCLES[0] + odd * _PAIR_CYCLES[1]
        single = twice * _SINGLE_CYCLES[0] + odd * _SINGLE_CYCLES[1]
        steps = self.pairs * pair + (self.columns - self.pairs) * single
        words = self.plane_columns * self.column_words
        return steps + self.columns * _COLUMN_CYCLES + words * _WORD_CYCLES


def _walk(window: Window, output_bytes: int, in_strips: bool) -> _Walk:
    """The cheaper orientation; in strips where planes of the whole image would need much RAM.

    Planes of the whole image let the output take the input's place, which saves its bytes.
    """
    rows = window.output[0]
    best = min(
        (_Walk(window, axis, rows, in_strips) for axis in (1, 0)), key=lambda walk: walk.cost
    )
    saved = output_bytes if window.input == window.output else 0
    if 4 * best.scratch_words - saved <= _STRIP_BYTES:
        return best
    heights = range(rows - 1, 0, -1)
    strips = (_Walk(window, axis, height, in_strips) for height in heights for axis in (1, 0))
    return next((walk for walk in strips if 4 * walk.scratch_words <= _STRIP_BYTES), best)


@lowers(DepthwiseConv2D, feature="dsp")
def lower_depthwise_conv_2d(op: DepthwiseConv2D) -> Call:
    """3x3 over planes, other windows tap by tap."""
    try:
        return _over_planes(op, _sums(op), in_strips=False)
    except NotFitting:
        return lower_depthwise_taps(op)


def _sums(op: DepthwiseConv2D) -> tuple[Int64, Ends]:
    """Biases of sums and how they become elements, which is the same for all strips of rows."""
    window = op.window
    shapes = (window.kernel, window.dilation, window.stride)
    if op.multiplier != 1 or shapes not in (((3, 3), (1, 1), (s, s)) for s in (1, 2)):
        raise NotFitting
    flat = op.weights.reshape(9, op.output_channels).T
    reach = require_products(op.dtype, op.bias, flat, op.input_zero_point)
    ends = folded_ends(op.requantization, reach, signed=False)
    biases = 256 * (op.bias - op.input_zero_point * flat.astype(np.int64).sum(axis=1)) + ends.biases
    return biases, ends


def _over_planes(op: DepthwiseConv2D, sums: tuple[Int64, Ends], *, in_strips: bool) -> Call:
    """Four channels at a time in planes of 16 bits."""
    window, channels, (biases, ends) = op.window, op.output_channels, sums
    walk = _walk(window, window.output[0] * window.output[1] * channels, in_strips)
    if 4 * walk.scratch_words > _MAX_SCRATCH_BYTES:
        raise NotFitting
    turned = op.weights if walk.along == 1 else op.weights.transpose(1, 0, 2)
    taps = turned.reshape(9, channels)[list(_PACKED_TAPS)]
    words = wrapped(np.concatenate([biases[:, np.newaxis], ends.words], axis=1))
    packed = np.concatenate([words.view(np.int8), taps.T], axis=1)
    params = Struct(
        "tml_armv7em_depthwise_conv_2d_t",
        {
            "along": _axis(op, walk.along),
            "across": _axis(op, walk.across),
            "batches": op.batches,
            "channels": channels,
            "stride": walk.stride,
            "rows_along": int(walk.along == 0),
            "strip_outputs": walk.strip_outputs,
            "input_zero_point": op.input_zero_point,
            "plane_across": walk.plane_across,
            "plane_words": walk.plane_words,
            "scratch_words": walk.scratch_words,
            "kernel": Expression(f"tml_armv7em_planes_{walk.stride}_{ends.variant}"),
            "packed": Table("packed", packed.view(np.uint8)),
            "channel_bytes": packed.shape[1],
            "clamp": ends.clamp,
        },
    )
    return Call(
        "tml_armv7em_depthwise_conv_2d",
        "armv7em/depthwise_conv_2d.c",
        params,
        scratch_bytes=4 * walk.scratch_words,
        # Four channels are read before the same four are written.
        in_place=(0,) if walk.whole and window.input == window.output else (),
        strips=_strips(op, sums, walk),
    )


def _strips(op: DepthwiseConv2D, sums: tuple[Int64, Ends], walk: _Walk) -> Strips:
    """Planes have the size of a strip."""
    rows = "along" if walk.along == 0 else "across"
    return Strips(
        {
            f"{rows}.before": "strip->before",
            f"{rows}.inputs": "strip->inputs",
            f"{rows}.outputs": "strip->outputs",
        },
        lambda outputs: _over_planes(
            replace(op, window=strip_window(op.window, outputs)), sums, in_strips=True
        ),
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
