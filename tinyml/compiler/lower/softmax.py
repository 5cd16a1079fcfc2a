"""SOFTMAX and LOG_SOFTMAX."""

import numpy as np

from tinyml.compiler.c_values import Struct, Table
from tinyml.compiler.lower.base import elementwise_overlap, lowers, multiplier_struct, tested_on_avr
from tinyml.compiler.program import Call
from tinyml.graph.ir import DType
from tinyml.graph.ops.log_softmax import LogSoftmax
from tinyml.graph.ops.softmax import ACCUMULATOR_INTEGER_BITS, Softmax
from tinyml.graph.ops.softmax16 import EXPONENTIALS, RECIPROCALS, Softmax16

_SOURCE = tested_on_avr("softmax.c")

_EXPONENTIALS = Table("exponentials", EXPONENTIALS.astype(np.int16))
# Smaller exponentials round to 0 in the sum, Q12.19, and in every output.
_LEAST = 1 << (ACCUMULATOR_INTEGER_BITS - 1)
_RECIPROCALS = Table("reciprocals", RECIPROCALS.astype(np.int16))


@lowers(Softmax)
def lower_softmax(op: Softmax) -> Call:
    """By the portable kernel, with this model's table of exponentials."""
    table = op.differences.exponentials()
    count = max(1, int(np.count_nonzero(table >= _LEAST)))
    params = Struct(
        "tml_softmax_t",
        {
            "rows": op.rows,
            "depth": op.depth,
            "count": count,
            "exponentials": Table("exponentials", table[:count].astype(np.int32)),
        },
    )
    wide = op.dtype is DType.INT16
    return Call(
        "tml_softmax_int8_int16" if wide else "tml_softmax_int8",
        _SOURCE,
        params,
        overlaps={} if wide else elementwise_overlap(1, 1, op.rows * op.depth),
    )


@lowers(Softmax16)
def lower_softmax16(op: Softmax16) -> Call:
    """Of int16, with TFLite's two tables."""
    params = Struct(
        "tml_softmax16_t",
        {
            "rows": op.rows,
            "depth": op.depth,
            "multiplier": multiplier_struct(op.multiplier),
            "exponentials": _EXPONENTIALS,
            "reciprocals": _RECIPROCALS,
        },
    )
    overlaps = elementwise_overlap(2, 2, op.rows * op.depth)
    return Call("tml_softmax_int16", "softmax16.c", params, overlaps=overlaps)


@lowers(LogSoftmax)
def lower_log_softmax(op: LogSoftmax) -> Call:
    """By the portable kernel, with this model's tables."""
    params = Struct(
        "tml_log_softmax_t",
        {
            "rows": op.rows,
            "depth": op.depth,
            "exponentials": Table("exponentials", op.exponentials().astype(np.int32)),
            "differences": Table("differences", op.differences.scaled().astype(np.int32)),
            "lowest": op.differences.lowest,
            "reverse": multiplier_struct(op.reverse),
        },
    )
    overlaps = elementwise_overlap(1, 1, op.rows * op.depth)
    return Call("tml_log_softmax_int8", "log_softmax.c", params, overlaps=overlaps)
