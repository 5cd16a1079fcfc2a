"""Cases that kernels of single cores are made for; the portable kernels have to run them, too."""

import numpy as np

from tests.kernels.makers import Rng, activation, maker, output_scale, per_tensor, pick, weights
from tests.kernels.makers import window_output as output_of
from tests.support.graphs import GraphBuilder, quantization
from tinyml.graph import Graph
from tinyml.graph.ir import DType
from tinyml.graph.schema import Padding


@maker("depthwise_3x3")
def depthwise_3x3(rng: Rng) -> Graph:
    """Strides 1 and 2, images of one pixel to long ones, channels that are no multiple of four."""
    b = GraphBuilder()
    stride, padding = pick(rng, 1, 1, 2), pick(rng, Padding.SAME, Padding.SAME, Padding.VALID)
    least = 1 if padding == Padding.SAME else 3
    rows, columns = (int(n) for n in rng.integers(least, 14, 2))
    channels = pick(rng, 1, 2, 3, 4, 5, 8, 12, 15)
    scales = 2.0 ** rng.uniform(-9, -5, channels if rng.random() < 0.8 else 1)
    source = per_tensor(rng)
    x = b.input((pick(rng, 1, 1, 2), rows, columns, channels), source)
    w = b.constant(weights(rng, (1, 3, 3, channels)), DType.INT8, quantization(scales, axis=3))
    bias = b.constant(rng.integers(-20000, 20000, channels), DType.INT32)
    out_rows, out_columns = (output_of(n, 3, stride, 1, padding) for n in (rows, columns))
    # Half of them as after a ReLU, for which the kernels have a shorter way.
    zero_point = pick(rng, -128, per_tensor(rng).zero_point)
    y = b.tensor(
        (b.tensors[x].shape[0], out_rows, out_columns, channels),
        DType.INT8,
        quantization(output_scale(rng, source, scales, 9), zero_point),
    )
    b.op(
        "DEPTHWISE_CONV_2D", [x, w, bias], y, padding=padding, stride_h=stride, stride_w=stride,
        dilation_h=1, dilation_w=1, activation=activation(rng),
    )  # fmt: skip
    return b.build(y)


@maker("conv_1x1")
def conv_1x1(rng: Rng) -> Graph:
    """Products of matrices, deep enough that inner loops turn several times."""
    b = GraphBuilder()
    rows, columns = (pick(rng, 1, 1, 2, 3, 4, 5) for _ in range(2))
    channels, outputs = pick(rng, 4, 8, 12, 36, 64, 65, 100, 700), pick(rng, 2, 3, 8, 13)
    scales = 2.0 ** rng.uniform(-9, -5, outputs)
    source = per_tensor(rng)
    x = b.input((1, rows, columns, channels), source)
    w = b.constant(weights(rng, (outputs, 1, 1, channels)), DType.INT8, quantization(scales))
    bias = b.constant(rng.integers(-20000, 20000, outputs), DType.INT32)
    zero_point = pick(rng, -128, per_tensor(rng).zero_point)
    target = quantization(output_scale(rng, source, scales, channels), zero_point)
    y = b.tensor((1, rows, columns, outputs), DType.INT8, target)
    b.op(
        "CONV_2D", [x, w, bias], y, padding=Padding.VALID, stride_h=1, stride_w=1,
        dilation_h=1, dilation_w=1, activation=activation(rng),
    )  # fmt: skip
    return b.build(y)


@maker("conv_3x3")
def conv_3x3(rng: Rng) -> Graph:
    """Windows that two tiles of 2x2 outputs cover, wholly or not; up to two turns of channels."""
    b = GraphBuilder()
    padding = pick(rng, Padding.SAME, Padding.SAME, Padding.VALID)
    least = 1 if padding == Padding.SAME else 3
    rows, columns = (int(n) for n in rng.integers(least, 14, 2))
    channels, outputs = pick(rng, 8, 12, 32, 64, 72), pick(rng, 8, 10, 16)
    scales = 2.0 ** rng.uniform(-9, -5, outputs)
    source = per_tensor(rng)
    x = b.input((pick(rng, 1, 1, 2), rows, columns, channels), source)
    filters = weights(rng, (outputs, 3, 3, channels))
    w = b.constant(filters, DType.INT8, quantization(scales))
    bias = b.constant(rng.integers(-20000, 20000, outputs), DType.INT32)
    out_rows, out_columns = (output_of(n, 3, 1, 1, padding) for n in (rows, columns))
    zero_point = pick(rng, -128, per_tensor(rng).zero_point)
    target = quantization(output_scale(rng, source, scales, 9 * channels), zero_point)
    y = b.tensor((b.tensors[x].shape[0], out_rows, out_columns, outputs), DType.INT8, target)
    b.op(
        "CONV_2D", [x, w, bias], y, padding=padding, stride_h=1, stride_w=1,
        dilation_h=1, dilation_w=1, activation=activation(rng),
    )  # fmt: skip
    return b.build(y)


