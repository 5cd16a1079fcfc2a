"""What elements every channel can take, whatever the inputs: one interval a channel.

A channel whose interval is one point is a constant. Trained networks have many: a ReLU that never
opens, a filter that training has given up. Source: interval arithmetic; every operator here is
monotone in each input, so that ends map to ends.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from tinyml.graph.fixed_point import INT32_MAX, INT32_MIN, Int64
from tinyml.graph.ir import DType, Graph, Operator
from tinyml.graph.ops import Prepared
from tinyml.graph.ops.base import Requantization
from tinyml.graph.ops.binary import OnCommonScale
from tinyml.graph.ops.conv import Conv2D, DepthwiseConv2D
from tinyml.graph.ops.fully_connected import FullyConnected
from tinyml.graph.ops.lookup import Lookup
from tinyml.graph.ops.pool import Pool2D
from tinyml.graph.ops.reduce import MeanOrSum
from tinyml.graph.ops.shape import Reshape

_WHOLE: Final = (-128, 127)


@dataclass(frozen=True)
class Interval:
    """Lowest and highest element of each channel, [channels]: the tensor's last axis."""

    low: Int64
    high: Int64

    @property
    def constant(self) -> npt.NDArray[np.bool_]:
        """Which channels are one element only."""
        same: npt.NDArray[np.bool_] = self.low == self.high
        return same

    def with_element(self, element: int) -> Interval:
        """Also of what may stand beside the image: padding."""
        return Interval(np.minimum(self.low, element), np.maximum(self.high, element))


def anything(channels: int) -> Interval:
    """All that int8 holds."""
    return Interval(np.full(channels, _WHOLE[0], np.int64), np.full(channels, _WHOLE[1], np.int64))


def intervals(graph: Graph, prepared: dict[int, Prepared]) -> dict[int, Interval]:
    """Of every int8 tensor, inputs included, that has an axis of channels.

    Args:
        graph: the model.
        prepared: its operators' checked parameters, by their place in ``graph.operators``.
    """
    found = {
        index: anything(graph.tensor(index).shape[-1])
        for index in graph.inputs
        if graph.tensor(index).dtype is DType.INT8 and graph.tensor(index).shape
    }

    def of(tensor: int) -> Interval:
        shape = graph.tensor(tensor).shape
        return found.get(tensor) or anything(shape[-1] if shape else 1)

    for place, op in enumerate(graph.operators):
        for index in op.outputs:
            tensor = graph.tensor(index)
            if tensor.dtype is DType.INT8 and tensor.shape:
                found[index] = _interval(graph, op, prepared[place], of)
    return found


def _interval(
    graph: Graph, op: Operator, prepared: Prepared, of: Callable[[int], Interval]
) -> Interval:
    """Of an operator's output, from those ``of`` its inputs."""
    channels = graph.output_of(op).shape[-1]
    rule = _RULES.get(type(prepared))
    if rule is None or graph.input_of(op, 0).dtype is not DType.INT8:
        return anything(channels)
    sources = [of(op.inputs[0])]
    if isinstance(prepared, OnCommonScale):
        sources.append(of(op.inputs[1]))
    found = rule(prepared, *sources)
    return found if len(found.low) == channels else anything(channels)


def _convolved(op: Conv2D, source: Interval) -> Interval:
    if op.groups > 1:
        return anything(op.output_channels)
    return _products(op, _padded(op, source))


def _padded(conv: Conv2D | DepthwiseConv2D, source: Interval) -> Interval:
    if conv.dtype is DType.INT8 and conv.window.bordered:
        return source.with_element(conv.input_zero_point)
    return source


def _products(op: Conv2D | FullyConnected, source: Interval) -> Interval:
    """Of sums over taps and input channels."""
    weights = op.weights
    if weights.shape[-1] != len(source.low):
        source = anything(weights.shape[-1])
    low, high = source.low - op.input_zero_point, source.high - op.input_zero_point
    positive = np.maximum(weights, 0).astype(np.int64).reshape(len(weights), -1, len(low))
    negative = np.minimum(weights, 0).astype(np.int64).reshape(len(weights), -1, len(low))
    lowest = op.bias + (positive * low + negative * high).sum(axis=(1, 2))
    highest = op.bias + (positive * high + negative * low).sum(axis=(1, 2))
    return _requantized(op.requantization, lowest, highest)


