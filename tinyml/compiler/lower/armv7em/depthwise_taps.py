"""DEPTHWISE_CONV_2D of any window on Armv7E-M (firmware/kernels/armv7em/depthwise_taps.h)."""

from __future__ import annotations

import numpy as np

from tinyml.compiler.c_values import Struct, Table
from tinyml.compiler.lower.armv7em.products import Epilogue, epilogue, require_products, wrapped
from tinyml.compiler.lower.base import NotFitting, window_struct
from tinyml.compiler.lower.windows import in_strips
from tinyml.compiler.program import Call
from tinyml.graph.fixed_point import Int64
from tinyml.graph.ops.conv import DepthwiseConv2D

_TOGETHER = 4  # channels
_POINTER_BYTES = 4


def lower_depthwise_taps(op: DepthwiseConv2D) -> Call:
    """Raises NotFitting for a depth multiplier, and for fewer than four channels."""
    channels = op.output_channels
    if op.multiplier != 1 or channels < _TOGETHER:
        raise NotFitting
    flat = op.weights.reshape(-1, channels).T
    require_products(op.dtype, op.bias, flat, op.input_zero_point)
    ends = epilogue(op.requantization, channels)
    bias = 256 * (op.bias - op.input_zero_point * flat.astype(np.int64).sum(axis=1))
    pairs = -(-flat.shape[1] // 2)
    whole = channels - channels % _TOGETHER
    starts = range(0, whole, _TOGETHER)
    packed = np.concatenate([_four(flat, bias, ends, start) for start in starts])
    last = _four(flat, bias, ends, channels - _TOGETHER) if channels % _TOGETHER else None
    params = Struct(
        "tml_armv7em_depthwise_taps_t",
        {
            "window": window_struct(op.window),
            "batches": op.batches,
            "channels": channels,
            "input_zero_point": op.input_zero_point,
            "pairs": pairs,
            "is_signed": int(ends.variant == "signed"),
            "packed": Table("packed", wrapped(packed)),
            "last_packed": None if last is None else Table("last_packed", wrapped(last)),
            "clamp": ends.clamp,
        },
    )
    call = Call(
        "tml_armv7em_depthwise_taps",
        "armv7em/depthwise_taps.c",
        params,
        scratch_bytes=2 * pairs * _POINTER_BYTES + channels,
    )
    return in_strips(call, op.window)


def _four(weights: np.typing.NDArray[np.int8], bias: Int64, ends: Epilogue, start: int) -> Int64:
    """Four channels: their ends, then pairs of taps, channel by channel."""
    rows = slice(start, start + _TOGETHER)
    taps = 256 * weights[rows].astype(np.int64)
    taps = np.pad(taps, ((0, 0), (0, taps.shape[1] % 2)))
    words = (taps[:, 0::2] & 0xFFFF) | taps[:, 1::2] << 16
    head = np.concatenate([bias[rows, np.newaxis], ends.words()[rows]], axis=1)
    return np.concatenate([head.ravel(), words.T.ravel()])
