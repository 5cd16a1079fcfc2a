"""One file an operator, as in ``tinyml/graph/ops``: its checked parameters become a kernel call.

Importing this package registers every lowering.
"""

from tinyml.compiler.lower import (
    armv6m,
    armv7em,
    armv81mm,
    batch_matmul,
    binary,
    cast,
    conv,
    float32,
    fully_connected,
    int16,
    l2_normalization,
    lookup,
    lstm,
    pool,
    quantize,
    rearrange,
    reduce,
    resize_bilinear,
    softmax,
    svdf,
    transpose_conv,
    variables,
)
from tinyml.compiler.lower.base import lower, stand_in_of, trade_of

__all__ = [
    "armv6m",
    "armv7em",
    "armv81mm",
    "batch_matmul",
    "binary",
    "cast",
    "conv",
    "float32",
    "fully_connected",
    "int16",
    "l2_normalization",
    "lookup",
    "lower",
    "lstm",
    "pool",
    "quantize",
    "rearrange",
    "reduce",
    "resize_bilinear",
    "softmax",
    "stand_in_of",
    "svdf",
    "trade_of",
    "transpose_conv",
    "variables",
]