def _depthwise(op: DepthwiseConv2D, source: Interval) -> Interval:
    if op.multiplier > 1:
        return anything(op.output_channels)
    source = _padded(op, source)
    low, high = source.low - op.input_zero_point, source.high - op.input_zero_point
    positive = np.maximum(op.weights, 0).astype(np.int64)
    negative = np.minimum(op.weights, 0).astype(np.int64)
    lowest = op.bias + (positive * low + negative * high).sum(axis=(0, 1))
    highest = op.bias + (positive * high + negative * low).sum(axis=(0, 1))
    return _requantized(op.requantization, lowest, highest)


def _requantized(requantization: Requantization, lowest: Int64, highest: Int64) -> Interval:
    """Sums that could leave 32 bits wrap: nothing is known of them."""
    wraps = (lowest < INT32_MIN) | (highest > INT32_MAX)
    left = np.maximum(np.broadcast_to(requantization.shifts, lowest.shape), 0)
    wraps |= (lowest << left < INT32_MIN) | (highest << left > INT32_MAX)
    low, high = requantization.apply(lowest), requantization.apply(highest)
    return Interval(
        np.where(wraps, requantization.lowest, low), np.where(wraps, requantization.highest, high)
    )


def _looked_up(op: Lookup, source: Interval) -> Interval:
    pairs = zip(source.low + 128, source.high + 128, strict=True)
    reached = [op.table[low : high + 1] for low, high in pairs]
    return Interval(
        np.array([part.min() for part in reached], np.int64),
        np.array([part.max() for part in reached], np.int64),
    )


def _pooled(op: Pool2D, source: Interval) -> Interval:
    return Interval(
        np.clip(source.low, op.lowest, op.highest), np.clip(source.high, op.lowest, op.highest)
    )


def pixels_a_row(op: Reshape, channels: int) -> int:
    """How many pixels of an input with so many channels lie beside each other in the output's last
    axis; 0 where pixels are broken up.
    """
    last = op.output_shape[-1] if op.output_shape else 1
    return last // channels if last % channels == 0 else 0


def _reshaped(op: Reshape, source: Interval) -> Interval:
    pixels = max(pixels_a_row(op, len(source.low)), 1)
    return Interval(np.tile(source.low, pixels), np.tile(source.high, pixels))


def _averaged(op: MeanOrSum, source: Interval) -> Interval:
    """As many equal elements as the mean, or sum, is over."""
    channels = len(source.low)
    if len(op.input_shape) - 1 in op.axes:
        return anything(channels)
    farthest = op.count * max(127 - op.input_zero_point, 128 + op.input_zero_point)
    if farthest << max(op.shift, 0) > INT32_MAX:
        return anything(channels)
    low, high = (
        op.evaluate(np.broadcast_to(end, op.input_shape))[0].reshape(-1, channels)[0]
        for end in (source.low, source.high)
    )
    return Interval(low.astype(np.int64), high.astype(np.int64))


def _combined(op: OnCommonScale, first: Interval, second: Interval) -> Interval:
    if op.kind not in ("add", "sub") or any(shape != op.output_shape for shape in op.shapes):
        return anything(len(first.low))
    lower, upper = (second.low, second.high)[:: 1 if op.kind == "add" else -1]
    pixel = replace(op, output_shape=first.low.shape, dtype=DType.INT8)
    low, high = pixel.evaluate(first.low, lower)[0], pixel.evaluate(first.high, upper)[0]
    return Interval(low.astype(np.int64), high.astype(np.int64))


_RULES: Final[dict[type, Callable[..., Interval]]] = {
    OnCommonScale: _combined,
    MeanOrSum: _averaged,
    Conv2D: _convolved,
    DepthwiseConv2D: _depthwise,
    FullyConnected: _products,
    Pool2D: _pooled,
    Lookup: _looked_up,
    Reshape: _reshaped,
}
