"""ADD, int8 and int16, with broadcasting.

Source: TFLite's reference_integer_ops/add.h; parameters as in TFLite Micro's add_common.cc.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinyml.graph.fixed_point import (
    Int64,
    activation_range,
    multiply_by_quantized_multiplier,
    quantize_multiplier,
)
from tinyml.graph.ir import Array, DType, Graph, Operator, Tensor
from tinyml.graph.ops.base import (
    RANGES,
    operator,
    require,
    require_dtype,
    require_same_dtype,
    require_shape,
)


@dataclass(frozen=True)
class Add:
    """Two inputs brought to one scale, added, and brought to the output's."""

    shapes: tuple[tuple[int, ...], tuple[int, ...]]
    output_shape: tuple[int, ...]
    zero_points: tuple[int, int]
    multipliers: tuple[int, int]
    shifts: tuple[int, int]  # <= 0
    left_shift: int
    output_multiplier: int
    output_shift: int  # <= 0
    output_zero_point: int
    lowest: int
    highest: int
    dtype: DType
    macs: int = 0

    def rescaled(self, position: int, values: Array) -> Int64:
        """One input on the common scale."""
        centred = (values.astype(np.int64) - self.zero_points[position]) << self.left_shift
        return multiply_by_quantized_multiplier(
            centred, self.multipliers[position], self.shifts[position]
        )

    def evaluate(self, *inputs: Array) -> tuple[Array, ...]:
        """One output, in ``output_shape``."""
        total = self.rescaled(0, inputs[0]) + self.rescaled(1, inputs[1])
        scaled = multiply_by_quantized_multiplier(total, self.output_multiplier, self.output_shift)
        result = np.clip(scaled + self.output_zero_point, self.lowest, self.highest)
        return (result.astype(self.dtype.numpy),)


def broadcast_shape(op: Operator, first: Tensor, second: Tensor) -> tuple[int, ...]:
    """The shape of both inputs together."""
    try:
        return tuple(int(size) for size in np.broadcast_shapes(first.shape, second.shape))
    except ValueError:
        require(op, False, f"{list(first.shape)} and {list(second.shape)} do not go together")
        raise


@operator("ADD")
def prepare_add(graph: Graph, op: Operator) -> Add:
    """Check an ADD."""
    first, second, output = graph.input_of(op, 0), graph.input_of(op, 1), graph.output_of(op)
    require_dtype(op, first, (DType.INT8, DType.INT16))
    require_same_dtype(op, first, second, output)
    require_shape(op, output, broadcast_shape(op, first, second))
    scales = [float(tensor.quantized.scale) for tensor in (first, second)]
    twice_max = 2 * max(scales)
    left_shift = 15 if output.dtype is DType.INT16 else 20
    real_output = twice_max / ((1 << left_shift) * float(output.quantized.scale))
    require(op, min(scales) > 0 and 0 < real_output < 1, "its scales are too far apart")
    inputs = [quantize_multiplier(scale / twice_max) for scale in scales]
    output_multiplier, output_shift = quantize_multiplier(real_output)
    lowest, highest = activation_range(
        op.integer("activation"), output.quantized, *RANGES[output.dtype]
    )
    return Add(
        shapes=(first.shape, second.shape),
        output_shape=output.shape,
        zero_points=(first.quantized.zero_point, second.quantized.zero_point),
        multipliers=(inputs[0][0], inputs[1][0]),
        shifts=(inputs[0][1], inputs[1][1]),
        left_shift=left_shift,
        output_multiplier=output_multiplier,
        output_shift=output_shift,
        output_zero_point=output.quantized.zero_point,
        lowest=lowest,
        highest=highest,
        dtype=output.dtype,
    )
