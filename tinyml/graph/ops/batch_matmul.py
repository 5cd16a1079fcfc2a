"""BATCH_MATMUL, int8 and int16: both inputs may be computed.

Source: TFLite's reference/batch_matmul.h; parameters as in TFLite Micro's batch_matmul.cc.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from tinyml.errors import UnsupportedModelError
from tinyml.graph.ir import Array, DType, Graph, Operator
from tinyml.graph.ops.base import (
    Requantization,
    require,
    require_dtype,
    require_same_dtype,
    require_shape,
)
from tinyml.graph.ops.facts import Facts, Tflm
from tinyml.graph.ops.registry import operator

# Products of two int8 distances must not leave a 32-bit sum.
_DEEPEST: Final = (2**31 - 1) // (255 * 255)
_MAX_RANK: Final = 5


@dataclass(frozen=True)
class BatchMatmul:
    """Matrices times matrices; leading dimensions are repeated where they are 1."""

    shapes: tuple[tuple[int, ...], tuple[int, ...]]  # as stored
    transposed: tuple[bool, bool]  # whether an input's last two axes are swapped first
    zero_points: tuple[int, int]
    requantization: Requantization
    dtype: DType
    output_shape: tuple[int, ...]

    @property
    def depth(self) -> int:
        """Products a sum."""
        return self.shapes[0][-2 if self.transposed[0] else -1]

    @property
    def macs(self) -> int:
        """Multiply-accumulates."""
        return int(np.prod(self.output_shape, dtype=np.int64)) * self.depth

    def evaluate(self, *inputs: Array) -> tuple[Array, ...]:
        """One output, in ``output_shape``."""
        left, right = (
            (values.swapaxes(-1, -2) if swapped else values).astype(np.int64) - zero
            for values, swapped, zero in zip(inputs, self.transposed, self.zero_points, strict=True)
        )
        sums = left @ right
        return (self.requantization.apply(sums).astype(self.dtype.numpy),)


@operator(
    BATCH_MATMUL=Facts(
        inputs=2,
        options=(("adj_x", "?", False), ("adj_y", "?", False)),
        tflm=Tflm("BatchMatMul", 4, 16, 32, 36, short_options=3),
        litert=True,
    ),
)
def prepare_batch_matmul(graph: Graph, op: Operator) -> BatchMatmul:
    """Check a BATCH_MATMUL."""
    left, right, output = graph.input_of(op, 0), graph.input_of(op, 1), graph.output_of(op)
    require_dtype(op, left, (DType.INT8, DType.INT16))
    require_same_dtype(op, left, right, output)
    ranks_fit = all(2 <= len(tensor.shape) <= _MAX_RANK for tensor in (left, right))
    require(op, ranks_fit, f"its inputs must have 2 to {_MAX_RANK} dimensions")
    transposed = (bool(op.options["adj_x"]), bool(op.options["adj_y"]))
    rows, depth = left.shape[::-1][:2] if transposed[0] else left.shape[-2:]
    depth_right, columns = right.shape[::-1][:2] if transposed[1] else right.shape[-2:]
    require(op, depth == depth_right, "the inner dimensions of its inputs differ")
    try:
        leading = np.broadcast_shapes(left.shape[:-2], right.shape[:-2])
    except ValueError as error:
        raise UnsupportedModelError(
            f"{op.where}: the batches of its inputs do not fit each other"
        ) from error
    require_shape(op, output, (*leading, rows, columns))
    if left.dtype is DType.INT8:
        require(op, depth <= _DEEPEST, f"sums of more than {_DEEPEST} products are not supported")
    else:
        symmetric = all(tensor.quantized.zero_point == 0 for tensor in (left, right, output))
        require(op, symmetric, "int16 tensors must have the zero point 0")
    product = left.quantized.scale * right.quantized.scale  # float32, as TFLite does
    return BatchMatmul(
        shapes=(left.shape, right.shape),
        transposed=transposed,
        zero_points=(left.quantized.zero_point, right.quantized.zero_point),
        requantization=Requantization.of(
            float(product) / float(output.quantized.scale),
            output,
            wide=left.dtype is DType.INT16,
        ),
        dtype=output.dtype,
        output_shape=output.shape,
    )
