"""Random cases of normalisation, division, products of computed matrices, casts, int16 elements."""

import math

import numpy as np

from tests.kernels.makers import Rng, maker, output_scale, per_tensor, pick
from tests.support.graphs import GraphBuilder, quantization
from tinyml.graph import Graph
from tinyml.graph.ir import DType, Quantization


def _rows(rng: Rng) -> tuple[int, ...]:
    depth = pick(rng, 1, 2, 3, 10, 33)
    return (pick(rng, 1, 2, 4), depth) if rng.random() < 0.7 else (1, 3, 2, depth)


def _unary(
    name: str,
    shape: tuple[int, ...],
    source: tuple[DType, Quantization | None],
    target: tuple[DType, Quantization | None],
    **options: int | float,
) -> Graph:
    b = GraphBuilder()
    x = b.input(shape, source[1], source[0])
    return b.build(b.op(name, [x], b.tensor(shape, *target), **options))


@maker("log_softmax")
def log_softmax(rng: Rng) -> Graph:
    target = quantization(16 / 256, 127)
    source = per_tensor(rng, low=-8, high=2)
    return _unary("LOG_SOFTMAX", _rows(rng), (DType.INT8, source), (DType.INT8, target))


@maker("l2_normalization")
def l2_normalization(rng: Rng) -> Graph:
    target = quantization(1 / 128)
    source = per_tensor(rng)
    return _unary(
        "L2_NORMALIZATION", _rows(rng), (DType.INT8, source), (DType.INT8, target), activation=0
    )


@maker("softmax_int16")
def softmax_int16(rng: Rng) -> Graph:
    source = per_tensor(rng, DType.INT16, -16, -4)
    beta = float(rng.choice([1.0, 0.5]))
    target = quantization(2.0**-15)
    return _unary("SOFTMAX", _rows(rng), (DType.INT16, source), (DType.INT16, target), beta=beta)


@maker("sigmoid_or_tanh_int16")
def sigmoid_or_tanh_int16(rng: Rng) -> Graph:
    name = str(rng.choice(["LOGISTIC", "TANH"]))
    exact = quantization(2.0 ** -pick(rng, 11, 12, 13))
    source = exact if rng.random() < 0.3 else per_tensor(rng, DType.INT16, -20, -2)
    target = quantization(2.0**-15)
    return _unary(name, (1, 40), (DType.INT16, source), (DType.INT16, target))


@maker("two_slopes_int16")
def two_slopes_int16(rng: Rng) -> Graph:
    name = str(rng.choice(["RELU", "RELU6", "RELU_N1_TO_1", "LEAKY_RELU", "ABS"]))
    source = per_tensor(rng, DType.INT16, -16, -9)
    ratio = 1.0 if rng.random() < 0.2 else 2.0 ** rng.uniform(-2, 2)
    target = quantization(float(source.scale) * ratio)
    options = {"alpha": float(rng.uniform(-0.5, 1.5))} if name == "LEAKY_RELU" else {}
    return _unary(name, (1, 40), (DType.INT16, source), (DType.INT16, target), **options)


@maker("cast")
def cast(rng: Rng) -> Graph:
    types = [DType.BOOL, DType.INT8, DType.UINT8, DType.INT16, DType.INT32, DType.FLOAT32]
    source, target = (types[int(i)] for i in rng.integers(len(types), size=2))
    return _unary("CAST", (2, 3, 4), (source, None), (target, None))


@maker("logical_not")
def logical_not(rng: Rng) -> Graph:
    shape = (1, pick(rng, 1, 5, 17))
    return _unary("LOGICAL_NOT", shape, (DType.BOOL, None), (DType.BOOL, None))


@maker("div")
def div(rng: Rng) -> Graph:
    b = GraphBuilder()
    first, second = per_tensor(rng), per_tensor(rng)
    shape = (1, pick(rng, 1, 2, 3), pick(rng, 1, 4, 9))
    other = shape if rng.random() < 0.6 else (shape[-1],)
    x = b.input(shape, first)
    if rng.random() < 0.6:
        y = b.input(other, second)
    else:
        data = rng.integers(-128, 128, other)
        data = np.where(data == second.zero_point, data + 1 - 2 * (data == 127), data)
        y = b.constant(data, DType.INT8, second)
    scale = float(first.scale) / float(second.scale) * 2.0 ** rng.uniform(-6, 3)
    target = quantization(scale, int(rng.integers(-128, 128)))
    z = b.op("DIV", [x, y], b.tensor(shape, DType.INT8, target), activation=pick(rng, 0, 1, 3))
    return b.build(z)


