"""Random cases of operators that keep something from one inference to the next."""

import numpy as np

from tests.kernels.makers import Rng, maker, per_tensor, pick, weights
from tests.support.graphs import GraphBuilder, quantization
from tinyml.graph import Graph
from tinyml.graph.ir import DType


def _lstm(rng: Rng, dtype: DType) -> Graph:
    b = GraphBuilder()
    time_major = bool(rng.integers(2))
    batches, steps = pick(rng, 1, 1, 2), pick(rng, 1, 3, 7)
    inputs, units = pick(rng, 1, 2, 5, 8, 28), pick(rng, 1, 2, 4, 7, 20)
    source, hidden = per_tensor(rng, dtype, -6, -2), per_tensor(rng, dtype, -8, -6)
    order = (steps, batches) if time_major else (batches, steps)
    x = b.input((*order, inputs), source, dtype)
    matrices = [
        b.constant(
            weights(rng, (units, length)), DType.INT8, quantization(2.0 ** rng.uniform(-8, -5))
        )
        for length in [inputs] * 4 + [units] * 4
    ]
    bias_type = DType.INT64 if dtype is DType.INT16 else DType.INT32
    biases = [b.constant(rng.integers(-9000, 9000, units), bias_type) for _ in range(4)]
    h = b.variable((batches, units), dtype, hidden)
    c = b.variable(
        (batches, units), DType.INT16, quantization(2.0 ** -pick(rng, 9, 11, 12, 13, 15))
    )
    y = b.tensor((*order, units), dtype, hidden)
    absent = [-1]
    b.op(
        "UNIDIRECTIONAL_SEQUENCE_LSTM",
        [x, *matrices, *absent * 3, *biases, *absent * 2, h, c, *absent * 4],
        y,
        (h, c),
        activation=4,
        cell_clip=float(rng.choice([0.0, 0.5, 10.0])),
        proj_clip=0.0,
        time_major=time_major,
    )  # fmt: skip
    return b.build(y)


@maker("lstm")
def lstm(rng: Rng) -> Graph:
    return _lstm(rng, DType.INT8)


@maker("lstm_16x8")
def lstm_16x8(rng: Rng) -> Graph:
    return _lstm(rng, DType.INT16)


@maker("variables")
def variables(rng: Rng) -> Graph:
    """A ring of past samples: read, joined with the new one, cut, assigned; and shown."""
    b = GraphBuilder()
    dtype = DType.INT8 if rng.random() < 0.7 else DType.INT16
    quantized = per_tensor(rng, dtype)
    past, new, channels = pick(rng, 1, 3, 6), pick(rng, 1, 2), pick(rng, 1, 3, 8)
    first = None
    if rng.random() < 0.5:
        limits = np.iinfo(dtype.numpy)
        first = rng.integers(limits.min, limits.max, (1, past, channels), dtype.numpy, True)
    x = b.input((1, new, channels), quantized, dtype)
    kept = b.variable((1, past, channels), dtype, quantized, first)
    before = b.op("READ_VARIABLE", [kept], b.tensor((1, past, channels), dtype, quantized))
    joined = b.tensor((1, past + new, channels), dtype, quantized)
    b.op("CONCATENATION", [before, x], joined, axis=1, activation=0)
    begin = b.constant(np.array([0, new, 0]), DType.INT32)
    size = b.constant(np.array([1, past, channels]), DType.INT32)
    rest = b.op("SLICE", [joined, begin, size], b.tensor((1, past, channels), dtype, quantized))
    b.op("ASSIGN_VARIABLE", [rest], (), (kept,))
    shown = [joined, before] if rng.random() < 0.5 else [joined]
    return b.build(*shown)


@maker("kept_sum")
def kept_sum(rng: Rng) -> Graph:
    """A variable to which every input is added."""
    b = GraphBuilder()
    shape = (1, pick(rng, 1, 5, 32))
    quantized = per_tensor(rng)
    kept = b.variable(shape, DType.INT8, quantized)
    before = b.op("READ_VARIABLE", [kept], b.tensor(shape, DType.INT8, quantized))
    x = b.input(shape, quantized)
    total = b.op("ADD", [before, x], b.tensor(shape, DType.INT8, quantized), activation=0)
    b.op("ASSIGN_VARIABLE", [total], (), (kept,))
    return b.build(total)