@maker("conv_narrow")
def conv_narrow(rng: Rng) -> Graph:
    """Rows of windows that make whole vectors of 16 bytes, but not where they cross the border."""
    b = GraphBuilder()
    channels, taps = [(4, 4), (8, 2), (2, 8), (8, 4)][rng.integers(4)]
    outputs, source = pick(rng, 2, 3, 8), per_tensor(rng)
    image = (int(rng.integers(1, 4)), int(rng.integers(1, 12)))
    kernel = (pick(rng, 1, 1, 3), taps)
    if rng.random() < 0.5:
        image, kernel = (image[1], 1), (taps, 1)
    scales = 2.0 ** rng.uniform(-9, -5, outputs)
    x = b.input((1, *image, channels), source)
    filters = weights(rng, (outputs, *kernel, channels))
    w = b.constant(filters, DType.INT8, quantization(scales))
    bias = b.constant(rng.integers(-20000, 20000, outputs), DType.INT32)
    target = quantization(output_scale(rng, source, scales, taps * channels), -128)
    y = b.tensor((1, *image, outputs), DType.INT8, target)
    b.op(
        "CONV_2D", [x, w, bias], y, padding=Padding.SAME, stride_h=1, stride_w=1,
        dilation_h=1, dilation_w=1, activation=activation(rng),
    )  # fmt: skip
    return b.build(y)


@maker("depthwise_in_time")
def depthwise_in_time(rng: Rng) -> Graph:
    """Long windows of one column or row, images of one to three, many channels, few outputs."""
    b = GraphBuilder()
    taps, across = int(rng.integers(1, 21)), pick(rng, 1, 1, 3)
    stride, padding = pick(rng, 1, 1, 2), pick(rng, Padding.SAME, Padding.VALID)
    length = int(rng.integers(1 if padding == Padding.SAME else taps, taps + 12))
    channels, multiplier = pick(rng, 2, 8, 16, 20, 33), pick(rng, 1, 1, 1, 2)
    outputs = channels * multiplier
    scales = 2.0 ** rng.uniform(-9, -5, outputs)
    source = per_tensor(rng)
    made_long = output_of(length, taps, stride, 1, padding)
    shapes = [(length, across), (taps, 1), (made_long, across)]
    in_rows = rng.random() < 0.6
    if not in_rows:
        shapes = [pair[::-1] for pair in shapes]
    image, kernel, made = shapes
    x = b.input((1, *image, channels), source)
    w = b.constant(weights(rng, (1, *kernel, outputs)), DType.INT8, quantization(scales, axis=3))
    bias = b.constant(rng.integers(-20000, 20000, outputs), DType.INT32)
    zero_point = pick(rng, -128, per_tensor(rng).zero_point)
    target = quantization(output_scale(rng, source, scales, taps), zero_point)
    y = b.tensor((1, *made, outputs), DType.INT8, target)
    strides = (stride, 1) if in_rows else (1, stride)
    b.op(
        "DEPTHWISE_CONV_2D", [x, w, bias], y, padding=padding, stride_h=strides[0],
        stride_w=strides[1], dilation_h=1, dilation_w=1, activation=activation(rng),
    )  # fmt: skip
    return b.build(y)


