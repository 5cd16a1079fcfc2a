"""BATCH_MATMUL."""

import math

from tinyml.compiler.c_values import Struct
from tinyml.compiler.lower.base import SUFFIX, lowers, requantization_struct
from tinyml.compiler.program import Call
from tinyml.graph.ops.batch_matmul import BatchMatmul

_BATCH_AXES = 3


@lowers(BatchMatmul)
def lower_batch_matmul(op: BatchMatmul) -> Call:
    """By the portable kernel, which walks both inputs by strides."""
    leading = op.output_shape[:-2]
    params = Struct(
        "tml_batch_matmul_t",
        {
            "batches": (1,) * (_BATCH_AXES - len(leading)) + leading,
            "rows": op.output_shape[-2],
            "columns": op.output_shape[-1],
            "depth": op.depth,
            "left": _operand(op, 0),
            "right": _operand(op, 1),
            "requantization": requantization_struct(op.requantization, 1),
        },
    )
    return Call(f"tml_batch_matmul_{SUFFIX[op.dtype]}", "batch_matmul.c", params, inputs=(0, 1))


def _operand(op: BatchMatmul, position: int) -> Struct:
    """tml_matmul_operand_t: across is over rows of the left, columns of the right input."""
    shape = (1,) * (_BATCH_AXES + 2 - len(op.shapes[position])) + op.shapes[position]
    by_axis = [math.prod(shape[axis + 1 :]) for axis in range(len(shape))]
    outer, inner = by_axis[-2:]
    # The left input's depth is its last axis, the right one's the last but one, unless swapped.
    depth_is_last = (position == 0) != op.transposed[position]
    strides = [0 if shape[axis] == 1 else by_axis[axis] for axis in range(_BATCH_AXES)]
    return Struct(
        "tml_matmul_operand_t",
        {
            "batch_strides": tuple(strides),
            "across": outer if depth_is_last else inner,
            "along": inner if depth_is_last else outer,
            "zero_point": op.zero_points[position],
        },
    )
