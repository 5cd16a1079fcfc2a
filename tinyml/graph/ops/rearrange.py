"""Operators that only move elements: each output element is one input element, or a constant.

What such an operator does is said by one array, the place in the input from which each element of
the output comes; NumPy's own indexing makes it. Source of the semantics: TFLite's
reference/{transpose,slice,strided_slice,pad,mirror_pad,concatenation,gather,tile,broadcast_to,
space_to_depth,depth_to_space,space_to_batch_nd,batch_to_space_nd,resize_nearest_neighbor}.h.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from tinyml.graph.ir import Array, DType, Graph, Operator, Tensor
from tinyml.graph.ops.base import (
    integers_of,
    operator,
    require,
    require_rank,
    require_same_dtype,
    require_same_quantization,
    require_shape,
)

Places = npt.NDArray[np.int64]
_OTHER_OUTPUTS: Final = "it has another number of outputs"
FILL: Final = -1  # a place that is not in the input: the fill value


@dataclass(frozen=True, eq=False)
class Rearrange:
    """One output from some inputs.

    ``places`` counts through all inputs' elements, one input after the other.
    """

    places: Places  # in the output's shape
    input_elements: tuple[int, ...]
    dtype: DType
    fill: int | float = 0
    macs: int = 0

    def evaluate(self, *inputs: Array) -> tuple[Array, ...]:
        """One output, in the shape of ``places``."""
        given = [values.reshape(-1) for values in inputs[: len(self.input_elements)]]
        elements = np.concatenate([*given, np.array([self.fill], self.dtype.numpy)])
        return (elements[self.places].astype(self.dtype.numpy),)


@dataclass(frozen=True, eq=False)
class RearrangeMany:
    """Several outputs from one input: SPLIT, UNPACK."""

    parts: tuple[Rearrange, ...]
    macs: int = 0

    def evaluate(self, *inputs: Array) -> tuple[Array, ...]:
        """As many outputs as ``parts``."""
        data = inputs[self.source] if len(inputs) > self.source else inputs[0]
        return tuple(part.evaluate(data)[0] for part in self.parts)

    source: int = 0  # which input holds the elements


def numbered(shape: tuple[int, ...]) -> Places:
    """The place of every element of a tensor of this shape."""
    return np.arange(math.prod(shape), dtype=np.int64).reshape(shape)


def _moved(op: Operator, source: Tensor, output: Tensor, places: Places) -> Rearrange:
    require_same_dtype(op, source, output)
    if source.dtype in (DType.INT8, DType.INT16) and source.quantization and output.quantization:
        require_same_quantization(op, source, output)
    _makes(op, output, places.shape)
    return Rearrange(places.reshape(output.shape), (source.elements,), output.dtype)


def _makes(op: Operator, output: Tensor, shape: Sequence[int]) -> None:
    """Raise unless ``shape`` has the output's elements; before an array of it is made."""
    fits = min(shape, default=1) > 0 and math.prod(shape) == output.elements
    made = f"it makes {list(shape)}"
    require(op, fits, f"{made}, but its output has the shape {list(output.shape)}")


def _axis(op: Operator, axis: int, rank: int) -> int:
    require(op, -rank <= axis < rank, f"it has no axis {axis}")
    return axis % rank


@operator("TRANSPOSE")
def prepare_transpose(graph: Graph, op: Operator) -> Rearrange:
    """Check a TRANSPOSE."""
    source, output = graph.input_of(op, 0), graph.output_of(op)
    axes = [_axis(op, axis, len(source.shape)) for axis in integers_of(graph, op, 1)]
    require(op, sorted(axes) == list(range(len(source.shape))), "its permutation is none")
    return _moved(op, source, output, numbered(source.shape).transpose(axes))


