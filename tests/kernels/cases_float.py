"""Random cases of float32 operators."""

import numpy as np

from tests.kernels.makers import Rng, activation, image_sizes, maker, pick, window_output
from tests.support.graphs import GraphBuilder
from tinyml.graph import Graph
from tinyml.graph.ir import DType
from tinyml.graph.ops.float32 import COMBINATIONS, FUNCTIONS
from tinyml.graph.schema import Padding

F = DType.FLOAT32


@maker("conv_float")
def conv_float(rng: Rng) -> Graph:
    b = GraphBuilder()
    depthwise = rng.random() < 0.4
    kernel, stride = (pick(rng, 1, 2, 3), pick(rng, 1, 3)), (pick(rng, 1, 2), pick(rng, 1, 2))
    dilation = (pick(rng, 1, 1, 2), 1)
    padding = pick(rng, Padding.SAME, Padding.VALID)
    image = [image_sizes(rng, padding, k, d) for k, d in zip(kernel, dilation, strict=True)]
    channels, factor = pick(rng, 1, 2, 5), pick(rng, 1, 2, 3)
    outputs = channels * factor if depthwise else pick(rng, 1, 4)
    shape = (1, *kernel, outputs) if depthwise else (outputs, *kernel, channels)
    x = b.input((1, *image, channels), None, F)
    inputs = [x, b.constant(rng.normal(size=shape), F)]
    if rng.random() < 0.7:
        inputs.append(b.constant(rng.normal(size=outputs), F))
    rows, columns = (
        window_output(*args, padding) for args in zip(image, kernel, stride, dilation, strict=True)
    )
    y = b.tensor((1, rows, columns, outputs), F)
    b.op(
        "DEPTHWISE_CONV_2D" if depthwise else "CONV_2D", inputs, y,
        padding=padding, stride_h=stride[0], stride_w=stride[1],
        dilation_h=dilation[0], dilation_w=dilation[1], activation=activation(rng),
    )  # fmt: skip
    return b.build(y)


@maker("fully_connected_float")
def fully_connected_float(rng: Rng) -> Graph:
    b = GraphBuilder()
    batches, inputs, outputs = pick(rng, 1, 2), pick(rng, 1, 7, 30), pick(rng, 1, 5)
    x = b.input((batches, inputs), None, F)
    operands = [x, b.constant(rng.normal(size=(outputs, inputs)), F)]
    if rng.random() < 0.7:
        operands.append(b.constant(rng.normal(size=outputs), F))
    y = b.tensor((batches, outputs), F)
    b.op("FULLY_CONNECTED", operands, y, activation=activation(rng), weights_format=0)
    return b.build(y)


@maker("pool_float")
def pool_float(rng: Rng) -> Graph:
    b = GraphBuilder()
    kernel, stride = (pick(rng, 1, 2, 3), pick(rng, 1, 3)), (pick(rng, 1, 2), pick(rng, 1, 2))
    padding = pick(rng, Padding.SAME, Padding.VALID)
    image = [image_sizes(rng, padding, k, 1) for k in kernel]
    channels = pick(rng, 1, 3)
    rows, columns = (
        window_output(size, k, s, 1, padding)
        for size, k, s in zip(image, kernel, stride, strict=True)
    )
    x = b.input((1, *image, channels), None, F)
    y = b.tensor((1, rows, columns, channels), F)
    name = str(rng.choice(["AVERAGE_POOL_2D", "MAX_POOL_2D"]))
    b.op(
        name, [x], y, padding=padding, stride_h=stride[0], stride_w=stride[1],
        filter_h=kernel[0], filter_w=kernel[1], activation=activation(rng),
    )  # fmt: skip
    return b.build(y)


@maker("binary_float")
def binary_float(rng: Rng) -> Graph:
    b = GraphBuilder()
    name = str(rng.choice(list(COMBINATIONS)))
    shape = (1, pick(rng, 1, 4), pick(rng, 1, 3))
    other = shape if rng.random() < 0.6 else (shape[-1],)
    x, y = b.input(shape, None, F), b.input(other, None, F)
    options = {"activation": activation(rng)} if name in ("ADD", "SUB", "MUL", "DIV") else {}
    return b.build(b.op(name, [x, y], b.tensor(shape, F), **options))


@maker("unary_float")
def unary_float(rng: Rng) -> Graph:
    b = GraphBuilder()
    name = str(rng.choice(list(FUNCTIONS)))
    shape = (1, pick(rng, 1, 20))
    options = {"alpha": float(rng.uniform(-0.5, 1.5))} if name == "LEAKY_RELU" else {}
    x = b.input(shape, None, F)
    return b.build(b.op(name, [x], b.tensor(shape, F), **options))


@maker("softmax_float")
def softmax_float(rng: Rng) -> Graph:
    b = GraphBuilder()
    shape = (pick(rng, 1, 3), pick(rng, 1, 2, 10))
    x = b.input(shape, None, F)
    return b.build(
        b.op("SOFTMAX", [x], b.tensor(shape, F), beta=float(rng.choice([1.0, 0.5, 20.0])))
    )


@maker("mean_float")
def mean_float(rng: Rng) -> Graph:
    b = GraphBuilder()
    shape = tuple(pick(rng, 1, 2, 3, 5) for _ in range(4))
    axes = sorted(int(i) for i in rng.choice(4, size=pick(rng, 1, 2, 3), replace=False))
    x = b.input(shape, None, F)
    kept = [1 if axis in axes else size for axis, size in enumerate(shape)]
    n = b.constant(np.array(axes), DType.INT32)
    name = str(rng.choice(["MEAN", "SUM"]))
    return b.build(b.op(name, [x, n], b.tensor(kept, F), keep_dims=True))
