"""Operators of small float32 models.

Sums are made in the order of TFLite's reference kernels, each step rounded to float32, so that
oracle and C agree bit for bit.

Source: TFLite's reference/{conv,depthwiseconv_float,fully_connected,pooling,softmax,reduce,add,sub,
mul,div,maximum_minimum,prelu,leaky_relu,hard_swish}.h, TFLite Micro's activations_common.cc.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from tinyml.graph import float_functions
from tinyml.graph.float_functions import Float32
from tinyml.graph.ir import Array, DType, Graph, Operator, Tensor
from tinyml.graph.ops.base import (
    Window,
    require,
    require_dtype,
    require_rank,
    require_same_dtype,
    require_shape,
    rows_of,
)
from tinyml.graph.ops.binary import Shapes, operands
from tinyml.graph.ops.reduce import Sums, axes_of
from tinyml.graph.ops.registry import float_operator
from tinyml.graph.schema import Activation

Range = tuple[np.float32, np.float32]
_LIMITS: Final = np.finfo(np.float32)
ANY: Final[Range] = (np.float32(_LIMITS.min), np.float32(_LIMITS.max))
_RANGES: Final[dict[int, Range]] = {
    Activation.NONE: ANY,
    Activation.RELU: (np.float32(0), ANY[1]),
    Activation.RELU6: (np.float32(0), np.float32(6)),
    Activation.RELU_N1_TO_1: (np.float32(-1), np.float32(1)),
}


def _range(op: Operator) -> Range:
    activation = op.integer("activation")
    require(op, activation in _RANGES, "its fused activation is not supported")
    return _RANGES[activation]


def _clamp(values: Array, limits: Range) -> Float32:
    # As C writes it, a comparison with what is no number being false.
    raised = np.where(values < limits[0], limits[0], values)
    return np.where(raised > limits[1], limits[1], raised).astype(np.float32)


@dataclass(frozen=True)
class FloatConv:
    """CONV_2D; also DEPTHWISE_CONV_2D, one group a channel, and FULLY_CONNECTED, over one pixel."""

    window: Window
    batches: int
    input_channels: int
    groups: int
    weights: Float32  # [out channels, kh, kw, in channels / groups]
    bias: Float32  # [out channels]
    limits: Range
    output_shape: tuple[int, ...]

    @property
    def macs(self) -> int:
        """Multiply-accumulates, borders included."""
        rows, columns = self.window.output
        return self.batches * rows * columns * int(self.weights.size)

    def evaluate(self, *inputs: Array) -> tuple[Array, ...]:
        """One output, in ``output_shape``."""
        images = inputs[0].reshape(self.batches, *self.window.input, self.input_channels)
        found = np.stack([self._image(image) for image in images])
        return (_clamp(found + self.bias, self.limits).reshape(self.output_shape),)

    def _image(self, image: Array) -> Array:
        outputs, rows, columns, per_group = self.weights.shape
        patches = self.window.patches(image, 0.0)
        group = np.arange(outputs) // (outputs // self.groups)
        sums: Array = np.zeros((*self.window.output, outputs), np.float32)
        for i in range(rows):
            for j in range(columns):
                for k in range(per_group):
                    # A padded tap adds 0, which changes nothing.
                    taken = patches[:, :, i, j, :][..., group * per_group + k]
                    sums = sums + taken * self.weights[:, i, j, k]
        return sums


@dataclass(frozen=True)
class FloatPool:
    """The mean or the maximum of a window."""

    window: Window
    batches: int
    channels: int
    average: bool
    limits: Range
    macs: int = 0

    def evaluate(self, *inputs: Array) -> tuple[Array, ...]:
        """One output, [batches, out rows, out columns, channels]."""
        pool = self._mean if self.average else self._maximum
        return (_clamp(np.stack([pool(image) for image in inputs[0]]), self.limits),)

    def _mean(self, image: Array) -> Array:
        patches = self.window.patches(image, 0.0)
        inside = self.window.patches(np.ones((*self.window.input, 1), np.float32), 0.0)
        sums: Array = np.zeros((*self.window.output, self.channels), np.float32)
        for i in range(self.window.kernel[0]):
            for j in range(self.window.kernel[1]):
                sums = sums + patches[:, :, i, j]
        mean: Array = sums / inside.sum(axis=(2, 3), dtype=np.float32)
        return mean

    def _maximum(self, image: Array) -> Array:
        maximum: Array = self.window.patches(image, float(ANY[0])).max(axis=(2, 3))
        return maximum


_Combine = Callable[[Array, Array], Any]
COMBINATIONS: Final[dict[str, _Combine]] = {
    "ADD": np.add,
    "SUB": np.subtract,
    "MUL": np.multiply,
    "DIV": np.divide,
    "SQUARED_DIFFERENCE": lambda a, b: (a - b) * (a - b),
    "MAXIMUM": lambda a, b: np.where(a > b, a, b),
    "MINIMUM": lambda a, b: np.where(a < b, a, b),
    "PRELU": lambda a, b: np.where(a >= 0, a, a * b),
}


@dataclass(frozen=True)
class FloatBinary:
    """An operator on two tensors, element by element."""

    kind: str  # a key of COMBINATIONS
    shapes: Shapes
    output_shape: tuple[int, ...]
    limits: Range
    macs: int = 0

    def evaluate(self, *inputs: Array) -> tuple[Array, ...]:
        """One output, in ``output_shape``."""
        with np.errstate(all="ignore"):
            combined = COMBINATIONS[self.kind](*inputs)
        return (_clamp(combined, self.limits),)


def _leaky_relu(x: Float32, alpha: np.float32) -> Any:
    return np.where(x > 0, x, x * alpha)


def _elu(x: Float32, _alpha: np.float32) -> Any:
    return np.where(x < 0, float_functions.exp(x) - np.float32(1), x)


def _hard_swish(x: Float32, _alpha: np.float32) -> Any:
    gate = _clamp(x + np.float32(3), _RANGES[Activation.RELU6])
    return x * gate / np.float32(6)


FUNCTIONS: Final[dict[str, Callable[[Float32, np.float32], Any]]] = {
    "RELU": lambda x, _: _clamp(x, _RANGES[Activation.RELU]),
    "RELU6": lambda x, _: _clamp(x, _RANGES[Activation.RELU6]),
    "RELU_N1_TO_1": lambda x, _: _clamp(x, _RANGES[Activation.RELU_N1_TO_1]),
    "LEAKY_RELU": _leaky_relu,
    "ABS": lambda x, _: np.abs(x),
    "NEG": lambda x, _: -x,
    "ELU": _elu,
    "EXP": lambda x, _: float_functions.exp(x),
    "LOGISTIC": lambda x, _: float_functions.sigmoid(x),
    "TANH": lambda x, _: float_functions.tanh(x),
    "HARD_SWISH": _hard_swish,
}


@dataclass(frozen=True)
class FloatUnary:
    """A function of single elements."""

    kind: str  # a key of FUNCTIONS
    alpha: np.float32  # LEAKY_RELU's slope below 0
    output_shape: tuple[int, ...]
    macs: int = 0

    def evaluate(self, *inputs: Array) -> tuple[Array, ...]:
        """One output, in ``output_shape``."""
        with np.errstate(all="ignore"):
            found = FUNCTIONS[self.kind](inputs[0].astype(np.float32), self.alpha)
        return (np.asarray(found, np.float32),)


@dataclass(frozen=True)
class FloatSoftmax:
    """Over the last axis."""

    rows: int
    depth: int
    beta: np.float32
    output_shape: tuple[int, ...]
    macs: int = 0

    def evaluate(self, *inputs: Array) -> tuple[Array, ...]:
        """One output, in ``output_shape``."""
        rows = inputs[0].reshape(self.rows, self.depth)
        shifted = (rows - rows.max(axis=1, keepdims=True)) * self.beta
        exponentials = float_functions.exp(shifted)
        sums = _in_order(exponentials)
        return ((exponentials / sums[:, np.newaxis]).reshape(self.output_shape),)


@dataclass(frozen=True, kw_only=True)
class FloatMean(Sums):
    """MEAN or SUM over some axes."""

    mean: bool

    def evaluate(self, *inputs: Array) -> tuple[Array, ...]:
        """One output, in ``output_shape``."""
        kept = [axis for axis in range(len(self.input_shape)) if axis not in self.axes]
        rows = inputs[0].transpose(*kept, *self.axes).reshape(-1, self.count)
        sums = _in_order(rows)
        found = sums / np.float32(self.count) if self.mean else sums
        return (found.reshape(self.output_shape),)


def _in_order(rows: Array) -> Float32:
    """Sums of rows [n, m], from left to right, rounded at each step."""
    sums = np.zeros(len(rows), np.float32)
    for column in rows.T:
        sums = sums + column
    return sums


def _floats(op: Operator, *tensors: Tensor) -> None:
    for tensor in tensors:
        require_dtype(op, tensor, (DType.FLOAT32,))


def _bias(graph: Graph, op: Operator, channels: int) -> Float32:
    if graph.optional_input_of(op, 2) is None:
        return np.zeros(channels, np.float32)
    bias = graph.input_of(op, 2)
    _floats(op, bias)
    require_shape(op, bias, (channels,))
    elements: Float32 = graph.constant_of(op, 2)
    return elements


@float_operator("CONV_2D", "DEPTHWISE_CONV_2D")
def prepare_float_conv(graph: Graph, op: Operator) -> FloatConv:
    """Check a CONV_2D or DEPTHWISE_CONV_2D of float32."""
    source, filters, output = graph.input_of(op, 0), graph.input_of(op, 1), graph.output_of(op)
    _floats(op, source, filters)
    for tensor in (source, filters, output):
        require_rank(op, tensor, 4)
    weights: Array = graph.constant_of(op, 1)
    batches, rows, columns, channels = source.shape
    if op.name == "DEPTHWISE_CONV_2D":
        require(
            op, weights.shape[0] == 1, "its number of filters does not fit its number of channels"
        )
        weights = weights.transpose(3, 1, 2, 0)
    outputs, kernel_rows, kernel_columns, per_group = weights.shape
    groups = channels // per_group
    fits = groups * per_group == channels and groups > 0 and outputs % groups == 0
    require(op, fits, f"{channels} input channels do not fit filters of {per_group} channels")
    window = Window.of(op, (kernel_rows, kernel_columns), (rows, columns))
    require_shape(op, output, (batches, *window.output, outputs))
    return FloatConv(
        window=window,
        batches=batches,
        input_channels=channels,
        groups=groups,
        weights=np.ascontiguousarray(weights),
        bias=_bias(graph, op, outputs),
        limits=_range(op),
        output_shape=output.shape,
    )


@float_operator("FULLY_CONNECTED")
def prepare_float_fully_connected(graph: Graph, op: Operator) -> FloatConv:
    """Check a FULLY_CONNECTED of float32."""
    source, filters, output = graph.input_of(op, 0), graph.input_of(op, 1), graph.output_of(op)
    _floats(op, source, filters)
    require_rank(op, filters, 2)
    weights = graph.constant_of(op, 1)
    outputs, depth = weights.shape
    require(
        op, source.elements % depth == 0, f"its input does not consist of rows of {depth} elements"
    )
    batches = source.elements // depth
    require(op, output.elements == batches * outputs, "its output does not fit its weights")
    one = (1, 1)
    return FloatConv(
        window=Window(one, one, one, (0, 0), one, one),
        batches=batches,
        input_channels=depth,
        groups=1,
        weights=weights.reshape(outputs, 1, 1, depth),
        bias=_bias(graph, op, outputs),
        limits=_range(op),
        output_shape=output.shape,
    )


@float_operator("AVERAGE_POOL_2D", "MAX_POOL_2D")
def prepare_float_pool(graph: Graph, op: Operator) -> FloatPool:
    """Check a pooling operator of float32."""
    source, output = graph.input_of(op, 0), graph.output_of(op)
    require_rank(op, source, 4)
    require_same_dtype(op, source, output)
    batches, rows, columns, channels = source.shape
    kernel = (op.integer("filter_h"), op.integer("filter_w"))
    window = Window.of(op, kernel, (rows, columns))
    require_shape(op, output, (batches, *window.output, channels))
    return FloatPool(window, batches, channels, op.name == "AVERAGE_POOL_2D", _range(op))


@float_operator(*COMBINATIONS)
def prepare_float_binary(graph: Graph, op: Operator) -> FloatBinary:
    """Check an operator on two float32 tensors."""
    first, second, output = operands(graph, op)
    _floats(op, first, second)
    limits = _range(op) if "activation" in op.options else ANY
    return FloatBinary(op.name, (first.shape, second.shape), output.shape, limits)


@float_operator(*FUNCTIONS)
def prepare_float_unary(graph: Graph, op: Operator) -> FloatUnary:
    """Check a function of float32 elements."""
    source, output = graph.input_of(op, 0), graph.output_of(op)
    _floats(op, source)
    require_shape(op, output, source.shape)
    alpha = np.float32(op.number("alpha")) if op.name == "LEAKY_RELU" else np.float32(0)
    return FloatUnary(op.name, alpha, output.shape)


@float_operator("SOFTMAX")
def prepare_float_softmax(graph: Graph, op: Operator) -> FloatSoftmax:
    """Check a SOFTMAX of float32."""
    source, output = graph.input_of(op, 0), graph.output_of(op)
    _floats(op, source)
    require_shape(op, output, source.shape)
    rows, depth = rows_of(op, source)
    beta = np.float32(op.number("beta"))
    return FloatSoftmax(rows, depth, beta, output.shape)


@float_operator("MEAN", "SUM")
def prepare_float_mean(graph: Graph, op: Operator) -> FloatMean:
    """Check a MEAN or SUM of float32."""
    source, output = graph.input_of(op, 0), graph.output_of(op)
    _floats(op, source)
    axes = axes_of(graph, op, 1, len(source.shape))
    prepared = FloatMean(
        input_shape=source.shape, axes=axes, output_shape=output.shape, mean=op.name == "MEAN"
    )
    fits = output.elements * prepared.count == source.elements
    require(op, fits, "its output has the wrong size")
    return prepared
