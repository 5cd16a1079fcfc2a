"""CAST and LOGICAL_NOT."""

import math

from tinyml.compiler.c_values import Expression, Struct
from tinyml.compiler.lower.base import elementwise_overlap, lowers
from tinyml.compiler.program import Call
from tinyml.graph.ops.cast import Cast, LogicalNot


@lowers(Cast)
def lower_cast(op: Cast) -> Call:
    """By the portable kernel."""
    elements = math.prod(op.output_shape)
    params = Struct(
        "tml_cast_t",
        {
            "elements": elements,
            "from": Expression(f"TML_{op.input_dtype.name}"),
            "to": Expression(f"TML_{op.dtype.name}"),
        },
    )
    overlaps = elementwise_overlap(op.input_dtype.bytes, op.dtype.bytes, elements)
    return Call("tml_cast", "cast.c", params, overlaps=overlaps)


@lowers(LogicalNot)
def lower_logical_not(op: LogicalNot) -> Call:
    """By the portable kernel."""
    elements = math.prod(op.output_shape)
    params = Struct("tml_logical_not_t", {"elements": elements})
    overlaps = elementwise_overlap(1, 1, elements)
    return Call("tml_logical_not", "cast.c", params, overlaps=overlaps)
