"""TRANSPOSE_CONV, int8 and 16x8.

Source: TFLite's reference_integer_ops/transpose_conv.h; parameters as in TFLite Micro's
transpose_conv.cc.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinyml.graph.fixed_point import Int64
from tinyml.graph.ir import Array, DType, Graph, Operator
from tinyml.graph.ops.base import (
    Requantization,
    Window,
    require,
    require_dtype,
    require_rank,
    require_same_dtype,
    require_shape,
)
from tinyml.graph.ops.conv import Convolution, bias_of, real_multipliers, weights_of
from tinyml.graph.ops.facts import ACTIVATION, PADDING, STRIDES, Facts, Tflm
from tinyml.graph.ops.registry import operator


@dataclass(frozen=True, kw_only=True)
class TransposeConv(Convolution):
    """Each input pixel adds its filter to the output: a convolution run backwards.

    ``window`` is that of the convolution forwards: its input is this one's output. ``weights`` are
    [out channels, kh, kw, in channels].
    """

    def evaluate(self, *inputs: Array) -> tuple[Array, ...]:
        """One output, [batches, rows, columns, out channels]; the image is the last input given."""
        images = inputs[2]
        results = [self.requantization.apply(self._accumulate(image)) for image in images]
        return (np.stack(results).astype(self.dtype.numpy),)

    def _accumulate(self, image: Array) -> Int64:
        centred = image.astype(np.int64) - self.input_zero_point
        sums = np.zeros((*self.window.input, self.output_channels), np.int64) + self.bias
        for i in range(self.window.kernel[0]):
            for j in range(self.window.kernel[1]):
                part = centred @ self.weights[:, i, j, :].T.astype(np.int64)
                rows, from_rows = self._reached(0, i)
                columns, from_columns = self._reached(1, j)
                sums[np.ix_(rows, columns)] += part[np.ix_(from_rows, from_columns)]
        return sums

    def _reached(self, axis: int, tap: int) -> tuple[Array, Array]:
        """Where a tap of each input row or column falls inside the output, and which those are."""
        source = np.arange(self.window.output[axis])
        place = source * self.window.stride[axis] - self.window.before[axis] + tap
        inside = (place >= 0) & (place < self.window.input[axis])
        return place[inside], source[inside]


@operator(
    TRANSPOSE_CONV=Facts(
        inputs=4,
        options=(PADDING, *STRIDES, ACTIVATION),
        channel_axis=0,
        tflm=Tflm("TransposeConv", 20, 72, 80, 76, short_options=16, read_twice=3),
        litert=True,
    ),
)
def prepare_transpose_conv(graph: Graph, op: Operator) -> TransposeConv:
    """Check a TRANSPOSE_CONV."""
    graph.input_of(op, 0)  # its output's shape, which the output tells, too
    filters, source, output = graph.input_of(op, 1), graph.input_of(op, 2), graph.output_of(op)
    for tensor in (filters, source, output):
        require_rank(op, tensor, 4)
    require_dtype(op, source, (DType.INT8, DType.INT16))
    require_same_dtype(op, source, output)
    require(op, op.integer("activation") == 0, "its fused activation is not supported")
    weights = weights_of(graph, op, channel_axis=0)
    batches, rows, columns, channels = source.shape
    outputs, kernel_rows, kernel_columns, depth = weights.shape
    require(op, depth == channels, f"filters of {depth} channels do not fit {channels}")
    window = Window.of(op, (kernel_rows, kernel_columns), (output.shape[1], output.shape[2]))
    require(
        op,
        window.output == (rows, columns),
        f"an output of {list(output.shape)} does not come from an input of {list(source.shape)}",
    )
    require_shape(op, output, (batches, *window.input, outputs))
    bias, wide = bias_of(graph, op, source.dtype, outputs, position=3)
    return TransposeConv(
        window=window,
        batches=batches,
        input_channels=channels,
        weights=weights,
        bias=bias,
        input_zero_point=source.quantized.zero_point,
        requantization=Requantization.of(
            real_multipliers(source, filters, output, outputs), output, wide=wide
        ),
        dtype=output.dtype,
    )