@operator("SLICE")
def prepare_slice(graph: Graph, op: Operator) -> Rearrange:
    """Check a SLICE."""
    source, output = graph.input_of(op, 0), graph.output_of(op)
    begins, sizes = integers_of(graph, op, 1), integers_of(graph, op, 2)
    require(
        op, len(begins) == len(sizes) == len(source.shape), "its begin or size has a wrong rank"
    )
    ranges = []
    for begin, size, whole in zip(begins, sizes, source.shape, strict=True):
        end = whole if size == -1 else begin + size
        require(op, 0 <= begin < end <= whole, f"it takes {begin}..{end} of {whole}")
        ranges.append(slice(begin, end))
    return _moved(op, source, output, numbered(source.shape)[tuple(ranges)])


@operator("STRIDED_SLICE")
def prepare_strided_slice(graph: Graph, op: Operator) -> Rearrange:
    """Check a STRIDED_SLICE; ellipses and new axes are not TFLite Micro's either."""
    source, output = graph.input_of(op, 0), graph.output_of(op)
    require(
        op,
        op.integer("ellipsis_mask") == 0 and op.integer("new_axis_mask") == 0,
        "ellipses and new axes are not supported; write the slice out in the model",
    )
    begins, ends, steps = (integers_of(graph, op, position) for position in (1, 2, 3))
    require(
        op,
        len(begins) == len(ends) == len(steps) <= len(source.shape),
        "its begins, ends and steps have wrong ranks",
    )
    index: list[slice | int] = []
    for axis, (begin, end, step) in enumerate(zip(begins, ends, steps, strict=True)):
        require(op, step != 0, "its step is 0")
        bit = 1 << axis
        if op.integer("shrink_axis_mask") & bit:
            index.append(_axis(op, begin, source.shape[axis]))
            continue
        stop = begin + end if bool(op.options.get("offset", False)) else end
        first = None if op.integer("begin_mask") & bit else begin
        last = None if op.integer("end_mask") & bit else stop
        index.append(slice(first, last, step))
    return _moved(op, source, output, numbered(source.shape)[tuple(index)])


@operator("PAD", "PADV2")
def prepare_pad(graph: Graph, op: Operator) -> Rearrange:
    """Check a PAD: filled with the zero point, or with PADV2's own value."""
    source, output = graph.input_of(op, 0), graph.output_of(op)
    widths = _pairs(graph, op, source, output)
    places = np.pad(numbered(source.shape), widths, constant_values=FILL)
    moved = _moved(op, source, output, places)
    if op.name == "PADV2":
        require_same_dtype(op, output, graph.input_of(op, 2))
        fill = graph.constant_of(op, 2).reshape(-1)[0].item()
    else:
        quantized = output.dtype in (DType.INT8, DType.INT16) and output.quantization is not None
        fill = output.quantized.zero_point if quantized else 0
    return Rearrange(moved.places, moved.input_elements, moved.dtype, fill)


@operator("MIRROR_PAD")
def prepare_mirror_pad(graph: Graph, op: Operator) -> Rearrange:
    """Check a MIRROR_PAD; mode 0 repeats no border element, mode 1 does."""
    source, output = graph.input_of(op, 0), graph.output_of(op)
    widths = _pairs(graph, op, source, output)
    reflect = op.integer("mode") == 0
    for (before, after), size in zip(widths, source.shape, strict=True):
        most = size - 1 if reflect else size
        require(op, max(before, after) <= most, f"it pads {max(before, after)} beside {size}")
    places = numbered(source.shape)
    padded = np.pad(places, widths, mode="reflect" if reflect else "symmetric")
    return _moved(op, source, output, padded)


def _pairs(graph: Graph, op: Operator, source: Tensor, output: Tensor) -> list[tuple[int, int]]:
    values = integers_of(graph, op, 1)
    require(op, len(values) == 2 * len(source.shape), "its paddings have a wrong rank")
    return _checked_pairs(op, list(zip(values[::2], values[1::2], strict=True)), source, output)


