"""Random cases of every operator: odd shapes, extreme parameters. One function an operator."""

import math
from collections.abc import Callable

import numpy as np

from tests.graphs import GraphBuilder, quantization
from tests.kernels.batch import Case, random_elements
from tinyml.graph import Graph
from tinyml.graph.ir import DType, Quantization
from tinyml.graph.schema import Activation, Padding

Rng = np.random.Generator
MAKERS: dict[str, Callable[[Rng], Graph]] = {}


def maker(name: str) -> Callable[[Callable[[Rng], Graph]], Callable[[Rng], Graph]]:
    def register(function: Callable[[Rng], Graph]) -> Callable[[Rng], Graph]:
        MAKERS[name] = function
        return function

    return register


def make(name: str, rng: Rng) -> Case:
    """A random case of the maker with this name."""
    graph = MAKERS[name](rng)
    return Case(graph, random_elements(rng, graph))


def pick(rng: Rng, *choices: int) -> int:
    return int(rng.choice(choices))


def per_tensor(
    rng: Rng, dtype: DType = DType.INT8, low: float = -3, high: float = 1
) -> Quantization:
    """A scale between 2^low and 2^high; 16x8 tensors have the zero point 0."""
    zero_point = int(rng.integers(-128, 128)) if dtype is DType.INT8 else 0
    return quantization(2.0 ** rng.uniform(low, high), zero_point)


def activation(rng: Rng) -> int:
    return int(
        rng.choice([Activation.NONE, Activation.RELU, Activation.RELU6, Activation.RELU_N1_TO_1])
    )


def weights(rng: Rng, shape: tuple[int, ...]) -> np.ndarray:
    spread = pick(rng, 1, 20, 127)
    return rng.integers(-spread, spread + 1, shape).astype(np.int8)


def output_scale(rng: Rng, source: Quantization, filters: np.ndarray, depth: int) -> float:
    """Such that outputs fill their range, or saturate, or hardly move."""
    typical = float(source.scale) * float(np.max(filters)) * 40 * math.sqrt(depth)
    return typical * 2.0 ** rng.uniform(-2, 3)


def image_sizes(rng: Rng, op_padding: int, kernel: int, dilation: int) -> int:
    reach = (kernel - 1) * dilation + 1
    least = 1 if op_padding == Padding.SAME else reach
    return int(rng.integers(least, least + 9))


