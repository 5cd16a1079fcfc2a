"""Operators on two tensors, element by element, with broadcasting.

Source: TFLite's reference_integer_ops/{add,mul}.h, reference/{sub,maximum_minimum,comparisons,
prelu,select}.h, TFLite Micro's squared_difference.cc; parameters as in TFLite Micro's
{add,sub,mul,prelu}_common.cc, comparisons.cc.
"""

from __future__ import annotations

import operator as python_operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from tinyml.errors import UnsupportedModelError
from tinyml.graph.fixed_point import (
    Int64,
    multiply_by_quantized_multiplier,
    quantize_multiplier,
)
from tinyml.graph.ir import Array, DType, Graph, Operator, Tensor
from tinyml.graph.ops.base import (
    clamp_of,
    require,
    require_dtype,
    require_same_dtype,
    require_same_quantization,
    require_shape,
)
from tinyml.graph.ops.facts import ACTIVATION, Facts, Tflm
from tinyml.graph.ops.registry import operator

Shapes = tuple[tuple[int, ...], ...]
_QUANTIZED: Final = (DType.INT8, DType.INT16)
COMPARISONS: Final[dict[str, Callable[[Array, Array], Array]]] = {
    "EQUAL": np.equal,
    "NOT_EQUAL": np.not_equal,
    "LESS": np.less,
    "LESS_EQUAL": np.less_equal,
    "GREATER": np.greater,
    "GREATER_EQUAL": np.greater_equal,
}


@dataclass(frozen=True)
class Scaled:
    """How one input is brought to a common scale."""

    zero_point: int
    multiplier: int
    shift: int  # <= 0

    def apply(self, values: Array, left_shift: int) -> Int64:
        """The input on the common scale, with ``left_shift`` bits of headroom used."""
        centred = (values.astype(np.int64) - self.zero_point) << left_shift
        return multiply_by_quantized_multiplier(centred, self.multiplier, self.shift)


@dataclass(frozen=True)
class Result:
    """How a result becomes an element of the output."""

    multiplier: int
    shift: int
    zero_point: int
    lowest: int
    highest: int

    def apply(self, values: Int64) -> Int64:
        """Elements, still in int64."""
        scaled = multiply_by_quantized_multiplier(values, self.multiplier, self.shift)
        return np.clip(scaled + self.zero_point, self.lowest, self.highest)


@dataclass(frozen=True)
class OnCommonScale:
    """ADD, SUB, SQUARED_DIFFERENCE: both inputs on one scale, combined, brought to the output's."""

    kind: str  # "add", "sub" or "squared_difference"
    shapes: Shapes
    output_shape: tuple[int, ...]
    inputs: tuple[Scaled, Scaled]
    left_shift: int
    result: Result
    dtype: DType
    macs: int = 0

    def evaluate(self, *inputs: Array) -> tuple[Array, ...]:
        """One output, in ``output_shape``."""
        a, b = (
            scaled.apply(values, self.left_shift)
            for scaled, values in zip(self.inputs, inputs, strict=True)
        )
        if self.kind == "add":
            combined = a + b
        elif self.kind == "sub":
            combined = a - b
        else:
            combined = (a - b) * (a - b)
        return (self.result.apply(combined).astype(self.dtype.numpy),)


@dataclass(frozen=True)
class Multiply:
    """MUL: the product of both inputs' distances from their zero points."""

    shapes: Shapes
    output_shape: tuple[int, ...]
    zero_points: tuple[int, int]
    result: Result
    dtype: DType
    macs: int = 0

    def evaluate(self, *inputs: Array) -> tuple[Array, ...]:
        """One output, in ``output_shape``."""
        a, b = (
            values.astype(np.int64) - zero
            for values, zero in zip(inputs, self.zero_points, strict=True)
        )
        return (self.result.apply(a * b).astype(self.dtype.numpy),)


@dataclass(frozen=True)
class Prelu:
    """PRELU: negative elements times a tensor of slopes."""

    shapes: Shapes
    output_shape: tuple[int, ...]
    zero_points: tuple[int, int]
    positive: Result
    negative: Result
    dtype: DType
    macs: int = 0

    def evaluate(self, *inputs: Array) -> tuple[Array, ...]:
        """One output, in ``output_shape``."""
        value, slope = (
            values.astype(np.int64) - zero
            for values, zero in zip(inputs, self.zero_points, strict=True)
        )
        value, slope = np.broadcast_arrays(value, slope)
        below = self.negative.apply(value * slope)
        return (np.where(value >= 0, self.positive.apply(value), below).astype(self.dtype.numpy),)


@dataclass(frozen=True)
class Extremum:
    """MAXIMUM, MINIMUM: of the elements as they are."""

    largest: bool
    shapes: Shapes
    output_shape: tuple[int, ...]
    dtype: DType
    macs: int = 0

    def evaluate(self, *inputs: Array) -> tuple[Array, ...]:
        """One output, in ``output_shape``."""
        return ((np.maximum if self.largest else np.minimum)(*inputs),)