@maker("prelu_int16")
def prelu_int16(rng: Rng) -> Graph:
    b = GraphBuilder()
    source, slopes = per_tensor(rng, DType.INT16, -14, -8), per_tensor(rng, low=-8, high=-6)
    channels = pick(rng, 1, 3, 8)
    x = b.input((1, 2, 3, channels), source, DType.INT16)
    data = rng.integers(-128, 128, (1, 1, channels))
    alpha = b.constant(data, DType.INT8, slopes)
    target = quantization(float(source.scale) * 2.0 ** rng.uniform(-1, 2))
    return b.build(b.op("PRELU", [x, alpha], b.tensor((1, 2, 3, channels), DType.INT16, target)))


@maker("batch_matmul")
def batch_matmul(rng: Rng) -> Graph:
    b = GraphBuilder()
    dtype = DType.INT8 if rng.random() < 0.7 else DType.INT16
    rows, columns, depth = (pick(rng, 1, 2, 3, 7) for _ in range(3))
    leading = [pick(rng, 1, 2, 3) for _ in range(pick(rng, 0, 1, 2))]
    repeated = [1 if rng.random() < 0.3 else size for size in leading]
    adj_x, adj_y = (bool(rng.integers(2)) for _ in range(2))
    left_shape = (*leading, *((depth, rows) if adj_x else (rows, depth)))
    right_shape = (*repeated, *((columns, depth) if adj_y else (depth, columns)))
    left, right = per_tensor(rng, dtype), per_tensor(rng, dtype)
    x = b.input(left_shape, left, dtype)
    if rng.random() < 0.6:
        y = b.input(right_shape, right, dtype)
    else:
        limits = np.iinfo(dtype.numpy)
        y = b.constant(rng.integers(limits.min, limits.max + 1, right_shape), dtype, right)
    typical = output_scale(rng, left, np.array([float(right.scale)]), depth)
    target = quantization(typical, per_tensor(rng, dtype).zero_point)
    z = b.tensor((*leading, rows, columns), dtype, target)
    return b.build(b.op("BATCH_MATMUL", [x, y], z, adj_x=adj_x, adj_y=adj_y))


@maker("shape")
def shape(rng: Rng) -> Graph:
    """The shape of a computed tensor, which is folded, beside the tensor."""
    b = GraphBuilder()
    source = per_tensor(rng)
    size = (1, pick(rng, 1, 4), pick(rng, 2, 5))
    x = b.input(size, source)
    y = b.op("NEG", [x], b.tensor(size, DType.INT8, source))
    dtype = DType.INT32 if rng.random() < 0.5 else DType.INT64
    return b.build(y, b.op("SHAPE", [y], b.tensor((3,), dtype), out_type=int(dtype)))


@maker("svdf")
def svdf(rng: Rng) -> Graph:
    b = GraphBuilder()
    batches, inputs, memory = pick(rng, 1, 1, 2), pick(rng, 1, 5, 16), pick(rng, 1, 2, 8)
    rank, units = pick(rng, 1, 2), pick(rng, 1, 3, 8)
    filters = rank * units
    kept = DType.INT8 if rng.random() < 0.5 else DType.INT16
    source, over_time = per_tensor(rng), quantization(2.0 ** rng.uniform(-10, -6))
    features = quantization(2.0 ** rng.uniform(-9, -6))
    state_zero = int(rng.integers(-20, 20)) if kept is DType.INT8 else 0
    typical = float(source.scale) * float(features.scale) * 40 * math.sqrt(inputs)
    in_state = quantization(typical * 2.0 ** (0 if kept is DType.INT8 else -7), state_zero)
    spread = 127 if kept is DType.INT8 else 3000
    x = b.input((batches, inputs), source)
    w = b.constant(rng.integers(-127, 128, (filters, inputs)), DType.INT8, features)
    t = b.constant(rng.integers(-spread, spread, (filters, memory)), kept, over_time)
    bias = b.constant(rng.integers(-9000, 9000, units), DType.INT32)
    state = b.variable((batches, filters * memory), kept, in_state)
    reach = 100.0 if kept is DType.INT8 else 2.0e6
    target = quantization(
        float(in_state.scale) * float(over_time.scale) * reach * 2.0 ** rng.uniform(-1, 4),
        int(rng.integers(-128, 128)),
    )
    y = b.tensor((batches, units), DType.INT8, target)
    inputs_of = [x, w, t, bias if rng.random() < 0.8 else -1, state]
    b.op("SVDF", inputs_of, y, (state,), rank=rank, activation=0)
    return b.build(y)
