"""Operators that only move elements: each output element is one input element, or a constant.

What such an operator does is said by one array, the place in the input from which each element of
the output comes; NumPy's own indexing makes it. Source of the semantics: TFLite's
reference/{transpose,slice,strided_slice,pad,mirror_pad,concatenation,gather,tile,broadcast_to,
resize_nearest_neighbor}.h.
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
    require,
    require_rank,
    require_same_dtype,
    require_same_quantization,
    require_shape,
)
from tinyml.graph.ops.facts import ACTIVATION, ANY_NUMBER, Facts, Tflm
from tinyml.graph.ops.registry import operator

Places = npt.NDArray[np.int64]
_OTHER_OUTPUTS: Final = "it has the wrong number of outputs"
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


def moved_elements(op: Operator, source: Tensor, output: Tensor, places: Places) -> Rearrange:
    """One input's elements at ``places``; checks types, scales and the output's size."""
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


@operator(TRANSPOSE=Facts(inputs=2, tflm=Tflm("Transpose"), litert=True))
def prepare_transpose(graph: Graph, op: Operator) -> Rearrange:
    """Check a TRANSPOSE."""
    source, output = graph.input_of(op, 0), graph.output_of(op)
    axes = [_axis(op, axis, len(source.shape)) for axis in integers_of(graph, op, 1)]
    require(
        op,
        sorted(axes) == list(range(len(source.shape))),
        "its permutation does not name every axis once",
    )
    return moved_elements(op, source, output, numbered(source.shape).transpose(axes))


@operator(SLICE=Facts(inputs=3, tflm=Tflm("Slice")))
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
        require(op, 0 <= begin < end <= whole, f"it takes elements {begin} to {end} of {whole}")
        ranges.append(slice(begin, end))
    return moved_elements(op, source, output, numbered(source.shape)[tuple(ranges)])


@operator(
    STRIDED_SLICE=Facts(
        inputs=4,
        options=(
            ("begin_mask", "i", 0),
            ("end_mask", "i", 0),
            ("ellipsis_mask", "i", 0),
            ("new_axis_mask", "i", 0),
            ("shrink_axis_mask", "i", 0),
            ("offset", "?", False),
        ),
        tflm=Tflm("StridedSlice", 24, 84, 84),
        litert=True,
    ),
)
def prepare_strided_slice(graph: Graph, op: Operator) -> Rearrange:
    """Check a STRIDED_SLICE; ellipses and new axes are not TFLite Micro's either."""
    source, output = graph.input_of(op, 0), graph.output_of(op)
    require(
        op,
        op.integer("ellipsis_mask") == 0 and op.integer("new_axis_mask") == 0,
        "ellipses and new axes are not supported; name every axis of the slice in the model",
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
    return moved_elements(op, source, output, numbered(source.shape)[tuple(index)])


@operator(
    PAD=Facts(inputs=2, tflm=Tflm("Pad", 0, 56, 56), litert=True),
    PADV2=Facts(inputs=3, tflm=Tflm("PadV2", 0, 56, 56)),
)
def prepare_pad(graph: Graph, op: Operator) -> Rearrange:
    """Check a PAD: filled with the zero point, or with PADV2's own value."""
    source, output = graph.input_of(op, 0), graph.output_of(op)
    widths = _pairs(graph, op, source, output)
    places = np.pad(numbered(source.shape), widths, constant_values=FILL)
    moved = moved_elements(op, source, output, places)
    if op.name == "PADV2":
        require_same_dtype(op, output, graph.input_of(op, 2))
        fill = graph.constant_of(op, 2).reshape(-1)[0].item()
    else:
        quantized = output.dtype in (DType.INT8, DType.INT16) and output.quantization is not None
        fill = output.quantized.zero_point if quantized else 0
    return Rearrange(moved.places, moved.input_elements, moved.dtype, fill)


@operator(
    MIRROR_PAD=Facts(
        inputs=2, options=(("mode", "b", 0),), tflm=Tflm("MirrorPad", 4, 20, 20, short_options=1)
    ),
)
def prepare_mirror_pad(graph: Graph, op: Operator) -> Rearrange:
    """Check a MIRROR_PAD; mode 0 repeats no border element, mode 1 does."""
    source, output = graph.input_of(op, 0), graph.output_of(op)
    widths = _pairs(graph, op, source, output)
    reflect = op.integer("mode") == 0
    for (before, after), size in zip(widths, source.shape, strict=True):
        most = size - 1 if reflect else size
        require(
            op, max(before, after) <= most, f"it pads {max(before, after)} elements beside {size}"
        )
    places = numbered(source.shape)
    padded = np.pad(places, widths, mode="reflect" if reflect else "symmetric")
    return moved_elements(op, source, output, padded)


def _pairs(graph: Graph, op: Operator, source: Tensor, output: Tensor) -> list[tuple[int, int]]:
    values = integers_of(graph, op, 1)
    require(op, len(values) == 2 * len(source.shape), "its paddings have a wrong rank")
    return checked_pairs(op, list(zip(values[::2], values[1::2], strict=True)), source, output)


def checked_pairs(
    op: Operator, pairs: list[tuple[int, int]], source: Tensor, output: Tensor
) -> list[tuple[int, int]]:
    """Padding before and after each axis, if none is negative and the output is as large."""
    require(op, all(min(pair) >= 0 for pair in pairs), "a padding is negative")
    _makes(op, output, [a + size + b for (a, b), size in zip(pairs, source.shape, strict=True)])
    return pairs


@operator(
    CONCATENATION=Facts(
        inputs=ANY_NUMBER,
        options=(("axis", "i", 0), ACTIVATION),
        tflm=Tflm("Concatenation", 8, 24, 40),
        litert=True,
    ),
    PACK=Facts(
        inputs=ANY_NUMBER,
        options=(("values_count", "i", 0), ("axis", "i", 0)),
        tflm=Tflm("Pack", 8),
    ),
)
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


@operator(
    SPLIT=Facts(
        inputs=2, outputs=ANY_NUMBER, options=(("num_splits", "i", 0),), tflm=Tflm("Split", 4)
    ),
)
def prepare_split(graph: Graph, op: Operator) -> RearrangeMany:
    """Check a SPLIT, whose first input is the axis."""
    source = graph.input_of(op, 1)
    axis = _axis(op, integers_of(graph, op, 0)[0], len(source.shape))
    require(op, source.shape[axis] % len(op.outputs) == 0, "its input does not divide evenly")
    pieces = np.split(numbered(source.shape), len(op.outputs), axis)
    return _parted(graph, op, source, pieces, position=1)


@operator(
    SPLIT_V=Facts(
        inputs=3, outputs=ANY_NUMBER, options=(("num_splits", "i", 0),), tflm=Tflm("SplitV", 4)
    ),
)
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


@operator(
    UNPACK=Facts(
        outputs=ANY_NUMBER, options=(("num", "i", 0), ("axis", "i", 0)), tflm=Tflm("Unpack", 8)
    ),
)
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
        moved_elements(op, source, graph.output_of(op, number), piece)
        for number, piece in enumerate(pieces)
    )
    return RearrangeMany(parts, source=position)


