"""Random cases of operators that compute: odd shapes, extreme parameters."""

import math

import numpy as np

from tests.kernels.makers import (
    Rng,
    activation,
    image_sizes,
    maker,
    output_scale,
    per_tensor,
    pick,
    weights,
    window_output,
)
from tests.support.graphs import GraphBuilder, quantization
from tinyml.graph import Graph
from tinyml.graph.ir import DType, Quantization
from tinyml.graph.ops.binary import COMPARISONS
from tinyml.graph.schema import Padding


def _convolution(rng: Rng, dtype: DType, depthwise: bool, padded: bool = False) -> Graph:
    b = GraphBuilder()
    kernel = (pick(rng, 1, 1, 2, 3, 4, 5), pick(rng, 1, 1, 2, 3, 5))
    stride = (pick(rng, 1, 1, 2, 3), pick(rng, 1, 1, 2, 3))
    dilation = (pick(rng, 1, 1, 1, 2), pick(rng, 1, 1, 1, 2))
    if padded and rng.random() < 0.5:  # what networks pad
        kernel, dilation, stride = (3, 3), (1, 1), (stride[0] % 2 + 1,) * 2
    padding = Padding.VALID if padded else pick(rng, Padding.SAME, Padding.VALID)
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
    if padded:
        reach = [(k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True)]
        x = _padded(rng, b, (batches, *image, channels), source, reach)
    else:
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


