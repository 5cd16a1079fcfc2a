"""Channels that are constant, but have to stay, lose their weights and get a small bias.

A channel dies in training when its bias falls far below all that its weights can add up to. Where
constant_channels.py cannot remove it (a window crosses the border, a branch needs it, it is an
output), such a bias remains, and because of it the kernels that prove small sums are out for the
whole layer. With weights of 0, the bias nearest to 0 that makes the constant is as good.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from tinyml.compiler.passes.intervals import intervals
from tinyml.compiler.passes.rewriting import (
    Rewritten,
    appended_constant,
    counted,
    with_operators,
)
from tinyml.graph.fixed_point import INT32_MAX, Int64
from tinyml.graph.ir import DType, Graph, Operator, Tensor
from tinyml.graph.ops import prepare
from tinyml.graph.ops.base import Requantization
from tinyml.graph.ops.conv import Conv2D, DepthwiseConv2D
from tinyml.graph.ops.fully_connected import FullyConnected

_Layer = Conv2D | DepthwiseConv2D | FullyConnected


def zero_dead_weights(graph: Graph) -> Rewritten:
    """The graph with convolutions and dense layers in which constant channels have no weights."""
    prepared = {place: prepare(graph, op) for place, op in enumerate(graph.operators)}
    known = intervals(graph, prepared)
    changed: dict[int, Operator | None] = {}
    found = graph
    channels = 0
    for place, op in enumerate(graph.operators):
        layer = prepared[place]
        interval = known.get(op.outputs[0]) if op.outputs else None
        if not isinstance(layer, _Layer) or interval is None or not interval.constant.any():
            continue
        dead = interval.constant
        smallest = _smallest_bias(layer.requantization, interval.low)
        bias, weights = np.where(dead, smallest, layer.bias), _without(graph, op, dead)
        if np.any(bias != layer.bias) or np.any(weights != graph.constant_of(op, 1)):
            channels += int(dead.sum())
            found, changed[op.index] = _with(found, op, weights, bias)
    did = f"{counted(channels, 'constant channel')} without weights" if channels else ""
    return Rewritten(with_operators(found, changed) if changed else graph, did)


def _with(
    graph: Graph, op: Operator, weights: npt.NDArray[np.int8], bias: Int64
) -> tuple[Graph, Operator]:
    """The operator with other constants, which are in the graph that comes with it."""
    tensors = list(graph.tensors)
    filters = graph.input_of(op, 1)
    like = Tensor(0, f"{filters.name}_bias", (), DType.INT32, None, None)
    inputs = (
        op.inputs[0],
        appended_constant(tensors, filters, weights),
        appended_constant(tensors, like, bias.astype(np.int32)),
    )
    return replace(graph, tensors=tuple(tensors)), replace(op, inputs=inputs)


def _without(graph: Graph, op: Operator, dead: npt.NDArray[np.bool_]) -> npt.NDArray[np.int8]:
    """The weights as they are stored, 0 for these channels."""
    weights: npt.NDArray[np.int8] = graph.constant_of(op, 1).copy()
    channel_axis = 3 if op.name == "DEPTHWISE_CONV_2D" else 0
    np.moveaxis(weights, channel_axis, 0)[dead] = 0
    return weights


def _smallest_bias(requantization: Requantization, wanted: Int64) -> Int64:
    """[channels]: of the accumulators that become ``wanted``, which there are, that next to 0."""
    shifts = np.broadcast_to(requantization.shifts, wanted.shape)
    farthest: Int64 = INT32_MAX >> np.maximum(shifts, 0)  # beyond, accumulators wrap
    least = _first(lambda sums: requantization.apply(sums) >= wanted, farthest)
    beyond = _first(lambda sums: requantization.apply(sums) > wanted, farthest)
    nearest: Int64 = np.clip(0, least, beyond - 1)
    return nearest


def _first(reached: Callable[[Int64], npt.NDArray[np.bool_]], farthest: Int64) -> Int64:
    """[channels]: the first number for which it holds, as for all after it, by bisection.

    One more than ``farthest`` where there is none.
    """
    low, high = -farthest, farthest + 1
    while np.any(low < high):
        middle = (low + high) >> 1
        enough = reached(middle)
        high, low = np.where(enough, middle, high), np.where(enough, low, middle + 1)
    return low
