"""FULLY_CONNECTED, int8 (also int4 weights) and 16x8.

Source: TFLite's reference_integer_ops/fully_connected.h; parameters as in TFLite Micro's
fully_connected_common.cc: one scale multiplies input and weights in float32, per-channel scales in
double. TFLite Micro rounds twice here, LiteRT once: they may differ by one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tinyml.graph.fixed_point import Int64
from tinyml.graph.ir import Array, DType, Graph, Operator, Tensor
from tinyml.graph.ops.base import (
    Requantization,
    clamp_of,
    require,
    require_dtype,
    require_rank,
    require_same_dtype,
)
from tinyml.graph.ops.conv import bias_of, real_multipliers, weights_of
from tinyml.graph.ops.facts import ACTIVATION, Difference, Facts, Tflm
from tinyml.graph.ops.registry import operator


@dataclass(frozen=True)
class FullyConnected:
    """[batches, inputs] times [outputs, inputs], with a bias."""

    batches: int
    weights: npt.NDArray[np.int8]  # [outputs, inputs]
    bias: Int64  # [outputs]
    input_zero_point: int
    requantization: Requantization
    dtype: DType
    output_shape: tuple[int, ...]

    @property
    def macs(self) -> int:
        """Multiply-accumulates."""
        return self.batches * int(self.weights.size)

    def evaluate(self, *inputs: Array) -> tuple[Array, ...]:
        """One output, in ``output_shape``."""
        rows = inputs[0].reshape(self.batches, -1).astype(np.float64) - self.input_zero_point
        # Exact: sums of products stay far below 2^53.
        sums = (rows @ self.weights.T.astype(np.float64)).astype(np.int64) + self.bias
        result = self.requantization.apply(sums)
        return (result.reshape(self.output_shape).astype(self.dtype.numpy),)


def _multipliers(
    source: Tensor, weights: Tensor, output: Tensor, outputs: int
) -> npt.NDArray[np.float64]:
    if weights.quantized_by_channel.per_channel:
        return real_multipliers(source, weights, output, outputs)
    product = source.quantized.scale * weights.quantized.scale  # float32, as TFLite does
    return np.array([float(product) / float(output.quantized.scale)])


@operator(
    FULLY_CONNECTED=Facts(
        inputs=3,
        options=(ACTIVATION, ("weights_format", "b", 0), ("keep_num_dims", "?", False)),
        clamps=True,
        tflm=Tflm("FullyConnected", 16, 48, 64, 72, short_options=5),
        recorded=True,
        litert=True,
        litert_differs=Difference(1, "TFLite Micro rounds twice, LiteRT once"),
    ),
)
def prepare_fully_connected(graph: Graph, op: Operator) -> FullyConnected:
    """Check a FULLY_CONNECTED."""
    source, filters, output = graph.input_of(op, 0), graph.input_of(op, 1), graph.output_of(op)
    require_dtype(op, source, (DType.INT8, DType.INT16))
    require_same_dtype(op, source, output)
    require_rank(op, filters, 2)
    require(op, op.integer("weights_format") == 0, "shuffled weights are not supported")
    weights = weights_of(graph, op, channel_axis=0)
    outputs, depth = weights.shape
    require(
        op, source.elements % depth == 0, f"its input does not consist of rows of {depth} elements"
    )
    batches = source.elements // depth
    require(op, output.elements == batches * outputs, "its output does not fit its weights")
    bias, wide = bias_of(graph, op, source.dtype, outputs)
    return FullyConnected(
        batches=batches,
        weights=weights,
        bias=bias,
        input_zero_point=source.quantized.zero_point,
        requantization=Requantization.of(
            _multipliers(source, filters, output, outputs),
            output,
            clamp_of(op, output),
            wide=wide,
        ),
        dtype=output.dtype,
        output_shape=output.shape,
    )
