"""TRANSPOSE_CONV."""

from tinyml.compiler.c_values import Struct, Table
from tinyml.compiler.lower.base import (
    SUFFIX,
    bias_table,
    lowers,
    requantization_struct,
    window_struct,
)
from tinyml.compiler.program import Call
from tinyml.graph.ops.transpose_conv import TransposeConv


@lowers(TransposeConv)
def lower_transpose_conv(op: TransposeConv) -> Call:
    """By the portable kernel."""
    flat = op.weights.reshape(op.output_channels, -1)
    params = Struct(
        "tml_transpose_conv_t",
        {
            "window": window_struct(op.window),
            "batches": op.batches,
            "input_channels": op.input_channels,
            "output_channels": op.output_channels,
            "input_zero_point": op.input_zero_point,
            "weights": Table("weights", op.weights),
            "bias": bias_table(op.bias, flat, op.input_zero_point, op.dtype),
            "requantization": requantization_struct(op.requantization, op.output_channels),
        },
    )
    function = f"tml_transpose_conv_{SUFFIX[op.dtype]}"
    return Call(function, "transpose_conv.c", params, inputs=(2,))