def _checked_pairs(
    op: Operator, pairs: list[tuple[int, int]], source: Tensor, output: Tensor
) -> list[tuple[int, int]]:
    require(op, all(min(pair) >= 0 for pair in pairs), "a padding is negative")
    _makes(op, output, [a + size + b for (a, b), size in zip(pairs, source.shape, strict=True)])
    return pairs


@operator("CONCATENATION", "PACK")
def prepare_join(graph: Graph, op: Operator) -> Rearrange:
    """Check a CONCATENATION or PACK, whose inputs all have the output's scale."""
    output = graph.output_of(op)
    sources = [graph.input_of(op, position) for position in range(len(op.inputs))]
    require(op, op.options.get("activation", 0) == 0, "its fused activation is not supported")
    axis = _axis(op, op.integer("axis"), len(output.shape))
    length = len(sources)
    if op.name == "CONCATENATION":
        length = sum(source.shape[axis] for source in sources if axis < len(source.shape))
    require_shape(op, output, (*output.shape[:axis], length, *output.shape[axis + 1 :]))
    pieces, start = [], 0
    for source in sources:
        require_same_dtype(op, output, source)
        middle: tuple[int, ...] = ()
        if op.name == "CONCATENATION":
            require_rank(op, source, len(output.shape))
            middle = source.shape[axis : axis + 1]
        require_shape(op, source, (*output.shape[:axis], *middle, *output.shape[axis + 1 :]))
        if source.quantization is not None and output.quantization is not None:
            require_same_quantization(op, source, output)
        pieces.append(numbered(source.shape) + start)
        start += source.elements
    joined = np.concatenate(pieces, axis) if op.name == "CONCATENATION" else np.stack(pieces, axis)
    return Rearrange(joined, tuple(source.elements for source in sources), output.dtype)


@operator("SPLIT")
def prepare_split(graph: Graph, op: Operator) -> RearrangeMany:
    """Check a SPLIT, whose first input is the axis."""
    source = graph.input_of(op, 1)
    axis = _axis(op, integers_of(graph, op, 0)[0], len(source.shape))
    require(op, source.shape[axis] % len(op.outputs) == 0, "its input does not divide evenly")
    pieces = np.split(numbered(source.shape), len(op.outputs), axis)
    return _parted(graph, op, source, pieces, position=1)


@operator("SPLIT_V")
def prepare_split_v(graph: Graph, op: Operator) -> RearrangeMany:
    """Check a SPLIT_V; one size may be -1, the rest."""
    source = graph.input_of(op, 0)
    sizes = integers_of(graph, op, 1)
    axis = _axis(op, integers_of(graph, op, 2)[0], len(source.shape))
    require(op, len(sizes) == len(op.outputs), _OTHER_OUTPUTS)
    rest = source.shape[axis] - sum(size for size in sizes if size >= 0)
    sizes = [rest if size < 0 else size for size in sizes]
    require(op, sum(sizes) == source.shape[axis] and min(sizes) > 0, "its sizes do not add up")
    pieces = np.split(numbered(source.shape), np.cumsum(sizes)[:-1], axis)
    return _parted(graph, op, source, pieces, position=0)


@operator("UNPACK")
def prepare_unpack(graph: Graph, op: Operator) -> RearrangeMany:
    """Check an UNPACK."""
    source = graph.input_of(op, 0)
    axis = _axis(op, op.integer("axis"), len(source.shape))
    require(op, source.shape[axis] == len(op.outputs), _OTHER_OUTPUTS)
    places = np.moveaxis(numbered(source.shape), axis, 0)
    return _parted(graph, op, source, list(places), position=0)


def _parted(
    graph: Graph, op: Operator, source: Tensor, pieces: list[Places], position: int
) -> RearrangeMany:
    parts = tuple(
        _moved(op, source, graph.output_of(op, number), piece)
        for number, piece in enumerate(pieces)
    )
    return RearrangeMany(parts, source=position)


