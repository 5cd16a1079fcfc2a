"""Operators of float32 models, all by portable kernels."""

import math

from tinyml.compiler.c_values import Expression, Struct, Table, Value
from tinyml.compiler.lower.base import elementwise_overlap, lowers, window_struct
from tinyml.compiler.lower.binary import broadcast_struct, in_place
from tinyml.compiler.lower.reduce import extents_struct
from tinyml.compiler.program import Call
from tinyml.graph.ops.float32 import (
    FloatBinary,
    FloatConv,
    FloatMean,
    FloatPool,
    FloatSoftmax,
    FloatUnary,
    Range,
)


def _limits(limits: Range) -> dict[str, Value]:
    return {"lowest": limits[0], "highest": limits[1]}


@lowers(FloatConv)
def lower_float_conv(op: FloatConv) -> Call:
    """CONV_2D, DEPTHWISE_CONV_2D, FULLY_CONNECTED."""
    params = Struct(
        "tml_conv_2d_float_t",
        {
            "window": window_struct(op.window),
            "batches": op.batches,
            "input_channels": op.input_channels,
            "output_channels": len(op.bias),
            "groups": op.groups,
            "weights": Table("weights", op.weights),
            "bias": Table("bias", op.bias),
            **_limits(op.limits),
        },
    )
    return Call("tml_conv_2d_float", "conv_2d_float.c", params)


@lowers(FloatPool)
def lower_float_pool(op: FloatPool) -> Call:
    """AVERAGE_POOL_2D, MAX_POOL_2D."""
    params = Struct(
        "tml_pool_2d_float_t",
        {
            "window": window_struct(op.window),
            "batches": op.batches,
            "channels": op.channels,
            "average": int(op.average),
            **_limits(op.limits),
        },
    )
    return Call("tml_pool_2d_float", "pool_2d_float.c", params)


@lowers(FloatBinary)
def lower_float_binary(op: FloatBinary) -> Call:
    """ADD and the like, and PRELU."""
    params = Struct(
        "tml_binary_float_t",
        {
            "broadcast": broadcast_struct(op.output_shape, op.shapes),
            "kind": Expression(f"TML_FLOAT_{op.kind}"),
            **_limits(op.limits),
        },
    )
    return Call(
        "tml_binary_float",
        "elementwise_float.c",
        params,
        inputs=(0, 1),
        overlaps=in_place(op.output_shape, op.shapes),
    )


@lowers(FloatUnary)
def lower_float_unary(op: FloatUnary) -> Call:
    """RELU and the like, LOGISTIC, TANH, EXP."""
    elements = math.prod(op.output_shape)
    params = Struct(
        "tml_unary_float_t",
        {"elements": elements, "kind": Expression(f"TML_FLOAT_{op.kind}"), "alpha": op.alpha},
    )
    overlaps = elementwise_overlap(4, 4, elements)
    return Call("tml_unary_float", "elementwise_float.c", params, overlaps=overlaps)


@lowers(FloatSoftmax)
def lower_float_softmax(op: FloatSoftmax) -> Call:
    """SOFTMAX."""
    params = Struct("tml_softmax_float_t", {"rows": op.rows, "depth": op.depth, "beta": op.beta})
    overlaps = elementwise_overlap(4, 4, op.rows * op.depth)
    return Call("tml_softmax_float", "softmax_float.c", params, overlaps=overlaps)


@lowers(FloatMean)
def lower_float_mean(op: FloatMean) -> Call:
    """MEAN, SUM."""
    fields: dict[str, Value] = {
        "extents": extents_struct(op.input_shape, op.axes, op.output_shape),
        "divisor": float(op.count if op.mean else 1),
    }
    return Call("tml_mean_or_sum_float", "mean_float.c", Struct("tml_mean_float_t", fields))
