"""CONV_2D of 3x3 on Armv7E-M by Winograd's method (firmware/kernels/armv7em/winograd.h)."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from tinyml.compiler.c_values import Expression, Struct, Table
from tinyml.compiler.lower.armv7em.products import Ends, folded_ends, require_products, wrapped
from tinyml.compiler.lower.base import NotFitting, Trade, trades, window_struct
from tinyml.compiler.lower.windows import in_strips, inside
from tinyml.compiler.program import Call
from tinyml.graph.fixed_point import Int64
from tinyml.graph.ops.base import Window
from tinyml.graph.ops.conv import Conv2D

_DOUBLED_G: Final = np.array([[2, 0, 0], [1, 1, 1], [1, -1, 1], [0, 0, 2]])
_OUTPUTS: Final = (2, 4)  # of two tiles
_GATHERED: Final = 4 * 6  # inputs of two tiles


@trades(Conv2D, feature="dsp")
def winograd(op: Conv2D) -> Trade:
    """Fewer instructions for 3.6 times the weights."""
    window = op.window
    fits = (
        window.kernel == (3, 3)
        and window.stride == window.dilation == (1, 1)
        and op.groups == 1
        and op.input_channels % 4 == 0
        and op.output_channels % 2 == 0
    )
    if not fits:
        raise NotFitting
    flat = op.weights.reshape(op.output_channels, -1)
    reach = require_products(op.dtype, op.bias, flat, op.input_zero_point)
    ends = folded_ends(op.requantization, reach, signed=True)
    if not ends.is_folded:
        raise NotFitting
    packed = _packed(op, ends)
    direct = flat.size + 8 * op.output_channels
    return Trade(_call(op, ends, packed), saved_instructions(op), 4 * len(packed) - direct)


def saved_instructions(op: Conv2D) -> int:
    """Of an inference: an estimate."""
    return int(op.batches * (_direct_instructions(op) - _instructions(op)))


def _direct_instructions(op: Conv2D) -> float:
    """Of armv7em/conv_2d.c: an estimate from counts on an emulated board."""
    inputs, outputs = op.input_channels, op.output_channels
    pixels = math.prod(op.window.output)
    tile = 9 * inputs * (3 * 0.6875 * outputs + 3) + outputs // 2 * 34 + 130
    gathered = 25 * inputs + 75
    return -(-pixels // 3) * tile + pixels * _at_border(op.window) * gathered


def _instructions(op: Conv2D) -> float:
    """Of armv7em/winograd.c, alike."""
    inputs, outputs = op.input_channels, op.output_channels
    rows, columns = (-(-size // n) for size, n in zip(op.window.output, _OUTPUTS, strict=True))
    pair = 16 * (2.5 * inputs + 7) + 300
    # Twice as many of two tiles as of single windows cross the border, or nearly.
    gathered = min(1, 2 * _at_border(op.window)) * (27 * inputs + 600)
    return rows * columns * (outputs // 2 * pair + 110 * inputs + 260 + gathered)


def _at_border(window: Window) -> float:
    """The part of the outputs whose windows cross the border."""
    within = [end - first for first, end in (inside(window, axis) for axis in (0, 1))]
    return 1 - math.prod(within) / math.prod(window.output)


def _packed(op: Conv2D, ends: Ends) -> Int64:
    """Pairs of channels: U of 16 positions, then bias and ends of each."""
    inputs, outputs = op.input_channels, op.output_channels
    weights = op.weights.astype(np.int64)  # [outputs, 3, 3, inputs]
    transformed = np.einsum("ri,oijk,cj->orck", _DOUBLED_G, weights, _DOUBLED_G)
    # [pair, its channel, position, group, channel of four]
    lanes = transformed.reshape(outputs // 2, 2, 16, inputs // 4, 4)
    words = (lanes[..., :2] & 0xFFFF) | lanes[..., 2:] << 16
    ordered = words.transpose(0, 2, 3, 1, 4).reshape(outputs // 2, -1)
    biases = op.bias - op.input_zero_point * weights.sum(axis=(1, 2, 3))
    last = np.concatenate([(256 * biases + ends.biases)[:, np.newaxis], ends.words], axis=1)
    return np.concatenate([ordered, last.reshape(outputs // 2, -1)], axis=1).ravel()


def _call(op: Conv2D, ends: Ends, packed: Int64) -> Call:
    params = Struct(
        "tml_armv7em_winograd_t",
        {
            "window": window_struct(op.window),
            "batches": op.batches,
            "input_channels": op.input_channels,
            "output_channels": op.output_channels,
            "input_zero_point": op.input_zero_point,
            "ends": Expression(f"tml_armv7em_winograd_{ends.variant}"),
            "addend": ends.addend,
            "packed": Table("packed", wrapped(packed)),
            "clamp": ends.clamp,
        },
    )
    call = Call(
        "tml_armv7em_winograd",
        "armv7em/winograd.c",
        params,
        scratch_bytes=(64 + _GATHERED) * op.input_channels + -(-op.output_channels // 4) * 4,
    )
    return in_strips(call, op.window)
