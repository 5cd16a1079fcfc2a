"""Channels that are constant whatever the input are folded into their readers and removed.

So are channels that all readers multiply by 0.

Forwards, intervals (intervals.py) tell constants; backwards, a channel that nobody reads is not
needed either, constant or not: what a depthwise convolution makes of it may be a constant. A reader
whose window reaches beyond the image sees the zero point there, not the constant, so that it can
only do without channels that are the zero point throughout.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from tinyml.compiler.passes.intervals import Interval, intervals, pixels_a_row
from tinyml.compiler.passes.rewriting import Rewritten, appended_constant, counted
from tinyml.graph.fixed_point import INT32_MAX, INT32_MIN, Int64
from tinyml.graph.ir import Array, DType, Graph, Operator, Quantization, Tensor
from tinyml.graph.ops import Prepared, prepare
from tinyml.graph.ops.binary import OnCommonScale
from tinyml.graph.ops.conv import Conv2D, DepthwiseConv2D
from tinyml.graph.ops.fully_connected import FullyConnected
from tinyml.graph.ops.lookup import Lookup
from tinyml.graph.ops.pool import Pool2D
from tinyml.graph.ops.reduce import MeanOrSum
from tinyml.graph.ops.shape import Reshape

Mask = npt.NDArray[np.bool_]
_MATRIX = (Conv2D, FullyConnected)


def remove_constant_channels(graph: Graph, together: int = 1) -> Rewritten:
    """The graph without them; itself where there are none.

    Of every tensor a multiple of ``together`` stays, as far as it has so many, for kernels that are
    lost to others.
    """
    prepared = {place: prepare(graph, op) for place, op in enumerate(graph.operators)}
    known = intervals(graph, prepared)
    kept = _Liveness(graph, prepared, known).kept(together)
    if not kept:
        return Rewritten(graph)
    try:
        return _Rewriter(graph, prepared, known, kept).rewritten()
    except _TooLargeError:
        return Rewritten(graph)


class _TooLargeError(Exception):
    """A bias would leave 32 bits: a network of wrapping sums, which stays as it is."""


def _channel_inputs(prepared: Prepared, op: Operator) -> tuple[int, ...]:
    """Inputs of which each channel goes into the same one of the output, and into no other."""
    one_by_one = isinstance(prepared, (Pool2D, Lookup, Reshape))
    if isinstance(prepared, DepthwiseConv2D):
        one_by_one = prepared.multiplier == 1
    elif isinstance(prepared, MeanOrSum):
        one_by_one = len(prepared.input_shape) - 1 not in prepared.axes
    elif isinstance(prepared, OnCommonScale):
        same = all(shape == prepared.output_shape for shape in prepared.shapes)
        return op.inputs if same else ()
    return op.inputs[:1] if one_by_one else ()


class _Liveness:
    """Which channels somebody needs, backwards from the outputs."""

    def __init__(
        self, graph: Graph, prepared: dict[int, Prepared], known: dict[int, Interval]
    ) -> None:
        self.graph = graph
        self.prepared = prepared
        self.known = known
        self.needed: dict[int, Mask] = {}

    def kept(self, together: int) -> dict[int, npt.NDArray[np.int64]]:
        for index in (*self.graph.inputs, *self.graph.outputs):
            self._need_all(index)
        # Again until nothing new is needed: what passes channels on needs those of its output that
        # other readers of its input, or the operator that made it, need.
        while self._read_all() or self._round_up(together):
            pass
        return {
            index: np.flatnonzero(mask)
            for index, mask in self.needed.items()
            if index in self.known and not mask.all()
        }

    def _round_up(self, together: int) -> bool:
        """Need some more channels, so that there are multiples; whether more is needed now."""
        missing = {
            index: np.flatnonzero(~mask)[: -int(mask.sum()) % together]
            for index, mask in self.needed.items()
            if index in self.known
        }
        for index, channels in missing.items():
            self.needed[index] = self.needed[index].copy()
            self.needed[index][channels] = True
        return any(len(channels) > 0 for channels in missing.values())

    def _read_all(self) -> bool:
        """Backwards through the operators; whether more is needed than before."""
        before = dict(self.needed)
        for place in reversed(range(len(self.graph.operators))):
            self._read(self.graph.operators[place], self.prepared[place])
        return any(
            index not in before or not np.array_equal(mask, before[index])
            for index, mask in self.needed.items()
        )

    def _need(self, index: int, mask: Mask) -> None:
        self.needed[index] = self._needed(index) | mask

    def _needed(self, index: int) -> Mask:
        shape = self.graph.tensor(index).shape
        return self.needed.get(index, np.zeros(shape[-1] if shape else 1, np.bool_))

    def _need_all(self, index: int) -> None:
        self._need(index, np.ones_like(self._needed(index)))

    def _read(self, op: Operator, prepared: Prepared) -> None:
        source = op.inputs[0]
        output = op.outputs[0] if op.outputs else -1
        # A depthwise convolution of one channel is prepared as a plain one, but stored otherwise.
        stored_so = op.name != "DEPTHWISE_CONV_2D"
        if isinstance(prepared, _MATRIX) and stored_so and self._is_plain(prepared, source, output):
            self._need(source, self._products_need(prepared, source, output))
        elif not self._pass_together(_channel_inputs(prepared, op), output, prepared):
            for index in (*op.inputs, *op.outputs):
                if index >= 0:
                    self._need_all(index)

    def _pass_together(self, sources: tuple[int, ...], output: int, prepared: Prepared) -> bool:
        """Whether channels of these inputs go with those of the output; they are needed together.

        A reshape may lay several pixels beside each other.
        """
        if not sources or not self.known.keys() >= {*sources, output}:
            return False
        channels = len(self.known[sources[0]].low)
        pixels = pixels_a_row(prepared, channels) if isinstance(prepared, Reshape) else 1
        if pixels * channels != len(self.known[output].low):
            return False
        by_pixel = self._left(output).reshape(pixels, channels)
        together: Mask = np.any([*by_pixel, *map(self._needed, sources)], axis=0)
        for source in sources:
            self._need(source, together)
        self._need(output, np.tile(together, pixels))
        return True

    def _is_plain(self, prepared: Conv2D | FullyConnected, source: int, output: int) -> bool:
        if prepared.dtype is not DType.INT8 or not {source, output} <= self.known.keys():
            return False
        one_group = not isinstance(prepared, Conv2D) or prepared.groups == 1
        channels = [len(interval.low) for interval in (self.known[source], self.known[output])]
        shape = prepared.weights.shape
        return one_group and channels == [shape[-1], shape[0]]

    def _left(self, output: int) -> Mask:
        """Channels of an output that are needed; at least one, so that a tensor remains."""
        if not self._needed(output).any():
            first = np.zeros_like(self._needed(output))
            first[0] = True
            self._need(output, first)
        return self._needed(output)

    def _products_need(self, prepared: Conv2D | FullyConnected, source: int, output: int) -> Mask:
        weights = prepared.weights[self._left(output)]
        used: Mask = np.any(weights != 0, axis=tuple(range(weights.ndim - 1)))
        interval = self.known[source]
        foldable = interval.constant
        if isinstance(prepared, Conv2D) and prepared.window.bordered:
            foldable = foldable & (interval.low == prepared.input_zero_point)
        return used & ~foldable


class _Rewriter:
    """Builds the smaller graph."""

    def __init__(
        self,
        graph: Graph,
        prepared: dict[int, Prepared],
        known: dict[int, Interval],
        kept: dict[int, npt.NDArray[np.int64]],
    ) -> None:
        self.graph = graph
        self.prepared = prepared
        self.known = known
        self.kept = kept
        self.tensors = [self._smaller(tensor) for tensor in graph.tensors]

    def rewritten(self) -> Rewritten:
        operators = tuple(
            self._operator(op, self.prepared[place])
            for place, op in enumerate(self.graph.operators)
        )
        graph = replace(self.graph, tensors=tuple(self.tensors), operators=operators)
        gone = sum(
            self.graph.tensor(index).shape[-1] - len(left) for index, left in self.kept.items()
        )
        did = f"{counted(gone, 'channel')} of {counted(len(self.kept), 'tensor')} removed"
        return Rewritten(graph, did, self.kept)

    def _smaller(self, tensor: Tensor) -> Tensor:
        if tensor.index not in self.kept:
            return tensor
        return replace(tensor, shape=(*tensor.shape[:-1], len(self.kept[tensor.index])))

    def _channels(self, tensor: int) -> npt.NDArray[np.int64]:
        all_of_them = np.arange(self.graph.tensor(tensor).shape[-1])
        return self.kept.get(tensor, all_of_them)

    def _operator(self, op: Operator, prepared: Prepared) -> Operator:
        if not {op.inputs[0], *op.outputs} & set(self.kept):
            return op
        rows, columns = self._channels(op.outputs[0]), self._channels(op.inputs[0])
        if isinstance(prepared, _MATRIX):
            weights = prepared.weights[rows][..., columns]
            bias = (prepared.bias + self._folded(op, prepared))[rows]
            return self._with_constants(op, weights, bias, rows, axis=0)
        if isinstance(prepared, DepthwiseConv2D):
            weights = prepared.weights[np.newaxis][..., rows]
            return self._with_constants(op, weights, prepared.bias[rows], rows, axis=3)
        return op

    def _folded(self, op: Operator, prepared: Conv2D | FullyConnected) -> Int64:
        """What the channels that are gone add to every sum."""
        gone = np.ones(prepared.weights.shape[-1], np.bool_)
        gone[self._channels(op.inputs[0])] = False
        interval = self.known[op.inputs[0]]
        # One that is no constant is gone because all its weights are 0.
        distances = np.where(gone, interval.low - prepared.input_zero_point, 0)
        products = prepared.weights.astype(np.int64) * distances
        folded: Int64 = products.reshape(len(prepared.weights), -1).sum(axis=1)
        return folded

    def _with_constants(
        self, op: Operator, weights: Array, bias: Int64, rows: npt.NDArray[np.int64], axis: int
    ) -> Operator:
        filters = self.graph.tensor(op.inputs[1])
        quantization = filters.quantized_by_channel
        if quantization.per_channel:
            quantization = Quantization(
                quantization.scales[rows], quantization.zero_points[rows], axis
            )
        if bias.min(initial=0) < INT32_MIN or bias.max(initial=0) > INT32_MAX:
            raise _TooLargeError
        scaled = replace(filters, quantization=quantization)
        new_weights = appended_constant(self.tensors, scaled, weights)
        like = Tensor(0, f"{filters.name}_bias", (), DType.INT32, None, None)
        new_bias = appended_constant(self.tensors, like, bias.astype(np.int32))
        return replace(op, inputs=(op.inputs[0], new_weights, new_bias))