@operator(
    GATHER=Facts(
        inputs=2, options=(("axis", "i", 0), ("batch_dims", "i", 0)), tflm=Tflm("Gather", 8)
    ),
)
def prepare_gather(graph: Graph, op: Operator) -> Rearrange:
    """Check a GATHER with constant indices."""
    source, output = graph.input_of(op, 0), graph.output_of(op)
    require(op, op.integer("batch_dims") == 0, "batch dimensions are not supported")
    axis = _axis(op, op.integer("axis"), len(source.shape))
    indices = np.reshape(integers_of(graph, op, 1), graph.input_of(op, 1).shape)
    inside = bool(np.all((indices >= 0) & (indices < source.shape[axis])))
    require(op, inside, "an index lies outside its input")
    _makes(op, output, (*source.shape[:axis], *indices.shape, *source.shape[axis + 1 :]))
    return moved_elements(op, source, output, np.take(numbered(source.shape), indices, axis))


@operator(TILE=Facts(inputs=2))
def prepare_tile(graph: Graph, op: Operator) -> Rearrange:
    """Check a TILE."""
    source, output = graph.input_of(op, 0), graph.output_of(op)
    times = integers_of(graph, op, 1)
    require(op, len(times) == len(source.shape), "its multiples have a wrong rank")
    _makes(op, output, [n * size for n, size in zip(times, source.shape, strict=True)])
    return moved_elements(op, source, output, np.tile(numbered(source.shape), times))


@operator(BROADCAST_TO=Facts(inputs=2, tflm=Tflm("BroadcastTo")))
def prepare_broadcast_to(graph: Graph, op: Operator) -> Rearrange:
    """Check a BROADCAST_TO."""
    source, output = graph.input_of(op, 0), graph.output_of(op)
    try:
        places = np.broadcast_to(numbered(source.shape), output.shape)
    except ValueError:
        places = numbered((0,))
    return moved_elements(op, source, output, places)


@operator(
    RESIZE_NEAREST_NEIGHBOR=Facts(
        inputs=2,
        options=(
            ("align_corners", "?", False),
            ("half_pixel_centers", "?", False),
        ),
        tflm=Tflm("ResizeNearestNeighbor", 4, short_options=2),
    ),
)
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
    return moved_elements(op, source, output, places)


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
