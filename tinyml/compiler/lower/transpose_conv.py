"""TRANSPOSE_CONV."""

from tinyml.compiler.c_values import Struct
from tinyml.compiler.lower.base import SUFFIX, lowers
from tinyml.compiler.lower.conv import convolution_fields
from tinyml.compiler.program import Call
from tinyml.graph.ops.transpose_conv import TransposeConv


@lowers(TransposeConv)
def lower_transpose_conv(op: TransposeConv) -> Call:
    """By the portable kernel."""
    flat = op.weights.reshape(op.output_channels, -1)
    params = Struct(
        "tml_transpose_conv_t",
        {
            **convolution_fields(op, flat),
            "output_channels": op.output_channels,
        },
    )
    function = f"tml_transpose_conv_{SUFFIX[op.dtype]}"
    return Call(function, "transpose_conv.c", params, inputs=(2,))
