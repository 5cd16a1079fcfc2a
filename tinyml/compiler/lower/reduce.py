"""MEAN, SUM, REDUCE_MAX, REDUCE_MIN, ARG_MAX and ARG_MIN."""

import math
from collections.abc import Callable
from dataclasses import replace

from tinyml.compiler.c_values import Struct, Value
from tinyml.compiler.lower.base import SUFFIX, NotFitting, lowers
from tinyml.compiler.lower.pool import lower_pool_2d
from tinyml.compiler.program import Call
from tinyml.graph.ir import RANGES, DType
from tinyml.graph.ops.base import Window
from tinyml.graph.ops.pool import Pool2D
from tinyml.graph.ops.reduce import MeanOrSum, ReduceExtremum

_MOST_PIXELS = 1 << 24  # whose sum fits 32 bits


def extents(shape: tuple[int, ...], axes: tuple[int, ...]) -> tuple[list[Struct], list[Struct]]:
    """Kept and reduced dimensions as tml_extent_t, neighbours of a kind merged."""
    kept: list[tuple[int, int]] = []
    reduced: list[tuple[int, int]] = []
    stride, last = 1, None
    for axis in reversed(range(len(shape))):
        if shape[axis] == 1:
            continue
        target = reduced if axis in axes else kept
        if target is last:
            size, inner = target.pop()
            target.append((size * shape[axis], inner))
        else:
            target.append((shape[axis], stride))
        last = target
        stride *= shape[axis]
    kept_structs, reduced_structs = (
        [Struct("tml_extent_t", {"size": size, "stride": step}) for size, step in reversed(dims)]
        for dims in (kept, reduced)
    )
    return kept_structs, reduced_structs


def extents_struct(
    shape: tuple[int, ...], axes: tuple[int, ...], output_shape: tuple[int, ...]
) -> Struct:
    """tml_extents_t."""
    kept, reduced = extents(shape, axes)
    fields: dict[str, Value] = {
        "kept_rank": len(kept),
        "reduced_rank": len(reduced),
        "outputs": math.prod(output_shape),
    }
    # C has no empty initializers.
    if kept:
        fields["kept"] = tuple(kept)
    if reduced:
        fields["reduced"] = tuple(reduced)
    return Struct("tml_extents_t", fields)


def leading(shape: tuple[int, ...], axes: tuple[int, ...]) -> tuple[int, int] | None:
    """Pixels and channels, where leading axes are reduced and trailing ones kept; else None."""
    reduced = [axis in axes for axis, size in enumerate(shape) if size > 1]
    if reduced != sorted(reduced, reverse=True):
        return None
    pixels = math.prod(shape[axis] for axis in axes)
    return pixels, math.prod(shape) // pixels


@lowers(MeanOrSum)
def lower_mean_or_sum(op: MeanOrSum) -> Call:
    """By a portable kernel: one that goes over pixels, or one that walks any axes."""
    columns = leading(op.input_shape, op.axes)
    if columns is not None and op.dtype is DType.INT8 and columns[0] <= _MOST_PIXELS:
        return _channel_means(op, *columns)
    fields: dict[str, Value] = {
        "extents": extents_struct(op.input_shape, op.axes, op.output_shape),
        "offset": op.input_zero_point * op.count,
        "multiplier": op.multiplier,
        "shift": op.shift,
        "zero_point": op.output_zero_point,
    }
    params = Struct("tml_mean_or_sum_t", fields)
    return Call(f"tml_mean_or_sum_{SUFFIX[op.dtype]}", "mean_or_sum.c", params)


def _channel_means(op: MeanOrSum, pixels: int, channels: int) -> Call:
    sums = Struct("tml_channel_sums_t", {"pixels": pixels, "channels": channels, "continues": 0})
    fields: dict[str, Value] = {"sums": sums, "mean": mean_of_sums_struct(op, channels)}
    return Call("tml_channel_means", "channel_sums.c", Struct("tml_channel_means_t", fields))


def mean_of_sums_struct(op: MeanOrSum, channels: int) -> Struct:
    """tml_mean_of_sums_t."""
    return Struct(
        "tml_mean_of_sums_t",
        {
            "channels": channels,
            "offset": op.input_zero_point * op.count,
            "multiplier": op.multiplier,
            "shift": op.shift,
            "zero_point": op.output_zero_point,
        },
    )


def _as_max_pool(op: ReduceExtremum) -> Pool2D | None:
    """A maximum over pixels, which is that of one window over all of them; else None."""
    columns = leading(op.input_shape, op.axes)
    if not op.largest or op.place or columns is None:
        return None
    pixels, channels = columns
    row, one = (1, pixels), (1, 1)
    window = Window(kernel=row, stride=one, dilation=one, before=(0, 0), input=row, output=one)
    return Pool2D(window, 1, channels, False, *RANGES[DType.INT8], dtype=DType.INT8)


def by_pool(lower_pool: Callable[[Pool2D], Call]) -> Callable[[ReduceExtremum], Call]:
    """The lowering of maxima over pixels by that of the pools that they are."""

    def lower_as_pool(op: ReduceExtremum) -> Call:
        pool = _as_max_pool(op)
        if pool is None:
            raise NotFitting
        return replace(lower_pool(pool), strips=None)

    return lower_as_pool


@lowers(ReduceExtremum)
def lower_reduce_extremum(op: ReduceExtremum) -> Call:
    """REDUCE_MAX and the like, and ARG_MAX and the like."""
    try:
        return by_pool(lower_pool_2d)(op)
    except NotFitting:
        pass
    fields: dict[str, Value] = {
        "extents": extents_struct(op.input_shape, op.axes, op.output_shape),
        "largest": int(op.largest),
    }
    function = "tml_arg_extremum_int8" if op.place else "tml_reduce_extremum_int8"
    return Call(function, "reduce_extremum.c", Struct("tml_reduce_extremum_t", fields))
