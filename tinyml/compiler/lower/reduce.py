"""MEAN, SUM, REDUCE_MAX, REDUCE_MIN, ARG_MAX and ARG_MIN."""

import math

from tinyml.compiler.c_values import Struct, Value
from tinyml.compiler.lower.base import SUFFIX, lowers
from tinyml.compiler.program import Call
from tinyml.graph.ops.reduce import MeanOrSum, ReduceExtremum


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


@lowers(MeanOrSum)
def lower_mean_or_sum(op: MeanOrSum) -> Call:
    """By the portable kernel, which walks any axes."""
    fields: dict[str, Value] = {
        "extents": extents_struct(op.input_shape, op.axes, op.output_shape),
        "offset": op.input_zero_point * op.count,
        "multiplier": op.multiplier,
        "shift": op.shift,
        "zero_point": op.output_zero_point,
    }
    params = Struct("tml_mean_or_sum_t", fields)
    return Call(f"tml_mean_or_sum_{SUFFIX[op.dtype]}", "mean_or_sum.c", params)


@lowers(ReduceExtremum)
def lower_reduce_extremum(op: ReduceExtremum) -> Call:
    """REDUCE_MAX and the like, and ARG_MAX and the like."""
    fields: dict[str, Value] = {
        "extents": extents_struct(op.input_shape, op.axes, op.output_shape),
        "largest": int(op.largest),
    }
    function = "tml_arg_extremum_int8" if op.place else "tml_reduce_extremum_int8"
    return Call(function, "reduce_extremum.c", Struct("tml_reduce_extremum_t", fields))
