"""SVDF, int8 with a state of int8 or int16.

Source: TFLite Micro's svdf_common.cc, which ignores a fused activation here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tinyml.graph.fixed_point import (
    Int64,
    multiply_by_quantized_multiplier,
    quantize_multiplier,
    wrap_int32,
)
from tinyml.graph.ir import RANGES, Array, DType, Graph, Operator
from tinyml.graph.ops.base import (
    Requantization,
    require,
    require_dtype,
    require_rank,
    require_shape,
)
from tinyml.graph.ops.facts import ACTIVATION, Facts, Tflm
from tinyml.graph.ops.registry import operator


@dataclass(frozen=True)
class Svdf:
    """A filter over features, whose results of the last steps go through a filter over time."""

    batches: int
    rank: int
    features: npt.NDArray[np.int8]  # [filters, inputs]
    times: Array  # [filters, memory], int8 or int16
    bias: Int64  # [units]
    input_zero_point: int
    state_zero_point: int
    into_state: tuple[int, int]
    requantization: Requantization
    state_dtype: DType
    output_shape: tuple[int, ...]

    @property
    def macs(self) -> int:
        """Multiply-accumulates."""
        return self.batches * int(self.features.size + self.times.size)

    def evaluate(self, *inputs: Array) -> tuple[Array, ...]:
        """One output, int8; then the new state."""
        source = inputs[0].astype(np.int64) - self.input_zero_point
        filters, memory = self.times.shape
        sums = wrap_int32(source @ self.features.T.astype(np.int64))
        newest = multiply_by_quantized_multiplier(sums, *self.into_state)
        newest = np.clip(newest, *RANGES[self.state_dtype]) + self.state_zero_point
        state = inputs[-1].reshape(self.batches, filters, memory)
        newest = newest.astype(self.state_dtype.numpy)[:, :, np.newaxis]
        state = np.concatenate([state[:, :, 1:], newest], axis=2)
        centred = state.astype(np.int64) - self.state_zero_point
        through_time = (centred * self.times.astype(np.int64)).sum(axis=2)
        totals = through_time.reshape(self.batches, -1, self.rank).sum(axis=2) + self.bias
        # 32-bit sums wrap, there and here: Requantization does it.
        output = self.requantization.apply(totals).astype(np.int8)
        return output.reshape(self.output_shape), state.reshape(inputs[-1].shape)


@operator(
    SVDF=Facts(
        inputs=5,
        options=(("rank", "i", 0), ACTIVATION),
        keeps_state=True,
        tflm=Tflm("Svdf", 12, 36, 36, 40, short_options=8),
    ),
)
def prepare_svdf(graph: Graph, op: Operator) -> Svdf:
    """Check an SVDF."""
    source, features, times = (graph.input_of(op, position) for position in range(3))
    bias, state = graph.optional_input_of(op, 3), graph.input_of(op, 4)
    output = graph.output_of(op)
    require_dtype(op, source, (DType.INT8,))
    require_dtype(op, features, (DType.INT8,))
    require_dtype(op, times, (DType.INT8, DType.INT16))
    require_dtype(op, state, (times.dtype,))
    require_dtype(op, output, (DType.INT8,))
    for tensor in (source, features, times):
        require_rank(op, tensor, 2)
    rank, (batches, inputs), (filters, memory) = op.integer("rank"), source.shape, times.shape
    require(
        op, rank > 0 and filters % rank == 0, "its number of filters is not a multiple of its rank"
    )
    require_shape(op, features, (filters, inputs))
    require_shape(op, output, (batches, filters // rank))
    require_shape(op, state, (batches, filters * memory))
    require(op, op.updates == (state.index,), "its state must be a variable")
    for tensor in (features, times):
        require(op, tensor.quantized.zero_point == 0, "its weights must have the zero point 0")
    symmetric = state.dtype is DType.INT8 or state.quantized.zero_point == 0
    require(op, symmetric, "an int16 state must have the zero point 0")
    elements = np.zeros(filters // rank, np.int64)
    if bias is not None:
        require_dtype(op, bias, (DType.INT32,))
        require_shape(op, bias, elements.shape)
        elements = graph.constant_of(op, 3).astype(np.int64)
    # float32, as TFLite Micro does
    into = source.quantized.scale * features.quantized.scale / state.quantized.scale
    out_of = state.quantized.scale * times.quantized.scale / output.quantized.scale
    return Svdf(
        batches=batches,
        rank=rank,
        features=graph.constant_of(op, 1),
        times=graph.constant_of(op, 2),
        bias=elements,
        input_zero_point=source.quantized.zero_point,
        state_zero_point=state.quantized.zero_point,
        into_state=quantize_multiplier(float(into)),
        requantization=Requantization.of(float(out_of), output),
        state_dtype=state.dtype,
        output_shape=output.shape,
    )