@operator("GATHER")
def prepare_gather(graph: Graph, op: Operator) -> Rearrange:
    """Check a GATHER with constant indices."""
    source, output = graph.input_of(op, 0), graph.output_of(op)
    require(op, op.integer("batch_dims") == 0, "batch dimensions are not supported")
    axis = _axis(op, op.integer("axis"), len(source.shape))
    indices = np.reshape(integers_of(graph, op, 1), graph.input_of(op, 1).shape)
    inside = bool(np.all((indices >= 0) & (indices < source.shape[axis])))
    require(op, inside, "an index lies outside its input")
    _makes(op, output, (*source.shape[:axis], *indices.shape, *source.shape[axis + 1 :]))
    return _moved(op, source, output, np.take(numbered(source.shape), indices, axis))


@operator("TILE")
def prepare_tile(graph: Graph, op: Operator) -> Rearrange:
    """Check a TILE."""
    source, output = graph.input_of(op, 0), graph.output_of(op)
    times = integers_of(graph, op, 1)
    require(op, len(times) == len(source.shape), "its multiples have a wrong rank")
    _makes(op, output, [n * size for n, size in zip(times, source.shape, strict=True)])
    return _moved(op, source, output, np.tile(numbered(source.shape), times))


@operator("BROADCAST_TO")
def prepare_broadcast_to(graph: Graph, op: Operator) -> Rearrange:
    """Check a BROADCAST_TO."""
    source, output = graph.input_of(op, 0), graph.output_of(op)
    try:
        places = np.broadcast_to(numbered(source.shape), output.shape)
    except ValueError:
        places = numbered((0,))
    return _moved(op, source, output, places)


