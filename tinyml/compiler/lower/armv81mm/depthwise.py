"""DEPTHWISE_CONV_2D on Armv8.1-M: a channel at a time, from words of four elements (quads.h)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from tinyml.compiler.c_values import Expression, Struct, Table
from tinyml.compiler.lower.armv81mm.by_eight import lower_by_eight
from tinyml.compiler.lower.armv81mm.ends import Ends, ends
from tinyml.compiler.lower.base import NotFitting, lowers, window_struct
from tinyml.compiler.lower.windows import (
    WINDOW_COLUMNS,
    WINDOW_ROWS,
    along_rows,
    strip_window,
)
from tinyml.compiler.program import Call, Strips
from tinyml.graph.fixed_point import Int64
from tinyml.graph.ops.base import Window
from tinyml.graph.ops.conv import DepthwiseConv2D

_QUAD: Final = 4  # elements a word, words a vector, columns together
_BLOCK_BYTES: Final = 64
_BLOCK_CHANNELS: Final = 16
_ENTRY_BYTES: Final = 32
_LARGEST_PLACE: Final = 2**16 - 1
# A strip shall not have more blocks than this, if it has several steps.
_STRIP_BYTES: Final = 2048
_FEW_OUTPUTS: Final = 3  # for which laying out words does not pay
# Instructions, roughly: of a channel of a strip, and of four columns of two rows or of one.
_CHANNEL_COST: Final = 20
_COST: Final = {2: 33, 1: 22}


@lowers(DepthwiseConv2D, feature="mve")
def lower_depthwise_conv_2d(op: DepthwiseConv2D) -> Call:
    """Of single outputs eight channels at a time, else one channel of many outputs."""
    rows, columns = op.window.output
    if rows * columns <= _FEW_OUTPUTS:
        try:
            return lower_by_eight(op)
        except NotFitting:
            pass
    return _lower_quads(op)


@dataclass(frozen=True)
class _Shape:
    """How windows become words."""

    window: Window
    output_row_bytes: int

    @property
    def along_columns(self) -> bool:
        """Whether a word's elements lie beside each other, not below."""
        return self.window.kernel[0] == 1

    @property
    def quads(self) -> int:
        """Words below each other."""
        return 1 if self.along_columns else -(-self.window.kernel[0] // _QUAD)

    @property
    def word_columns(self) -> int:
        """Words beside each other."""
        kernel_columns = self.window.kernel[1]
        return -(-kernel_columns // _QUAD) if self.along_columns else kernel_columns

    @property
    def words(self) -> int:
        """Of a window."""
        return self.quads * self.word_columns

    @property
    def word_distance(self) -> int:
        """From a word to the one beside it, in columns."""
        return self.window.dilation[1] * (_QUAD if self.along_columns else 1)

    @property
    def columns(self) -> int:
        """Of blocks, for a row of outputs."""
        return (self.window.output[1] - 1) * self.window.stride[1] + self.first_columns

    @property
    def first_columns(self) -> int:
        """Of blocks, for the first output of a row."""
        return self.word_distance * (self.word_columns - 1) + 1

    @property
    def rows_together(self) -> int:
        """Of outputs: two where their windows lie within the same words."""
        window = self.window
        near = window.stride[0] == window.dilation[0] == 1 and not self.along_columns
        small = window.kernel[0] < _QUAD and self.words <= _QUAD and window.output[0] > 1
        reach = self.output_row_bytes * 2
        return 2 if near and small and reach <= _LARGEST_PLACE else 1

    @property
    def steps(self) -> int:
        """Of an image."""
        return -(-self.window.output[0] // self.rows_together)

    def strip(self) -> int:
        """Steps of the strip that costs least."""
        return min(self._possible_strips(), key=self._cost)

    def _possible_strips(self) -> Iterator[int]:
        yield 1
        step_bytes = self.quads * self.columns * _BLOCK_BYTES
        for strip in range(2, self.steps + 1):
            place = strip * self.rows_together * self.output_row_bytes
            if strip * step_bytes <= _STRIP_BYTES and place <= _LARGEST_PLACE:
                yield strip

    def _cost(self, strip: int) -> int:
        whole, rest = divmod(self.steps, strip)
        columns = self.window.output[1]
        tile = _COST[self.rows_together]
        return sum(
            count * (_CHANNEL_COST + tile * -(-steps * columns // _QUAD))
            for count, steps in ((whole, strip), (1, rest))
            if steps
        )

    def kernel(self, variant: str, rows: int) -> str:
        """Of so many rows together."""
        kind = "several" if self.words > _QUAD else ("one_row", "two_rows")[rows - 1]
        return f"tml_armv81mm_quads_{kind}{variant}"

    def offsets(self) -> npt.NDArray[np.int32]:
        """[vectors, 4]: places of words in bytes from the first."""
        below = np.arange(self.quads)[:, np.newaxis] * self.columns
        beside = np.arange(self.word_columns) * self.word_distance
        places = ((below + beside) * _BLOCK_BYTES).ravel()
        # Weights beyond the last word are 0.
        return np.pad(places, (0, -len(places) % _QUAD)).reshape(-1, _QUAD).astype(np.int32)

    def weights(self, weights: npt.NDArray[np.int8]) -> npt.NDArray[np.int8]:
        """[channels, bytes], from [rows, columns, channels]."""
        rows, columns, channels = weights.shape
        if self.along_columns:
            row = np.pad(weights[0], ((0, -columns % _QUAD), (0, 0)))
            flat = row.reshape(-1, _QUAD, channels).transpose(2, 0, 1).reshape(channels, -1)
        else:
            filled = np.pad(weights, ((0, -rows % _QUAD), (0, 0), (0, 0)))
            words = filled.reshape(-1, _QUAD, columns, channels).transpose(3, 0, 2, 1)
            flat = words.reshape(channels, -1)
        more = -self.words % _QUAD if self.words > _QUAD else 0
        return np.pad(flat, ((0, 0), (0, _QUAD * more)))


def _lower_quads(op: DepthwiseConv2D) -> Call:
    channels = op.output_channels
    whole, image, turned = op, op.window, along_rows(op.window)
    if turned is not image:
        op = replace(op, window=turned, weights=op.weights.reshape(1, -1, channels))
    shape = _Shape(op.window, op.window.output[1] * channels)
    flat = op.weights.reshape(-1, channels).T
    end = ends(op.requantization, op.bias, flat, op.input_zero_point, op.dtype)
    packed = _packed(shape.weights(op.weights), end, op.multiplier)
    offsets = shape.offsets()
    strip = shape.strip()
    params = Struct(
        "tml_armv81mm_depthwise_quads_t",
        {
            "window": window_struct(op.window),
            "batches": op.batches,
            "channels": op.input_channels,
            "multiplier": op.multiplier,
            "input_zero_point": op.input_zero_point,
            "along_columns": int(shape.along_columns),
            "rows_together": shape.rows_together,
            "strip": strip,
            "quads": shape.quads,
            "columns": shape.columns,
            "kernel": Expression(shape.kernel(end.variant, shape.rows_together)),
            "packed": Table("packed", packed, alignment=4),
            "channel_bytes": packed.shape[1],
            "offsets": Table("offsets", offsets),
            "words": shape.words,
            "steps": len(offsets),
            "range": end.range,
        },
    )
    entries = -(-strip * op.window.output[1] // _QUAD)
    blocks = strip * shape.quads * shape.columns
    return Call(
        "tml_armv81mm_depthwise_quads",
        "armv81mm/depthwise_quads.c",
        params,
        scratch_bytes=blocks * _BLOCK_BYTES + entries * _ENTRY_BYTES + _BLOCK_CHANNELS,
        overlaps={0: _overlap(op, shape, strip)} if op.batches == 1 else {},
        strips=Strips(
            _strip_fields(shape, end.variant, turned is not image),
            lambda outputs: _lower_quads(replace(whole, window=strip_window(image, outputs))),
        ),
    )


def _strip_fields(shape: _Shape, variant: str, is_turned: bool) -> dict[str, str]:
    """What changes from strip to strip."""
    if is_turned:
        columns = f"(strip->outputs - 1) * {shape.window.stride[1]} + {shape.first_columns}"
        return {**WINDOW_COLUMNS, "columns": columns}
    if shape.rows_together == 1:
        return {**WINDOW_ROWS}
    one, two = (shape.kernel(variant, rows) for rows in (1, 2))
    return {
        **WINDOW_ROWS,
        "rows_together": "strip->outputs > 1 ? 2 : 1",
        "kernel": f"strip->outputs > 1 ? {two} : {one}",
    }


def _packed(weights: npt.NDArray[np.int8], end: Ends, multiplier: int) -> npt.NDArray[np.int8]:
    """[channels, bytes]: weights, bias, multiplier, shift with the channel's place in its block."""
    places = np.arange(len(weights)) // multiplier % _BLOCK_CHANNELS * _QUAD
    shifts: Int64 = (places << 8) | (end.shifts & 0xFF)
    words = np.stack([end.biases, end.multipliers, shifts], axis=1).astype(np.int32)
    return np.hstack([weights, words.view(np.int8).reshape(len(weights), -1)])


def _overlap(op: DepthwiseConv2D, shape: _Shape, strip: int) -> int:
    """Bytes that the output must start before its input, which is used up strip by strip."""
    window = op.window
    last = window.output[0] - shape.rows_together
    starts = np.minimum(np.arange(0, shape.steps, strip) * shape.rows_together, last)
    ends = np.append(starts[1:], window.output[0])
    rows = np.maximum(starts * window.stride[0] - window.before[0], 0)
    if op.input_channels <= _BLOCK_CHANNELS:
        # A strip is read before it is written.
        rows = np.append(rows[1:], window.input[0])
    read = rows * window.input[1] * op.input_channels
    written = np.minimum(
        (np.arange(strip, shape.steps + strip, strip)) * shape.rows_together, window.output[0]
    )
    assert np.all(written >= ends)
    return max(0, int((written * shape.output_row_bytes - read).max()))
