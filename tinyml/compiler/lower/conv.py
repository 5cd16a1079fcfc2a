"""CONV_2D and DEPTHWISE_CONV_2D."""

import numpy as np
import numpy.typing as npt

from tinyml.compiler.c_values import Struct, Table, Value
from tinyml.compiler.lower.base import (
    SUFFIX,
    bias_table,
    lowers,
    requantization_struct,
    tested_on_avr,
    window_struct,
)
from tinyml.compiler.lower.windows import in_strips
from tinyml.compiler.program import Call
from tinyml.graph.ops.conv import Conv2D, Convolution, DepthwiseConv2D

_CONV = tested_on_avr("conv_2d.c")
_DEPTHWISE = tested_on_avr("depthwise_conv_2d.c")


def convolution_fields(op: Convolution, flat: npt.NDArray[np.int8]) -> dict[str, Value]:
    """What the portable kernels of all convolutions take; ``flat`` are [out channels, taps]."""
    return {
        "window": window_struct(op.window),
        "batches": op.batches,
        "input_channels": op.input_channels,
        "input_zero_point": op.input_zero_point,
        "weights": Table("weights", op.weights),
        "bias": bias_table(op.bias, flat, op.input_zero_point, op.dtype),
        "requantization": requantization_struct(op.requantization, op.output_channels),
    }


@lowers(Conv2D)
def lower_conv_2d(op: Conv2D) -> Call:
    """A convolution by the portable kernel."""
    flat = op.weights.reshape(op.output_channels, -1)
    params = Struct(
        "tml_conv_2d_t",
        {
            **convolution_fields(op, flat),
            "groups": op.groups,
            "output_channels": op.output_channels,
        },
    )
    return in_strips(Call(f"tml_conv_2d_{SUFFIX[op.dtype]}", _CONV, params), op.window)


@lowers(DepthwiseConv2D)
def lower_depthwise_conv_2d(op: DepthwiseConv2D) -> Call:
    """A depthwise convolution by the portable kernel."""
    flat = op.weights.reshape(-1, op.output_channels).T
    params = Struct(
        "tml_depthwise_conv_2d_t",
        {
            **convolution_fields(op, flat),
            "multiplier": op.multiplier,
        },
    )
    call = Call(f"tml_depthwise_conv_2d_{SUFFIX[op.dtype]}", _DEPTHWISE, params)
    return in_strips(call, op.window)