@maker("depthwise_once")
def depthwise_once(rng: Rng) -> Graph:
    """Windows as large as the image: as good as one output a channel."""
    b = GraphBuilder()
    kernel, channels = (pick(rng, 1, 2, 3, 4), pick(rng, 1, 2, 3)), pick(rng, 3, 8, 16, 20)
    scales = 2.0 ** rng.uniform(-9, -5, channels)
    source = per_tensor(rng)
    x = b.input((pick(rng, 1, 1, 2), kernel[0] + pick(rng, 0, 1), kernel[1], channels), source)
    w = b.constant(weights(rng, (1, *kernel, channels)), DType.INT8, quantization(scales, axis=3))
    batches, rows = b.tensors[x].shape[:2]
    target = quantization(output_scale(rng, source, scales, 6), per_tensor(rng).zero_point)
    y = b.tensor((batches, rows - kernel[0] + 1, 1, channels), DType.INT8, target)
    b.op(
        "DEPTHWISE_CONV_2D", [x, w], y, padding=Padding.VALID, stride_h=1, stride_w=1,
        dilation_h=1, dilation_w=1, activation=activation(rng),
    )  # fmt: skip
    return b.build(y)


@maker("conv_few_channels")
def conv_few_channels(rng: Rng) -> Graph:
    """Spectrograms and the like: wide images of one or two channels into a few."""
    b = GraphBuilder()
    padding, stride = pick(rng, Padding.SAME, Padding.VALID), pick(rng, 1, 1, 2)
    kernel = (pick(rng, 1, 1, 3, 5), pick(rng, 1, 1, 3, 9))
    channels, outputs = pick(rng, 1, 1, 2), pick(rng, 1, 2, 2, 3, 4)
    rows = int(rng.integers(1 if padding == Padding.SAME else kernel[0], 8))
    columns = kernel[1] + stride * (pick(rng, 2, 4, 8, 8, 12, 16, 32) - 1)
    scales = 2.0 ** rng.uniform(-9, -5, outputs if rng.random() < 0.8 else 1)
    source = per_tensor(rng)
    x = b.input((pick(rng, 1, 1, 2), rows, columns, channels), source)
    filters = weights(rng, (outputs, *kernel, channels))
    w = b.constant(filters, DType.INT8, quantization(scales))
    bias = b.constant(rng.integers(-20000, 20000, outputs), DType.INT32)
    made = (output_of(rows, kernel[0], 1, 1, padding),
            output_of(columns, kernel[1], stride, 1, padding))  # fmt: skip
    scale = output_scale(rng, source, scales, kernel[0] * kernel[1] * channels)
    target = quantization(scale, pick(rng, -128, per_tensor(rng).zero_point))
    y = b.tensor((b.tensors[x].shape[0], *made, outputs), DType.INT8, target)
    b.op(
        "CONV_2D", [x, w, bias], y, padding=padding, stride_h=1, stride_w=stride,
        dilation_h=1, dilation_w=1, activation=activation(rng),
    )  # fmt: skip
    return b.build(y)


@maker("over_pixels")
def over_pixels(rng: Rng) -> Graph:
    """Means, sums and maxima over leading axes, also of more elements than 16 bits can sum."""
    b = GraphBuilder()
    shape = (pick(rng, 1, 2), pick(rng, 3, 40, 300), pick(rng, 1, 3), pick(rng, 1, 2, 4, 7, 18))
    axes = (0, 1) if rng.random() < 0.5 else (0, 1, 2)
    q = per_tensor(rng)
    x = b.input(shape, q)
    a = b.constant(np.array(axes), DType.INT32)
    name = str(rng.choice(["MEAN", "SUM", "REDUCE_MAX"]))
    target = q if name == "REDUCE_MAX" else per_tensor(rng)
    y = b.tensor(shape[len(axes) :], DType.INT8, target)
    b.op(name, [x, a], y, keep_dims=False)
    return b.build(y)


@maker("pool_in_time")
def pool_in_time(rng: Rng) -> Graph:
    """Windows of one column over wide images."""
    b = GraphBuilder()
    rows, stride = int(rng.integers(1, 9)), pick(rng, 1, 2, 3)
    padding = pick(rng, Padding.SAME, Padding.VALID)
    length = int(rng.integers(1 if padding == Padding.SAME else rows, 20))
    columns, channels = pick(rng, 1, 4, 6, 16), pick(rng, 1, 2, 5)
    q = per_tensor(rng)
    x = b.input((pick(rng, 1, 1, 2), length, columns, channels), q)
    made = output_of(length, rows, stride, 1, padding)
    y = b.tensor((b.tensors[x].shape[0], made, columns, channels), DType.INT8, q)
    b.op(
        str(rng.choice(["AVERAGE_POOL_2D", "MAX_POOL_2D"])), [x], y, padding=padding,
        stride_h=stride, stride_w=1, filter_h=rows, filter_w=1, activation=activation(rng),
    )  # fmt: skip
    return b.build(y)
