"""One file an operator, as in ``tinyml/graph/ops``: its checked parameters become a kernel call.

Importing this package registers every lowering.
"""

from tinyml.compiler.lower import (
    armv7em,
    binary,
    conv,
    fully_connected,
    lookup,
    lstm,
    pool,
    quantize,
    rearrange,
    reduce,
    resize_bilinear,
    softmax,
    transpose_conv,
    variables,
)
from tinyml.compiler.lower.base import lower

__all__ = [
    "armv7em",
    "binary",
    "conv",
    "fully_connected",
    "lookup",
    "lower",
    "lstm",
    "pool",
    "quantize",
    "rearrange",
    "reduce",
    "resize_bilinear",
    "softmax",
    "transpose_conv",
    "variables",
]