@dataclass(frozen=True)
class Compare:
    """A comparison on a common scale; booleans."""

    kind: str  # a key of COMPARISONS
    shapes: Shapes
    output_shape: tuple[int, ...]
    inputs: tuple[Scaled, Scaled]
    left_shift: int
    macs: int = 0

    def evaluate(self, *inputs: Array) -> tuple[Array, ...]:
        """One output, bool."""
        a, b = (
            scaled.apply(values, self.left_shift)
            for scaled, values in zip(self.inputs, inputs, strict=True)
        )
        return (COMPARISONS[self.kind](a, b),)


@dataclass(frozen=True)
class Logical:
    """LOGICAL_AND, LOGICAL_OR of booleans."""

    kind: str  # "and" or "or"
    shapes: Shapes
    output_shape: tuple[int, ...]
    macs: int = 0

    def evaluate(self, *inputs: Array) -> tuple[Array, ...]:
        """One output, bool."""
        combine = python_operator.and_ if self.kind == "and" else python_operator.or_
        return (combine(*inputs),)


@dataclass(frozen=True)
class Select:
    """SELECT_V2: elements of one input or the other."""

    shapes: Shapes  # condition, where true, where false
    output_shape: tuple[int, ...]
    dtype: DType
    macs: int = 0

    def evaluate(self, *inputs: Array) -> tuple[Array, ...]:
        """One output, in ``output_shape``."""
        return (np.where(*inputs).astype(self.dtype.numpy),)


def broadcast_shape(op: Operator, *tensors: Tensor) -> tuple[int, ...]:
    """The shape of all inputs together."""
    shapes = [tensor.shape for tensor in tensors]
    try:
        return tuple(int(size) for size in np.broadcast_shapes(*shapes))
    except ValueError as error:
        listed = " and ".join(str(list(shape)) for shape in shapes)
        raise UnsupportedModelError(f"{op.where}: {listed} cannot be combined") from error


def operands(graph: Graph, op: Operator) -> tuple[Tensor, Tensor, Tensor]:
    """Both inputs and the output, whose shape is checked."""
    first, second, output = graph.input_of(op, 0), graph.input_of(op, 1), graph.output_of(op)
    require_shape(op, output, broadcast_shape(op, first, second))
    return first, second, output


def _on_scale(op: Operator, tensors: tuple[Tensor, Tensor], common: float) -> tuple[Scaled, Scaled]:
    scaled = []
    for tensor in tensors:
        real = float(tensor.quantized.scale) / common
        require(op, 0 < real < 1, f"the scale of '{tensor.name}' is too large or too small")
        multiplier, shift = quantize_multiplier(real)
        scaled.append(Scaled(tensor.quantized.zero_point, multiplier, shift))
    return scaled[0], scaled[1]


def result_of(op: Operator, real: float, output: Tensor) -> Result:
    """For the real multiplier ``real`` into ``output``, with the operator's activation."""
    multiplier, shift = quantize_multiplier(real)
    return Result(multiplier, shift, output.quantized.zero_point, *clamp_of(op, output))


@operator(
    ADD=Facts(
        inputs=2,
        options=(ACTIVATION, ("pot_scale_int16", "?", True)),
        clamps=True,
        tflm=Tflm("Add", 8, 60, 60, 60, short_options=2),
        litert=True,
    ),
    SUB=Facts(
        inputs=2,
        options=(ACTIVATION, ("pot_scale_int16", "?", True)),
        clamps=True,
        tflm=Tflm("Sub", 8, 52, 52, short_options=2),
        litert=True,
    ),
    SQUARED_DIFFERENCE=Facts(inputs=2, clamps=True, tflm=Tflm("SquaredDifference", 0, 112, 112)),
)
def prepare_on_common_scale(graph: Graph, op: Operator) -> OnCommonScale:
    """Check an ADD, SUB or SQUARED_DIFFERENCE."""
    first, second, output = operands(graph, op)
    require_dtype(op, first, _QUANTIZED)
    require_same_dtype(op, first, second, output)
    squared = op.name == "SQUARED_DIFFERENCE"
    twice_max = 2 * max(float(tensor.quantized.scale) for tensor in (first, second))
    if squared:
        require_dtype(op, first, (DType.INT8,))
        left_shift = 7
        real = twice_max * twice_max / ((1 << 2 * left_shift) * float(output.quantized.scale))
    else:
        left_shift = 15 if output.dtype is DType.INT16 else 20
        real = twice_max / ((1 << left_shift) * float(output.quantized.scale))
        require(op, 0 < real < 1, "its scales differ too much")
    return OnCommonScale(
        kind=op.name.lower(),
        shapes=(first.shape, second.shape),
        output_shape=output.shape,
        inputs=_on_scale(op, (first, second), twice_max),
        left_shift=left_shift,
        result=result_of(op, real, output),
        dtype=output.dtype,
    )


