"""DEPTHWISE_CONV_2D on Armv8.1-M, an output at a time: eight channels together."""

import numpy as np
import numpy.typing as npt

from tinyml.compiler.c_values import Struct, Table
from tinyml.compiler.lower.armv81mm.ends import ends
from tinyml.compiler.lower.base import NotFitting, window_struct
from tinyml.compiler.lower.windows import in_strips
from tinyml.compiler.program import Call
from tinyml.graph.ops.conv import DepthwiseConv2D

_TOGETHER = 8  # channels
_POINTER_BYTES = 4


def lower_by_eight(op: DepthwiseConv2D) -> Call:
    """Two taps a step; raises NotFitting where products of two taps could leave 16 bits."""
    channels = op.output_channels
    if op.multiplier != 1 or op.weights.min() == -128:
        raise NotFitting
    flat = op.weights.reshape(-1, channels).T
    end = ends(op.requantization, op.bias, flat, op.input_zero_point, op.dtype)
    pairs = -(-flat.shape[1] // 2)
    params = Struct(
        "tml_armv81mm_depthwise_conv_2d_t",
        {
            "window": window_struct(op.window),
            "batches": op.batches,
            "channels": channels,
            "input_zero_point": op.input_zero_point,
            "pairs": pairs,
            "weights": Table("weights", _by_eight(flat, pairs)),
            "ends": Table("ends", _even_then_odd(end.filled(_TOGETHER))),
            "range": end.range,
        },
    )
    call = Call(
        "tml_armv81mm_depthwise_conv_2d",
        "armv81mm/depthwise_conv_2d.c",
        params,
        scratch_bytes=2 * pairs * _POINTER_BYTES + channels,
    )
    return in_strips(call, op.window)


def _by_eight(weights: npt.NDArray[np.int8], pairs: int) -> npt.NDArray[np.int8]:
    """[channels, taps] to [channels / 8, 2 * pairs, 8]."""
    channels, taps = weights.shape
    filled = np.pad(weights, ((0, -channels % _TOGETHER), (0, 2 * pairs - taps)))
    blocks = filled.reshape(-1, _TOGETHER, 2 * pairs)
    return np.ascontiguousarray(blocks.transpose(0, 2, 1))


def _even_then_odd(rows: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """[3, channels] to [channels / 8, 2, 3, 4]."""
    blocks = rows.reshape(3, -1, _TOGETHER // 2, 2)
    return np.ascontiguousarray(blocks.transpose(1, 3, 0, 2))
