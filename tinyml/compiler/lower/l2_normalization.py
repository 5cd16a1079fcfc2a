"""L2_NORMALIZATION."""

from tinyml.compiler.c_values import Struct
from tinyml.compiler.lower.base import elementwise_overlap, lowers
from tinyml.compiler.program import Call
from tinyml.graph.ops.l2_normalization import L2Normalization


@lowers(L2Normalization)
def lower_l2_normalization(op: L2Normalization) -> Call:
    """By the portable kernel."""
    fields = {"rows": op.rows, "depth": op.depth, "zero_point": op.zero_point}
    return Call(
        "tml_l2_normalization_int8",
        "l2_normalization.c",
        Struct("tml_l2_normalization_t", fields),
        overlaps=elementwise_overlap(1, 1, op.rows * op.depth),
    )