def window_output(size: int, kernel: int, stride: int, dilation: int, op_padding: int) -> int:
    reach = (kernel - 1) * dilation + 1
    return -(-size // stride) if op_padding == Padding.SAME else -(-(size - reach + 1) // stride)


def _convolution(rng: Rng, dtype: DType, depthwise: bool) -> Graph:
    b = GraphBuilder()
    kernel = (pick(rng, 1, 1, 2, 3, 4, 5), pick(rng, 1, 1, 2, 3, 5))
    stride = (pick(rng, 1, 1, 2, 3), pick(rng, 1, 1, 2, 3))
    dilation = (pick(rng, 1, 1, 1, 2), pick(rng, 1, 1, 1, 2))
    padding = pick(rng, Padding.SAME, Padding.VALID)
    image = [image_sizes(rng, padding, k, d) for k, d in zip(kernel, dilation, strict=True)]
    batches, groups = pick(rng, 1, 1, 1, 2), 1
    if depthwise:
        channels, multiplier = pick(rng, 1, 2, 3, 4, 8, 17), pick(rng, 1, 1, 1, 2, 3)
        outputs = channels * multiplier
        filters = weights(rng, (1, *kernel, outputs))
    else:
        groups = pick(rng, 1, 1, 1, 2)
        per_group = pick(rng, 1, 2, 3, 4, 5, 8, 13, 16)
        channels, outputs = per_group * groups, groups * pick(rng, 1, 2, 3, 4, 7, 16)
        filters = weights(rng, (outputs, *kernel, per_group))
    scales = 2.0 ** rng.uniform(-9, -5, outputs if rng.random() < 0.8 else 1)
    depth = math.prod(kernel) * (1 if depthwise else channels // groups)
    source = per_tensor(rng, dtype)
    x = b.input((batches, *image, channels), source, dtype)
    w = b.constant(filters, DType.INT8, quantization(scales, axis=3 if depthwise else 0))
    inputs = [x, w]
    if rng.random() < 0.8:
        wide = dtype is DType.INT16 and rng.random() < 0.7
        bias = rng.integers(-20000, 20000, outputs)
        inputs.append(b.constant(bias, DType.INT64 if wide else DType.INT32))
    rows, columns = (
        window_output(*args, padding) for args in zip(image, kernel, stride, dilation, strict=True)
    )
    scale = output_scale(rng, source, scales, depth) * (1 if dtype is DType.INT8 else 0.5)
    target = quantization(scale, per_tensor(rng, dtype).zero_point)
    y = b.tensor((batches, rows, columns, outputs), dtype, target)
    b.op(
        "DEPTHWISE_CONV_2D" if depthwise else "CONV_2D", inputs, y,
        padding=padding, stride_h=stride[0], stride_w=stride[1],
        dilation_h=dilation[0], dilation_w=dilation[1], activation=activation(rng),
    )  # fmt: skip
    return b.build(y)


@maker("conv_2d")
def conv_2d(rng: Rng) -> Graph:
    return _convolution(rng, DType.INT8, depthwise=False)


@maker("conv_2d_16x8")
def conv_2d_16x8(rng: Rng) -> Graph:
    return _convolution(rng, DType.INT16, depthwise=False)


@maker("depthwise_conv_2d")
def depthwise_conv_2d(rng: Rng) -> Graph:
    return _convolution(rng, DType.INT8, depthwise=True)


@maker("depthwise_conv_2d_16x8")
def depthwise_conv_2d_16x8(rng: Rng) -> Graph:
    return _convolution(rng, DType.INT16, depthwise=True)


def _fully_connected(rng: Rng, dtype: DType) -> Graph:
    b = GraphBuilder()
    batches, depth, outputs = pick(rng, 1, 1, 3), int(rng.integers(1, 60)), int(rng.integers(1, 20))
    source = per_tensor(rng, dtype)
    per_channel = rng.random() < 0.4
    scales = 2.0 ** rng.uniform(-9, -5, outputs if per_channel else 1)
    four_bits = not per_channel and rng.random() < 0.2
    filters = weights(rng, (outputs, depth))
    if four_bits:
        filters = np.clip(filters, -8, 7)
    x = b.input((batches, depth), source, dtype)
    w = b.constant(filters, DType.INT4 if four_bits else DType.INT8, quantization(scales))
    inputs = [x, w]
    if rng.random() < 0.8:
        wide = dtype is DType.INT16 and rng.random() < 0.7
        bias = rng.integers(-20000, 20000, outputs)
        inputs.append(b.constant(bias, DType.INT64 if wide else DType.INT32))
    target = quantization(
        output_scale(rng, source, scales, depth), per_tensor(rng, dtype).zero_point
    )
    y = b.tensor((batches, outputs), dtype, target)
    b.op(
        "FULLY_CONNECTED", inputs, y,
        activation=activation(rng), weights_format=0, keep_num_dims=False,
    )  # fmt: skip
    return b.build(y)


@maker("fully_connected")
def fully_connected(rng: Rng) -> Graph:
    return _fully_connected(rng, DType.INT8)


@maker("fully_connected_16x8")
def fully_connected_16x8(rng: Rng) -> Graph:
    return _fully_connected(rng, DType.INT16)


@maker("pool_2d")
def pool_2d(rng: Rng) -> Graph:
    b = GraphBuilder()
    dtype = DType.INT8 if rng.random() < 0.7 else DType.INT16
    kernel = (pick(rng, 1, 2, 3, 5), pick(rng, 1, 2, 3, 5))
    stride = (pick(rng, 1, 2, 3), pick(rng, 1, 2, 3))
    padding = pick(rng, Padding.SAME, Padding.VALID)
    image = [image_sizes(rng, padding, k, 1) for k in kernel]
    channels = pick(rng, 1, 2, 5, 8)
    q = per_tensor(rng, dtype)
    x = b.input((1, *image, channels), q, dtype)
    rows, columns = (
        window_output(size, k, s, 1, padding)
        for size, k, s in zip(image, kernel, stride, strict=True)
    )
    y = b.tensor((1, rows, columns, channels), dtype, q)
    b.op(
        str(rng.choice(["AVERAGE_POOL_2D", "MAX_POOL_2D"])), [x], y,
        padding=padding, stride_h=stride[0], stride_w=stride[1],
        filter_h=kernel[0], filter_w=kernel[1], activation=activation(rng),
    )  # fmt: skip
    return b.build(y)


@maker("mean_or_sum")
def mean_or_sum(rng: Rng) -> Graph:
    b = GraphBuilder()
    dtype = DType.INT8 if rng.random() < 0.7 else DType.INT16
    shape = tuple(int(n) for n in rng.integers(1, 6, int(rng.integers(1, 5))))
    count = int(rng.integers(1, len(shape) + 1))
    axes = rng.choice(len(shape), count, replace=False)
    keep = bool(rng.random() < 0.5)
    kept = tuple(
        1 if axis in axes else n for axis, n in enumerate(shape) if keep or axis not in axes
    )
    x = b.input(shape, per_tensor(rng, dtype), dtype)
    signed = np.where(rng.random(count) < 0.3, axes - len(shape), axes)
    a = b.constant(signed, DType.INT32)
    y = b.tensor(kept, dtype, per_tensor(rng, dtype))
    b.op(str(rng.choice(["MEAN", "SUM"])), [x, a], y, keep_dims=keep)
    return b.build(y)


def broadcast_shapes(rng: Rng) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Two shapes that go together, sometimes by repeating dimensions."""
    shape = tuple(int(n) for n in rng.integers(1, 6, int(rng.integers(1, 5))))
    if rng.random() < 0.5:
        return shape, shape
    other = tuple(1 if rng.random() < 0.4 else n for n in shape)[int(rng.integers(0, len(shape))) :]
    return (shape, other) if rng.random() < 0.5 else (other, shape)


@maker("add")
def add(rng: Rng) -> Graph:
    b = GraphBuilder()
    dtype = DType.INT8 if rng.random() < 0.7 else DType.INT16
    first, second = broadcast_shapes(rng)
    inputs = []
    for shape in (first, second):
        q = per_tensor(rng, dtype)
        if rng.random() < 0.2:
            values = rng.integers(-128, 128, shape)
            inputs.append(b.constant(values, dtype, q))
        else:
            inputs.append(b.input(shape, q, dtype))
    if not b.inputs:
        inputs[0] = b.input(first, per_tensor(rng, dtype), dtype)
    y = b.tensor(np.broadcast_shapes(first, second), dtype, per_tensor(rng, dtype, -2, 2))
    b.op("ADD", inputs, y, activation=activation(rng), pot_scale_int16=False)
    return b.build(y)


@maker("softmax")
def softmax(rng: Rng) -> Graph:
    b = GraphBuilder()
    rows, depth = int(rng.integers(1, 4)), int(rng.integers(1, 40))
    x = b.input((rows, depth), per_tensor(rng, low=-8, high=2))
    wide = rng.random() < 0.3
    target = quantization(1 / 65536, -32768) if wide else quantization(1 / 256, -128)
    y = b.tensor((rows, depth), DType.INT16 if wide else DType.INT8, target)
    b.op("SOFTMAX", [x], y, beta=1.0)
    return b.build(y)


@maker("logistic")
def logistic(rng: Rng) -> Graph:
    b = GraphBuilder()
    shape = (1, int(rng.integers(1, 300)))
    x = b.input(shape, per_tensor(rng, low=-8, high=2))
    y = b.tensor(shape, DType.INT8, quantization(1 / 256, -128))
    b.op("LOGISTIC", [x], y)
    return b.build(y)


@maker("quantize")
def quantize(rng: Rng) -> Graph:
    b = GraphBuilder()
    shape = (1, int(rng.integers(1, 50)))
    source = DType(pick(rng, DType.FLOAT32, DType.INT8, DType.INT16, DType.INT32))
    target = DType(pick(rng, DType.INT8, DType.INT16))
    q = None if source is DType.FLOAT32 else per_tensor(rng, source)
    x = b.input(shape, q, source)
    y = b.tensor(shape, target, per_tensor(rng, target))
    b.op("QUANTIZE", [x], y)
    return b.build(y)


@maker("dequantize")
def dequantize(rng: Rng) -> Graph:
    b = GraphBuilder()
    shape = (1, int(rng.integers(1, 50)))
    source = DType(pick(rng, DType.INT8, DType.INT16))
    x = b.input(shape, per_tensor(rng, source), source)
    y = b.tensor(shape, DType.FLOAT32)
    b.op("DEQUANTIZE", [x], y)
    return b.build(y)


@maker("reshape_between")
def reshape_between(rng: Rng) -> Graph:
    """A reshape between two operators shares memory; one at the end is an output."""
    b = GraphBuilder()
    n, m = int(rng.integers(1, 6)), int(rng.integers(1, 6))
    x = b.input((1, n, m), per_tensor(rng))
    q = quantization(1 / 256, -128)
    y = b.op("LOGISTIC", [x], b.tensor((1, n, m), DType.INT8, q))
    z = b.op("RESHAPE", [y], b.tensor((1, n * m), DType.INT8, q), new_shape=(1, n * m))
    w = b.op("ADD", [z, z], b.tensor((1, n * m), DType.INT8, per_tensor(rng)), activation=0)
    v = b.op("RESHAPE", [w], b.tensor((m, n), DType.INT8, b.tensors[w].quantization), new_shape=())
    return b.build(v, y)


@maker("folded")
def folded(rng: Rng) -> Graph:
    """Constants are computed when compiling; one is an output, one an operand."""
    b = GraphBuilder()
    n = int(rng.integers(1, 9))
    c = b.constant(rng.integers(-128, 128, (1, n)), DType.INT8, per_tensor(rng))
    q = quantization(1 / 256, -128)
    k = b.op("LOGISTIC", [c], b.tensor((1, n), DType.INT8, q))
    x = b.input((1, n), per_tensor(rng))
    y = b.op("ADD", [x, k], b.tensor((1, n), DType.INT8, per_tensor(rng)), activation=0)
    return b.build(y, k)