@operator(
    MUL=Facts(
        inputs=2,
        options=(ACTIVATION,),
        clamps=True,
        tflm=Tflm("Mul", 4, 36, 36, short_options=1),
        litert=True,
    ),
)
def prepare_multiply(graph: Graph, op: Operator) -> Multiply:
    """Check a MUL."""
    first, second, output = operands(graph, op)
    require_dtype(op, first, _QUANTIZED)
    require_same_dtype(op, first, second, output)
    product = float(first.quantized.scale) * float(second.quantized.scale)
    return Multiply(
        shapes=(first.shape, second.shape),
        output_shape=output.shape,
        zero_points=(first.quantized.zero_point, second.quantized.zero_point),
        result=result_of(op, product / float(output.quantized.scale), output),
        dtype=output.dtype,
    )


@operator(PRELU=Facts(inputs=2, tflm=Tflm("Prelu", 0, 28, 28), litert=True))
def prepare_prelu(graph: Graph, op: Operator) -> Prelu:
    """Check a PRELU; slopes are int8 also for int16 elements."""
    source, slope, output = operands(graph, op)
    require_dtype(op, source, _QUANTIZED)
    require_dtype(op, slope, (DType.INT8,))
    require_same_dtype(op, source, output)
    scale = float(source.quantized.scale)
    target = float(output.quantized.scale)
    return Prelu(
        shapes=(source.shape, slope.shape),
        output_shape=output.shape,
        zero_points=(source.quantized.zero_point, slope.quantized.zero_point),
        positive=result_of(op, scale / target, output),
        negative=result_of(op, scale * float(slope.quantized.scale) / target, output),
        dtype=output.dtype,
    )


@operator(
    MAXIMUM=Facts(inputs=2, tflm=Tflm("Maximum"), litert=True),
    MINIMUM=Facts(inputs=2, tflm=Tflm("Minimum"), litert=True),
)
def prepare_extremum(graph: Graph, op: Operator) -> Extremum:
    """Check a MAXIMUM or MINIMUM."""
    first, second, output = operands(graph, op)
    require_dtype(op, first, _QUANTIZED)
    require_same_dtype(op, first, second, output)
    require_same_quantization(op, first, output)
    require_same_quantization(op, second, output)
    return Extremum(op.name == "MAXIMUM", (first.shape, second.shape), output.shape, output.dtype)


@operator(
    EQUAL=Facts(inputs=2, tflm=Tflm("Equal", 0, 32, 32)),
    NOT_EQUAL=Facts(inputs=2, tflm=Tflm("NotEqual", 0, 32, 32)),
    LESS=Facts(inputs=2, tflm=Tflm("Less", 0, 32, 32)),
    LESS_EQUAL=Facts(inputs=2, tflm=Tflm("LessEqual", 0, 32, 32)),
    GREATER=Facts(inputs=2, tflm=Tflm("Greater", 0, 32, 32)),
    GREATER_EQUAL=Facts(inputs=2, tflm=Tflm("GreaterEqual", 0, 32, 32)),
)
def prepare_compare(graph: Graph, op: Operator) -> Compare:
    """Check a comparison, which scales each int8 input by its own scale."""
    first, second, output = operands(graph, op)
    require_dtype(op, first, (DType.INT8,))
    require_same_dtype(op, first, second)
    require_dtype(op, output, (DType.BOOL,))
    return Compare(
        kind=op.name,
        shapes=(first.shape, second.shape),
        output_shape=output.shape,
        inputs=_on_scale(op, (first, second), 1.0),
        left_shift=8,
    )


@operator(
    LOGICAL_AND=Facts(inputs=2, tflm=Tflm("LogicalAnd")),
    LOGICAL_OR=Facts(inputs=2, tflm=Tflm("LogicalOr")),
)
def prepare_logical(graph: Graph, op: Operator) -> Logical:
    """Check a LOGICAL_AND or LOGICAL_OR."""
    first, second, output = operands(graph, op)
    require_dtype(op, first, (DType.BOOL,))
    require_same_dtype(op, first, second, output)
    kind = op.name.removeprefix("LOGICAL_").lower()
    return Logical(kind, (first.shape, second.shape), output.shape)


@operator(SELECT_V2=Facts(inputs=3, tflm=Tflm("SelectV2", 0, 4, 4)))
def prepare_select(graph: Graph, op: Operator) -> Select:
    """Check a SELECT_V2."""
    condition, first, second = (graph.input_of(op, position) for position in range(3))
    output = graph.output_of(op)
    require_dtype(op, condition, (DType.BOOL,))
    require_same_dtype(op, output, first, second)
    require_shape(op, output, broadcast_shape(op, condition, first, second))
    if output.dtype in _QUANTIZED:
        require_same_quantization(op, first, output)
        require_same_quantization(op, second, output)
    return Select((condition.shape, first.shape, second.shape), output.shape, output.dtype)
