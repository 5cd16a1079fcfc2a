"""CONV_2D and DEPTHWISE_CONV_2D, int8 and 16x8.

Source: TFLite's reference_integer_ops/{conv,depthwise_conv}.h; parameters as in TFLite Micro's
conv_common.cc.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tinyml.graph.fixed_point import Int64
from tinyml.graph.ir import Array, DType, Graph, Operator, Tensor
from tinyml.graph.ops.base import (
    Requantization,
    Window,
    clamp_of,
    require,
    require_dtype,
    require_rank,
    require_same_dtype,
    require_shape,
)
from tinyml.graph.ops.facts import ACTIVATION, DILATION, PADDING, STRIDES, Facts, Tflm
from tinyml.graph.ops.registry import operator


@dataclass(frozen=True, kw_only=True)
class Convolution:
    """What all convolutions over [batches, rows, columns, channels] have."""

    window: Window
    batches: int
    input_channels: int
    weights: npt.NDArray[np.int8]
    bias: Int64  # [out channels]
    input_zero_point: int
    requantization: Requantization
    dtype: DType

    @property
    def output_channels(self) -> int:
        """Channels of the output."""
        return len(self.bias)

    @property
    def macs(self) -> int:
        """Multiply-accumulates, borders included."""
        rows, columns = self.window.output
        return self.batches * rows * columns * int(self.weights.size)


@dataclass(frozen=True, kw_only=True)
class Conv2D(Convolution):
    """Every output channel from all input channels of its group.

    ``weights`` are [out channels, kh, kw, in channels / groups].
    """

    groups: int

    def accumulate(self, image: Array) -> Int64:
        """Accumulators [out rows, out columns, out channels] of one image."""
        centred = image.astype(np.float64) - self.input_zero_point
        patches = self.window.patches(centred, 0.0)
        rows, columns = self.window.output
        per_group = self.weights.shape[3]
        out_group = self.output_channels // self.groups
        sums = np.empty((rows * columns, self.output_channels))
        for group in range(self.groups):
            part = patches[..., group * per_group : (group + 1) * per_group]
            span = slice(group * out_group, (group + 1) * out_group)
            # Sums of products stay far below 2^53: exact in double, and much faster than int64.
            weights = self.weights[span].reshape(out_group, -1).astype(np.float64)
            sums[:, span] = part.reshape(rows * columns, -1) @ weights.T
        return sums.astype(np.int64).reshape(rows, columns, -1) + self.bias

    def evaluate(self, *inputs: Array) -> tuple[Array, ...]:
        """One output, [batches, out rows, out columns, out channels]."""
        images = [self.requantization.apply(self.accumulate(image)) for image in inputs[0]]
        return (np.stack(images).astype(self.dtype.numpy),)


@dataclass(frozen=True, kw_only=True)
class DepthwiseConv2D(Convolution):
    """Each channel by itself; ``weights`` are [kh, kw, out channels]."""

    multiplier: int  # output channels an input channel

    def accumulate(self, image: Array) -> Int64:
        """Accumulators [out rows, out columns, out channels] of one image."""
        centred = image.astype(np.int64) - self.input_zero_point
        patches = np.repeat(self.window.patches(centred, 0), self.multiplier, axis=-1)
        sums: Int64 = np.einsum("rcijk,ijk->rck", patches, self.weights.astype(np.int64))
        return sums + self.bias

    def evaluate(self, *inputs: Array) -> tuple[Array, ...]:
        """One output, [batches, out rows, out columns, out channels]."""
        images = [self.requantization.apply(self.accumulate(image)) for image in inputs[0]]
        return (np.stack(images).astype(self.dtype.numpy),)


def weights_of(graph: Graph, op: Operator, channel_axis: int) -> npt.NDArray[np.int8]:
    """Constant int8 (or unpacked int4) weights, symmetric, scaled along ``channel_axis``."""
    tensor = graph.input_of(op, 1)
    require_dtype(op, tensor, (DType.INT8, DType.INT4))
    quantization = tensor.quantized_by_channel
    require(
        op,
        not quantization.zero_points.any(),
        f"the weights '{tensor.name}' have a zero point that is not 0; quantise them symmetrically",
    )
    require(
        op,
        not quantization.per_channel or quantization.axis == channel_axis,
        f"the weights '{tensor.name}' are scaled along dimension {quantization.axis}, "
        f"not the output channels' {channel_axis}",
    )
    return graph.constant_of(op, 1).astype(np.int8)


def bias_of(
    graph: Graph, op: Operator, dtype: DType, channels: int, position: int = 2
) -> tuple[Int64, bool]:
    """The bias, zeros where absent, and whether accumulators have 64 bits.

    TFLite Micro's 16x8 kernels accumulate in 64 bits unless the bias has 32.
    """
    tensor = graph.optional_input_of(op, position)
    if tensor is None:
        return np.zeros(channels, np.int64), dtype is DType.INT16
    allowed = (DType.INT32, DType.INT64) if dtype is DType.INT16 else (DType.INT32,)
    require_dtype(op, tensor, allowed)
    require(
        op,
        tensor.elements == channels,
        f"the bias '{tensor.name}' has {tensor.elements} elements for {channels} channels",
    )
    return graph.constant_of(op, position).reshape(-1).astype(np.int64), tensor.dtype is DType.INT64


def real_multipliers(
    source: Tensor, weights: Tensor, output: Tensor, channels: int
) -> npt.NDArray[np.float64]:
    """Input scale * filter scale / output scale, one a channel, in double."""
    scales = np.broadcast_to(weights.quantized_by_channel.scales.astype(np.float64), (channels,))
    return float(source.quantized.scale) * scales / float(output.quantized.scale)


def _image(op: Operator, source: Tensor, output: Tensor, weights: Tensor) -> None:
    for tensor in (source, output, weights):
        require_rank(op, tensor, 4)
    require_dtype(op, source, (DType.INT8, DType.INT16))
    require_same_dtype(op, source, output)


@operator(
    CONV_2D=Facts(
        inputs=3,
        options=(PADDING, *STRIDES, ACTIVATION, *DILATION),
        clamps=True,
        channel_axis=0,
        tflm=Tflm("Conv2D", 28, 56, 72, 60, read_twice=2),
        recorded=True,
        litert=True,
    ),
)
def prepare_conv_2d(graph: Graph, op: Operator) -> Conv2D:
    """Check a CONV_2D."""
    source, filters, output = graph.input_of(op, 0), graph.input_of(op, 1), graph.output_of(op)
    _image(op, source, output, filters)
    weights = weights_of(graph, op, channel_axis=0)
    batches, rows, columns, channels = source.shape
    out_channels, kernel_rows, kernel_columns, per_group = weights.shape
    groups = channels // per_group if per_group else 0
    require(
        op,
        groups * per_group == channels and groups > 0 and out_channels % groups == 0,
        f"{channels} input channels do not fit filters of {per_group} channels",
    )
    window = Window.of(op, (kernel_rows, kernel_columns), (rows, columns))
    require_shape(op, output, (batches, *window.output, out_channels))
    bias, wide = bias_of(graph, op, source.dtype, out_channels)
    return Conv2D(
        window=window,
        batches=batches,
        input_channels=channels,
        groups=groups,
        weights=weights,
        bias=bias,
        input_zero_point=source.quantized.zero_point,
        requantization=Requantization.of(
            real_multipliers(source, filters, output, out_channels),
            output,
            clamp_of(op, output),
            wide=wide,
        ),
        dtype=output.dtype,
    )


@operator(
    DEPTHWISE_CONV_2D=Facts(
        inputs=3,
        options=(
            PADDING,
            *STRIDES,
            ("depth_multiplier", "i", 0),
            ACTIVATION,
            *DILATION,
        ),
        clamps=True,
        channel_axis=3,
        tflm=Tflm("DepthwiseConv2D", 28, 56, 72, 60, read_twice=2),
        recorded=True,
        litert=True,
    ),
)
def prepare_depthwise_conv_2d(graph: Graph, op: Operator) -> DepthwiseConv2D | Conv2D:
    """Check a DEPTHWISE_CONV_2D; of a single channel it is a CONV_2D."""
    source, filters, output = graph.input_of(op, 0), graph.input_of(op, 1), graph.output_of(op)
    _image(op, source, output, filters)
    weights = weights_of(graph, op, channel_axis=3)
    batches, rows, columns, channels = source.shape
    one, kernel_rows, kernel_columns, out_channels = weights.shape
    require(
        op,
        one == 1 and out_channels % channels == 0,
        "its number of filters does not fit its number of channels",
    )
    window = Window.of(op, (kernel_rows, kernel_columns), (rows, columns))
    require_shape(op, output, (batches, *window.output, out_channels))
    bias, wide = bias_of(graph, op, source.dtype, out_channels)
    requantization = Requantization.of(
        real_multipliers(source, filters, output, out_channels),
        output,
        clamp_of(op, output),
        wide=wide,
    )
    if channels == 1:
        return Conv2D(
            window=window,
            batches=batches,
            input_channels=1,
            groups=1,
            weights=np.ascontiguousarray(weights.transpose(3, 1, 2, 0)),
            bias=bias,
            input_zero_point=source.quantized.zero_point,
            requantization=requantization,
            dtype=output.dtype,
        )
    return DepthwiseConv2D(
        window=window,
        batches=batches,
        input_channels=channels,
        multiplier=out_channels // channels,
        weights=weights[0],
        bias=bias,
        input_zero_point=source.quantized.zero_point,
        requantization=requantization,
        dtype=output.dtype,
    )
