"""Random cases of every operator: odd shapes, extreme parameters. One function an operator."""

import math
from collections.abc import Callable

import numpy as np

from tests.graphs import GraphBuilder, quantization
from tests.kernels.batch import Case, random_elements
from tinyml.graph import Graph
from tinyml.graph.ir import DType, Quantization
from tinyml.graph.ops.binary import COMPARISONS
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


# --- operators that move elements ----------------------------------------------------------------


def moving(
    rng: Rng, name: str, function: Callable[[np.ndarray], np.ndarray | list[np.ndarray]],
    shape: tuple[int, ...], constants: list[np.ndarray], *, first: bool = False, **options: object,
) -> Graph:  # fmt: skip
    """One operator on a tensor; ``function`` says the outputs' shapes."""
    b = GraphBuilder()
    dtype = DType(pick(rng, DType.INT8, DType.INT8, DType.INT16, DType.FLOAT32))
    q = None if dtype is DType.FLOAT32 else per_tensor(rng, dtype)
    x = b.input(shape, q, dtype)
    others = [b.constant(np.asarray(values), DType.INT32) for values in constants]
    made = function(np.zeros(shape))
    results = made if isinstance(made, list) else [made]
    outputs = [b.tensor(result.shape, dtype, q) for result in results]
    b.op(name, [*others, x] if first else [x, *others], outputs, **options)
    return b.build(*outputs)


def random_shape(rng: Rng, least: int = 1, most: int = 4, size: int = 6) -> tuple[int, ...]:
    return tuple(int(n) for n in rng.integers(1, size, int(rng.integers(least, most + 1))))


@maker("transpose")
def transpose(rng: Rng) -> Graph:
    shape = random_shape(rng, most=5)
    axes = rng.permutation(len(shape))
    return moving(rng, "TRANSPOSE", lambda x: x.transpose(axes), shape, [axes])


@maker("slice")
def slice_(rng: Rng) -> Graph:
    shape = random_shape(rng)
    begins = np.array([rng.integers(0, n) for n in shape])
    sizes = np.array([rng.integers(1, n - b + 1) for n, b in zip(shape, begins, strict=True)])
    given = np.where((rng.random(len(shape)) < 0.3) & (begins + sizes == shape), -1, sizes)
    return moving(rng, "SLICE", lambda x: np.zeros(sizes), shape, [begins, given])


@maker("strided_slice")
def strided_slice(rng: Rng) -> Graph:
    shape = random_shape(rng)
    begins, ends, steps, masks = [], [], [], {"begin": 0, "end": 0, "shrink": 0}
    index: list[slice | int] = []
    for axis, n in enumerate(shape):
        kind = rng.random()
        if kind < 0.2:
            begin = int(rng.integers(-n, n))
            begins.append(begin), ends.append(begin + 1), steps.append(1)
            masks["shrink"] |= 1 << axis
            index.append(begin)
            continue
        begin, step = int(rng.integers(0, n)), pick(rng, 1, 1, 2, 3, -1)
        end = int(rng.integers(begin + 1, n + 1)) if step > 0 else -n - 1
        first, last = begin, end
        if rng.random() < 0.3:
            masks["begin"] |= 1 << axis
            first = None
        if rng.random() < 0.3 and step > 0:
            masks["end"] |= 1 << axis
            last = None
        begins.append(begin), ends.append(end), steps.append(step)
        index.append(slice(first, last, step))
    return moving(
        rng, "STRIDED_SLICE", lambda x: x[tuple(index)], shape,
        [np.array(begins), np.array(ends), np.array(steps)],
        begin_mask=masks["begin"], end_mask=masks["end"], ellipsis_mask=0, new_axis_mask=0,
        shrink_axis_mask=masks["shrink"], offset=False,
    )  # fmt: skip


@maker("pad")
def pad(rng: Rng) -> Graph:
    shape = random_shape(rng)
    widths = rng.integers(0, 3, (len(shape), 2))
    return moving(rng, "PAD", lambda x: np.pad(x, widths), shape, [widths])


@maker("mirror_pad")
def mirror_pad(rng: Rng) -> Graph:
    shape = tuple(n + 1 for n in random_shape(rng, size=4))
    mode = pick(rng, 0, 1)
    widths = np.array([rng.integers(0, n if mode == 0 else n + 1, 2) for n in shape])
    return moving(rng, "MIRROR_PAD", lambda x: np.pad(x, widths), shape, [widths], mode=mode)


@maker("concatenation")
def concatenation(rng: Rng) -> Graph:
    b = GraphBuilder()
    dtype = DType(pick(rng, DType.INT8, DType.INT16))
    q = per_tensor(rng, dtype)
    shape = random_shape(rng)
    axis = int(rng.integers(0, len(shape)))
    inputs, total = [], 0
    for number in range(pick(rng, 1, 2, 3, 5)):
        size = int(rng.integers(1, 5))
        piece = (*shape[:axis], size, *shape[axis + 1 :])
        total += size
        if number > 0 and rng.random() < 0.2:
            inputs.append(b.constant(rng.integers(-128, 128, piece), dtype, q))
        else:
            inputs.append(b.input(piece, q, dtype))
    y = b.tensor((*shape[:axis], total, *shape[axis + 1 :]), dtype, q)
    signed = axis - len(shape) if rng.random() < 0.5 else axis
    b.op("CONCATENATION", inputs, y, axis=signed, activation=0)
    return b.build(y)


@maker("pack")
def pack(rng: Rng) -> Graph:
    b = GraphBuilder()
    q = per_tensor(rng)
    shape = random_shape(rng, most=3)
    axis, count = int(rng.integers(0, len(shape) + 1)), pick(rng, 1, 2, 3)
    inputs = [b.input(shape, q) for _ in range(count)]
    y = b.tensor((*shape[:axis], count, *shape[axis:]), DType.INT8, q)
    b.op("PACK", inputs, y, axis=axis, values_count=count)
    return b.build(y)


