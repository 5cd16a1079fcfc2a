"""SOFTMAX."""

import numpy as np

from tinyml.compiler.c_values import Struct, Table
from tinyml.compiler.lower.base import elementwise_overlap, lowers
from tinyml.compiler.program import Call
from tinyml.graph.ir import DType
from tinyml.graph.ops.softmax import Softmax


@lowers(Softmax)
def lower_softmax(op: Softmax) -> Call:
    """By the portable kernel, with this model's table of exponentials."""
    table = Table("exponentials", op.exponentials().astype(np.int32))
    params = Struct("tml_softmax_t", {"rows": op.rows, "depth": op.depth, "exponentials": table})
    wide = op.dtype is DType.INT16
    return Call(
        "tml_softmax_int8_int16" if wide else "tml_softmax_int8",
        "softmax.c",
        params,
        overlaps={} if wide else elementwise_overlap(1, 1, op.rows * op.depth),
    )
