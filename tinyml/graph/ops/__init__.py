"""One file an operator, or a family of them: shape and type check, and the exact arithmetic.

Importing this package registers every operator; :func:`tinyml.graph.ops.base.prepare` finds them.
"""

from tinyml.graph.ops import (
    activations,
    binary,
    conv,
    fully_connected,
    logistic,
    lstm,
    pool,
    quantize,
    rearrange,
    reduce,
    resize_bilinear,
    shape,
    softmax,
    transpose_conv,
    variables,
)
from tinyml.graph.ops.base import PREPARE, Prepared, prepare

__all__ = [
    "PREPARE",
    "Prepared",
    "activations",
    "binary",
    "conv",
    "fully_connected",
    "logistic",
    "lstm",
    "pool",
    "prepare",
    "quantize",
    "rearrange",
    "reduce",
    "resize_bilinear",
    "shape",
    "softmax",
    "transpose_conv",
    "variables",
]
