"""MEAN and SUM, int8 and int16; REDUCE_MAX, REDUCE_MIN, ARG_MAX and ARG_MIN, int8.

Source: QuantizedMeanOrSum in TFLite's reference/reduce.h, where the mean's division is folded into
the multiplier; TFLite Micro's reduce_common.cc; reference/arg_min_max.h.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from tinyml.graph.fixed_point import multiply_by_quantized_multiplier, quantize_multiplier
from tinyml.graph.ir import RANGES, Array, DType, Graph, Operator
from tinyml.graph.ops.base import (
    integers_of,
    require,
    require_dtype,
    require_same_dtype,
    require_same_quantization,
)
from tinyml.graph.ops.facts import Facts, Tflm
from tinyml.graph.ops.registry import operator

_AXES: Final = (("keep_dims", "?", False),)


@dataclass(frozen=True, kw_only=True)
class Sums:
    """Over some axes."""

    input_shape: tuple[int, ...]
    axes: tuple[int, ...]  # sorted, without repeats
    output_shape: tuple[int, ...]
    macs: int = 0

    @property
    def count(self) -> int:
        """Elements that go into one element of the output."""
        return int(np.prod([self.input_shape[axis] for axis in self.axes], dtype=np.int64))


@dataclass(frozen=True, kw_only=True)
class MeanOrSum(Sums):
    """The sum over some axes, scaled."""

    input_zero_point: int
    output_zero_point: int
    multiplier: int
    shift: int
    dtype: DType

    def evaluate(self, *inputs: Array) -> tuple[Array, ...]:
        """One output, in ``output_shape``."""
        sums = inputs[0].astype(np.int64).sum(axis=self.axes) - self.input_zero_point * self.count
        scaled = multiply_by_quantized_multiplier(sums, self.multiplier, self.shift)
        result = np.clip(scaled + self.output_zero_point, *RANGES[self.dtype])
        return (np.asarray(result).reshape(self.output_shape).astype(self.dtype.numpy),)


def axes_of(graph: Graph, op: Operator, position: int, rank: int) -> tuple[int, ...]:
    """The axes of a constant input, counted from the front, each once."""
    axes = integers_of(graph, op, position)
    require(
        op, all(-rank <= axis < rank for axis in axes), "it reduces an axis that does not exist"
    )
    return tuple(sorted({axis % rank for axis in axes}))


@operator(
    MEAN=Facts(
        inputs=2,
        options=_AXES,
        tflm=Tflm("Mean", 4, 44, 44, short_options=1, read_twice=2),
        litert=True,
    ),
    SUM=Facts(inputs=2, options=_AXES, tflm=Tflm("Sum", 4, 44, 44, short_options=1, read_twice=2)),
)
def prepare_mean_or_sum(graph: Graph, op: Operator) -> MeanOrSum:
    """Check a MEAN or SUM."""
    source, output = graph.input_of(op, 0), graph.output_of(op)
    require_dtype(op, source, (DType.INT8, DType.INT16))
    require_same_dtype(op, source, output)
    axes = axes_of(graph, op, 1, len(source.shape))
    kept = [size for axis, size in enumerate(source.shape) if axis not in axes]
    require(
        op, output.elements == int(np.prod(kept, dtype=np.int64)), "its output has the wrong size"
    )
    count = source.elements // output.elements
    multiplier, shift = quantize_multiplier(
        float(source.quantized.scale) / float(output.quantized.scale)
    )
    if op.name == "MEAN":
        down = min(count.bit_length() - 1, 32, 31 + shift)
        multiplier, shift = (multiplier << down) // count, shift - down
    return MeanOrSum(
        input_shape=source.shape,
        axes=axes,
        input_zero_point=source.quantized.zero_point,
        output_zero_point=output.quantized.zero_point,
        multiplier=multiplier,
        shift=shift,
        dtype=output.dtype,
        output_shape=output.shape,
    )


@dataclass(frozen=True)
class ReduceExtremum:
    """The maximum or minimum over some axes, or the place of the first one along one axis."""

    largest: bool
    place: bool
    input_shape: tuple[int, ...]
    axes: tuple[int, ...]
    output_shape: tuple[int, ...]
    macs: int = 0

    def evaluate(self, *inputs: Array) -> tuple[Array, ...]:
        """One output, int8, or int32 where the place is asked for."""
        if self.place:
            found = (np.argmax if self.largest else np.argmin)(inputs[0], axis=self.axes[0])
            return (np.asarray(found).reshape(self.output_shape).astype(np.int32),)
        found = (np.max if self.largest else np.min)(inputs[0], axis=self.axes)
        return (np.asarray(found).reshape(self.output_shape).astype(np.int8),)


@operator(
    REDUCE_MAX=Facts(
        inputs=2,
        options=_AXES,
        tflm=Tflm("ReduceMax", 4, 44, 44, short_options=1, read_twice=2),
        litert=True,
    ),
    REDUCE_MIN=Facts(
        inputs=2, options=_AXES, tflm=Tflm("ReduceMin", 4, 44, 44, short_options=1, read_twice=2)
    ),
    ARG_MAX=Facts(
        inputs=2, options=(("output_type", "b", 0),), tflm=Tflm("ArgMax", 4, short_options=1)
    ),
    ARG_MIN=Facts(
        inputs=2, options=(("output_type", "b", 0),), tflm=Tflm("ArgMin", 4, short_options=1)
    ),
)
def prepare_reduce_extremum(graph: Graph, op: Operator) -> ReduceExtremum:
    """Check a REDUCE_MAX, REDUCE_MIN, ARG_MAX or ARG_MIN."""
    source, output = graph.input_of(op, 0), graph.output_of(op)
    place = op.name.startswith("ARG_")
    require_dtype(op, source, (DType.INT8,))
    require_dtype(op, output, (DType.INT32 if place else DType.INT8,))
    if not place:
        require_same_quantization(op, source, output)
    axes = axes_of(graph, op, 1, len(source.shape))
    require(op, not place or len(axes) == 1, "it searches along more than one axis")
    kept = [size for axis, size in enumerate(source.shape) if axis not in axes]
    fits = output.elements == int(np.prod(kept, dtype=np.int64))
    require(op, fits, "its output has the wrong size")
    return ReduceExtremum(op.name.endswith("MAX"), place, source.shape, axes, output.shape)
