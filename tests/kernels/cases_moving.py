"""Random cases of operators that move elements."""

from collections.abc import Callable

import numpy as np

from tests.kernels.makers import (
    Rng,
    maker,
    per_tensor,
    pick,
)
from tests.support.graphs import GraphBuilder
from tinyml.graph import Graph
from tinyml.graph.ir import DType


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