@maker("split")
def split(rng: Rng) -> Graph:
    shape = list(random_shape(rng))
    axis, count = int(rng.integers(0, len(shape))), pick(rng, 1, 2, 3)
    shape[axis] *= count
    return moving(
        rng, "SPLIT", lambda x: np.split(x, count, axis), tuple(shape), [np.array(axis)],
        first=True, num_splits=count,
    )  # fmt: skip


@maker("split_v")
def split_v(rng: Rng) -> Graph:
    shape = list(random_shape(rng))
    axis = int(rng.integers(0, len(shape)))
    sizes = rng.integers(1, 4, pick(rng, 1, 2, 3))
    shape[axis] = int(sizes.sum())
    given = sizes.copy()
    if rng.random() < 0.3:
        given[int(rng.integers(len(given)))] = -1
    return moving(
        rng, "SPLIT_V", lambda x: np.split(x, np.cumsum(sizes)[:-1], axis), tuple(shape),
        [given, np.array(axis)], num_splits=len(sizes),
    )  # fmt: skip


@maker("unpack")
def unpack(rng: Rng) -> Graph:
    shape = random_shape(rng, least=2)
    axis = int(rng.integers(0, len(shape)))
    return moving(
        rng, "UNPACK", lambda x: [np.take(x, i, axis) for i in range(shape[axis])], shape, [],
        axis=axis, num=shape[axis],
    )  # fmt: skip


@maker("gather")
def gather(rng: Rng) -> Graph:
    shape = random_shape(rng)
    axis = int(rng.integers(0, len(shape)))
    indices = rng.integers(0, shape[axis], random_shape(rng, most=2, size=30))
    return moving(
        rng, "GATHER", lambda x: np.take(x, indices, axis), shape, [indices],
        axis=axis, batch_dims=0,
    )  # fmt: skip


@maker("tile")
def tile(rng: Rng) -> Graph:
    shape = random_shape(rng)
    times = rng.integers(1, 4, len(shape))
    return moving(rng, "TILE", lambda x: np.tile(x, times), shape, [times])


@maker("broadcast_to")
def broadcast_to(rng: Rng) -> Graph:
    whole = random_shape(rng)
    shape = tuple(1 if rng.random() < 0.4 else n for n in whole)
    shape = shape[int(rng.integers(0, len(shape))) :]
    return moving(
        rng, "BROADCAST_TO", lambda x: np.broadcast_to(x, whole), shape, [np.array(whole)]
    )


@maker("space_and_depth")
def space_and_depth(rng: Rng) -> Graph:
    block, (rows, columns, depth) = pick(rng, 1, 2, 3), rng.integers(1, 5, 3)
    if rng.random() < 0.5:
        shape = (1, int(rows) * block, int(columns) * block, int(depth))
        made = (1, int(rows), int(columns), int(depth) * block * block)
        name = "SPACE_TO_DEPTH"
    else:
        shape = (1, int(rows), int(columns), int(depth) * block * block)
        made = (1, int(rows) * block, int(columns) * block, int(depth))
        name = "DEPTH_TO_SPACE"
    return moving(rng, name, lambda x: np.zeros(made), shape, [], block_size=block)


@maker("space_and_batch")
def space_and_batch(rng: Rng) -> Graph:
    blocks = rng.integers(1, 4, 2)
    cells = rng.integers(1, 4, 2)
    depth = int(rng.integers(1, 4))
    edges = np.array(
        [rng.integers(0, min(3, b * c), 2) for b, c in zip(blocks, cells, strict=True)]
    )
    edges = np.where(edges.sum(axis=1, keepdims=True) >= (blocks * cells)[:, None], 0, edges)
    space = tuple(int(n) for n in blocks * cells - edges.sum(axis=1))
    many = (int(blocks.prod()), int(cells[0]), int(cells[1]), depth)
    if rng.random() < 0.5:
        return moving(
            rng, "SPACE_TO_BATCH_ND", lambda x: np.zeros(many), (1, *space, depth), [blocks, edges]
        )
    return moving(
        rng, "BATCH_TO_SPACE_ND", lambda x: np.zeros((1, *space, depth)), many, [blocks, edges]
    )


@maker("resize_bilinear")
def resize_bilinear(rng: Rng) -> Graph:
    b = GraphBuilder()
    shape = (1, *(int(n) for n in rng.integers(1, 7, 2)), int(rng.integers(1, 4)))
    wanted = rng.integers(1, 12, 2)
    aligned = bool(rng.random() < 0.4)
    half = bool(not aligned and rng.random() < 0.5)
    q = per_tensor(rng)
    inputs = [b.input(shape, q), b.constant(wanted, DType.INT32)]
    y = b.tensor((1, *(int(n) for n in wanted), shape[3]), DType.INT8, q)
    b.op("RESIZE_BILINEAR", inputs, y, align_corners=aligned, half_pixel_centers=half)
    return b.build(y)


@maker("resize_nearest")
def resize_nearest(rng: Rng) -> Graph:
    shape = (1, *(int(n) for n in rng.integers(1, 7, 2)), int(rng.integers(1, 4)))
    wanted = rng.integers(1, 12, 2)
    aligned = bool(rng.random() < 0.4)
    half = bool(not aligned and rng.random() < 0.5)
    return moving(
        rng, "RESIZE_NEAREST_NEIGHBOR", lambda x: np.zeros((1, *wanted, shape[3])), shape, [wanted],
        align_corners=aligned, half_pixel_centers=half,
    )  # fmt: skip