@operator("SPACE_TO_DEPTH")
def prepare_space_to_depth(graph: Graph, op: Operator) -> Rearrange:
    """Check a SPACE_TO_DEPTH."""
    source, output = graph.input_of(op, 0), graph.output_of(op)
    require_rank(op, source, 4)
    block = op.integer("block_size")
    n, rows, columns, depth = source.shape
    fits = block > 0 and rows % block == 0 and columns % block == 0
    require(op, fits, f"blocks of {block} do not fit its input")
    split = numbered(source.shape).reshape(n, rows // block, block, columns // block, block, depth)
    places = split.transpose(0, 1, 3, 2, 4, 5).reshape(
        n, rows // block, columns // block, block * block * depth
    )
    return _moved(op, source, output, places)


@operator("DEPTH_TO_SPACE")
def prepare_depth_to_space(graph: Graph, op: Operator) -> Rearrange:
    """Check a DEPTH_TO_SPACE."""
    source, output = graph.input_of(op, 0), graph.output_of(op)
    require_rank(op, source, 4)
    block = op.integer("block_size")
    n, rows, columns, depth = source.shape
    require(op, block > 0 and depth % (block * block) == 0, f"blocks of {block} do not fit")
    inner = depth // (block * block)
    split = numbered(source.shape).reshape(n, rows, columns, block, block, inner)
    places = split.transpose(0, 1, 3, 2, 4, 5).reshape(n, rows * block, columns * block, inner)
    return _moved(op, source, output, places)


@operator("SPACE_TO_BATCH_ND")
def prepare_space_to_batch(graph: Graph, op: Operator) -> Rearrange:
    """Check a SPACE_TO_BATCH_ND over one or two dimensions."""
    source, output = graph.input_of(op, 0), graph.output_of(op)
    blocks, paddings = integers_of(graph, op, 1), integers_of(graph, op, 2)
    fits = 0 < 2 * len(blocks) == len(paddings) < 2 * len(source.shape)
    require(op, fits, "wrong block shape")
    rank = len(source.shape)
    widths = [(0, 0)] * rank
    for i in range(len(blocks)):
        widths[1 + i] = (paddings[2 * i], paddings[2 * i + 1])
    _checked_pairs(op, widths, source, output)
    padded = np.pad(numbered(source.shape), widths, constant_values=FILL)
    shape = [padded.shape[0]]
    for i, block in enumerate(blocks):
        fits = block > 0 and padded.shape[1 + i] % block == 0
        require(op, fits, f"blocks of {block} do not fit {padded.shape[1 + i]}")
        shape += [padded.shape[1 + i] // block, block]
    shape += padded.shape[1 + len(blocks) :]
    split = padded.reshape(shape)
    inner = [2 + 2 * i for i in range(len(blocks))]
    outer = [1 + 2 * i for i in range(len(blocks))]
    rest = list(range(1 + 2 * len(blocks), split.ndim))
    moved = _moved(op, source, output, split.transpose(*inner, 0, *outer, *rest))
    fill = output.quantized.zero_point if output.quantization is not None else 0
    return Rearrange(moved.places, moved.input_elements, moved.dtype, fill)


@operator("BATCH_TO_SPACE_ND")
def prepare_batch_to_space(graph: Graph, op: Operator) -> Rearrange:
    """Check a BATCH_TO_SPACE_ND over one or two dimensions."""
    source, output = graph.input_of(op, 0), graph.output_of(op)
    blocks, crops = integers_of(graph, op, 1), integers_of(graph, op, 2)
    fits = 0 < 2 * len(blocks) == len(crops) < 2 * len(source.shape)
    require(op, fits, "wrong block shape")
    require(op, min(crops) >= 0, "a crop is negative")
    count = math.prod(blocks)
    require(op, min(blocks) > 0 and source.shape[0] % count == 0, "its batches do not fit")
    split = numbered(source.shape).reshape(*blocks, source.shape[0] // count, *source.shape[1:])
    order = [len(blocks)]
    for i in range(len(blocks)):
        order += [len(blocks) + 1 + i, i]
    order += range(2 * len(blocks) + 1, split.ndim)
    spatial = [size * block for size, block in zip(source.shape[1:], blocks, strict=False)]
    whole = split.transpose(order).reshape(
        source.shape[0] // count, *spatial, *source.shape[1 + len(blocks) :]
    )
    index = [slice(None)]
    for i, size in enumerate(spatial):
        begin, end = crops[2 * i], size - crops[2 * i + 1]
        require(op, begin < end, f"it crops all of {size}")
        index.append(slice(begin, end))
    return _moved(op, source, output, whole[tuple(index)])


@operator("RESIZE_NEAREST_NEIGHBOR")
def prepare_resize_nearest(graph: Graph, op: Operator) -> Rearrange:
    """Check a RESIZE_NEAREST_NEIGHBOR (GetNearestNeighbor, in float32)."""
    source, output = graph.input_of(op, 0), graph.output_of(op)
    require_rank(op, source, 4)
    require_rank(op, output, 4)
    require_shape(op, output, (source.shape[0], *output.shape[1:3], source.shape[3]))
    aligned = bool(op.options.get("align_corners", False))
    half = bool(op.options.get("half_pixel_centers", False))
    rows, columns = (
        _nearest(source.shape[axis], output.shape[axis], aligned=aligned, half=half)
        for axis in (1, 2)
    )
    places = numbered(source.shape)[:, rows][:, :, columns]
    return _moved(op, source, output, places)


def _nearest(size: int, wanted: int, *, aligned: bool, half: bool) -> Places:
    one, point_five = np.float32(1), np.float32(0.5)
    if aligned and wanted > 1:
        scale = np.float32(size - one) / np.float32(wanted - one)
    else:
        scale = np.float32(size) / np.float32(wanted)
    offset = point_five if half else np.float32(0)
    position = (np.arange(wanted).astype(np.float32) + offset) * scale
    # Aligned corners round, which for what is not negative is this; others cut off.
    found = np.floor(position + point_five if aligned else position)
    clipped: Places = np.clip(found.astype(np.int64), 0, size - 1)
    return clipped