def _padded(
    rng: Rng, b: GraphBuilder, shape: tuple[int, ...], source: Quantization, reach: list[int]
) -> int:
    """A PAD that makes this shape of the graph's input, of which windows see half at least."""
    widths = np.zeros((4, 2), np.int64)
    for axis, most in ((1, reach[0] // 2), (2, reach[1] // 2)):
        above = int(rng.integers(0, min(most, (shape[axis] - 1) // 2) + 1))
        below = int(rng.integers(0, min(most, shape[axis] - 1 - above) + 1))
        widths[axis] = above, above if rng.random() < 0.6 else below
    x = b.input([n - int(w) for n, w in zip(shape, widths.sum(axis=1), strict=True)], source)
    paddings = b.constant(widths, DType.INT32)
    return b.op("PAD", [x, paddings], b.tensor(shape, DType.INT8, source))


@maker("padded_conv_2d")
def padded_conv_2d(rng: Rng) -> Graph:
    return _convolution(rng, DType.INT8, depthwise=False, padded=True)


@maker("padded_depthwise_conv_2d")
def padded_depthwise_conv_2d(rng: Rng) -> Graph:
    return _convolution(rng, DType.INT8, depthwise=True, padded=True)


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


@maker("transpose_conv")
def transpose_conv(rng: Rng) -> Graph:
    b = GraphBuilder()
    dtype = DType.INT8 if rng.random() < 0.7 else DType.INT16
    kernel = (pick(rng, 1, 2, 3, 4), pick(rng, 1, 2, 3))
    stride = (pick(rng, 1, 2, 3), pick(rng, 1, 2))
    padding = pick(rng, Padding.SAME, Padding.VALID)
    image = [int(rng.integers(1, 6)) for _ in range(2)]
    spread = []
    for size, k, s in zip(image, kernel, stride, strict=True):
        fewest = (size - 1) * s + (1 if padding == Padding.SAME else k)
        spread.append(fewest + int(rng.integers(0, s)))
    channels, outputs = pick(rng, 1, 2, 3, 8), pick(rng, 1, 2, 5)
    scales = 2.0 ** rng.uniform(-9, -5, outputs)
    source = per_tensor(rng, dtype)
    shape = (1, *spread, outputs)
    n = b.constant(np.array(shape), DType.INT32)
    w = b.constant(weights(rng, (outputs, *kernel, channels)), DType.INT8, quantization(scales))
    x = b.input((1, *image, channels), source, dtype)
    inputs = [n, w, x]
    if rng.random() < 0.7:
        wide = dtype is DType.INT16 and rng.random() < 0.7
        bias = rng.integers(-20000, 20000, outputs)
        inputs.append(b.constant(bias, DType.INT64 if wide else DType.INT32))
    scale = output_scale(rng, source, scales, math.prod(kernel) * channels)
    y = b.tensor(shape, dtype, quantization(scale, per_tensor(rng, dtype).zero_point))
    b.op(
        "TRANSPOSE_CONV", inputs, y,
        padding=padding, stride_h=stride[0], stride_w=stride[1], activation=0,
    )  # fmt: skip
    return b.build(y)


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


@maker("reduce_extremum")
def reduce_extremum(rng: Rng) -> Graph:
    b = GraphBuilder()
    shape = tuple(int(n) for n in rng.integers(1, 6, int(rng.integers(1, 5))))
    name = str(rng.choice(["REDUCE_MAX", "REDUCE_MIN", "ARG_MAX", "ARG_MIN"]))
    place = name.startswith("ARG_")
    count = 1 if place else int(rng.integers(1, len(shape) + 1))
    axes = rng.choice(len(shape), count, replace=False)
    keep = bool(rng.random() < 0.5) and not place
    kept = tuple(
        1 if axis in axes else n for axis, n in enumerate(shape) if keep or axis not in axes
    )
    q = per_tensor(rng)
    x = b.input(shape, q)
    signed = np.where(rng.random(count) < 0.3, axes - len(shape), axes)
    a = b.constant(signed, DType.INT32)
    y = b.tensor(kept, DType.INT32 if place else DType.INT8, None if place else q)
    b.op(name, [x, a], y, keep_dims=keep)
    return b.build(y)


def broadcast_shapes(rng: Rng) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Two shapes that go together, sometimes by repeating dimensions."""
    shape = tuple(int(n) for n in rng.integers(1, 6, int(rng.integers(1, 5))))
    if rng.random() < 0.5:
        return shape, shape
    other = tuple(1 if rng.random() < 0.4 else n for n in shape)[int(rng.integers(0, len(shape))) :]
    return (shape, other) if rng.random() < 0.5 else (other, shape)


def binary(rng: Rng, name: str, dtypes: list[DType], *, alike: bool = False) -> Graph:
    """Two operands that broadcast, one of them sometimes constant."""
    b = GraphBuilder()
    dtype = DType(pick(rng, *dtypes))
    first, second = broadcast_shapes(rng)
    common = per_tensor(rng, dtype)
    comparison = name in COMPARISONS
    inputs = []
    for number, shape in enumerate((first, second)):
        q = common if alike else per_tensor(rng, dtype, high=-0.1 if comparison else 1)
        if number == 1 and rng.random() < 0.3:
            inputs.append(b.constant(rng.integers(-128, 128, shape), dtype, q))
        else:
            inputs.append(b.input(shape, q, dtype))
    target = common if alike else per_tensor(rng, dtype, -2, 2)
    shape = np.broadcast_shapes(first, second)
    y = b.tensor(shape, DType.BOOL if comparison else dtype, None if comparison else target)
    fused = 0 if alike or comparison or name in ("PRELU", "SQUARED_DIFFERENCE") else activation(rng)
    b.op(name, inputs, y, activation=fused, pot_scale_int16=False)
    return b.build(y)


@maker("add_or_sub")
def add_or_sub(rng: Rng) -> Graph:
    return binary(rng, str(rng.choice(["ADD", "SUB"])), [DType.INT8, DType.INT16])


@maker("mul")
def mul(rng: Rng) -> Graph:
    return binary(rng, "MUL", [DType.INT8, DType.INT16])


@maker("squared_difference")
def squared_difference(rng: Rng) -> Graph:
    return binary(rng, "SQUARED_DIFFERENCE", [DType.INT8])


@maker("prelu")
def prelu(rng: Rng) -> Graph:
    return binary(rng, "PRELU", [DType.INT8])


@maker("extremum")
def extremum(rng: Rng) -> Graph:
    name = str(rng.choice(["MAXIMUM", "MINIMUM"]))
    return binary(rng, name, [DType.INT8, DType.INT16], alike=True)


@maker("compare")
def compare(rng: Rng) -> Graph:
    return binary(rng, str(rng.choice(list(COMPARISONS))), [DType.INT8])


@maker("logic_and_select")
def logic_and_select(rng: Rng) -> Graph:
    b = GraphBuilder()
    shape, other = broadcast_shapes(rng)
    x, z = b.input(shape, None, DType.BOOL), b.input(other, None, DType.BOOL)
    whole = np.broadcast_shapes(shape, other)
    both = b.tensor(whole, DType.BOOL)
    b.op(str(rng.choice(["LOGICAL_AND", "LOGICAL_OR"])), [x, z], both)
    dtype = DType(pick(rng, DType.INT8, DType.INT16, DType.FLOAT32))
    q = None if dtype is DType.FLOAT32 else per_tensor(rng, dtype)
    first, second = b.input(whole, q, dtype), b.input(other, q, dtype)
    y = b.tensor(whole, dtype, q)
    b.op("SELECT_V2", [both, first, second], y)
    return b.build(y, both)


UNARY = (
    "RELU", "RELU6", "RELU_N1_TO_1", "LEAKY_RELU", "ABS", "RSQRT", "TANH", "HARD_SWISH", "ELU",
    "EXP", "LOG", "SQRT", "NEG", "GELU",
)  # fmt: skip


@maker("unary")
def unary(rng: Rng) -> Graph:
    b = GraphBuilder()
    name = str(rng.choice(UNARY))
    shape = (1, int(rng.integers(1, 300)))
    q = per_tensor(rng, low=-8, high=2)
    x = b.input(shape, q)
    target = q if name == "RELU6" else per_tensor(rng, low=-8, high=2)
    if name == "TANH":
        target = quantization(1 / 128)
    elif name == "HARD_SWISH":
        target = quantization(float(q.scale) * 2.0 ** rng.uniform(-5, 2), target.zero_point)
    y = b.tensor(shape, DType.INT8, target)
    b.op(
        name,
        [x],
        y,
        alpha=float(np.float32(rng.uniform(-0.5, 2))),
        approximate=bool(rng.random() < 0.5),
    )
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
    targets = [DType.INT8, DType.INT16]
    if source in (DType.INT8, DType.INT16):
        targets.append(DType.INT32)
    target = DType(pick(rng, *targets))
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
