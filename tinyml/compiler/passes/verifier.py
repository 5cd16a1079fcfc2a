"""The verifier: whether what a pass has made is still a graph, and still the same model.

What the reader demands of a file (tinyml/graph/reader.py) and an operator of its tensors
(tinyml/graph/ops) is demanded again after every pass. That outputs stay the same is shown by tests.
"""

from __future__ import annotations

from tinyml.compiler.passes.rewriting import same_quantization
from tinyml.errors import UnsupportedModelError
from tinyml.graph.ir import Graph, Tensor
from tinyml.graph.ops import prepare


class BrokenGraphError(Exception):
    """A pass has made a graph that is none: a bug in the compiler, not in the model."""


def verify_graph(graph: Graph, given: Graph) -> None:
    """Raise BrokenGraphError where ``graph``, which passes made of ``given``, is damaged."""
    _require((graph.inputs, graph.outputs) == (given.inputs, given.outputs), "inputs or outputs")
    _require(len(graph.tensors) >= len(given.tensors), "tensors are gone")
    for place, tensor in enumerate(graph.tensors):
        _require(tensor.index == place, f"tensor {tensor.index} stands at {place}")
        _verify_tensor(tensor)
    for before, now in zip(given.tensors, graph.tensors, strict=False):
        _verify_same(before, now, whole=before.index in (*graph.inputs, *graph.outputs))
    _verify_order(graph)
    for op in graph.operators:
        try:
            prepare(graph, op)
        except UnsupportedModelError as error:
            raise BrokenGraphError(str(error)) from error


def _require(condition: bool, sentence: str) -> None:
    if not condition:
        raise BrokenGraphError(sentence)


def _verify_tensor(tensor: Tensor) -> None:
    """Constants fill their shapes, and scales of channels their axis."""
    if tensor.data is not None:
        fits = (tensor.data.shape, tensor.data.dtype) == (tensor.shape, tensor.dtype.numpy)
        _require(fits, f"the elements of '{tensor.name}' do not fit it")
    scaled = tensor.quantization
    if scaled is not None:
        together = len(scaled.scales) == len(scaled.zero_points)
        _require(together, f"'{tensor.name}' has scales without zero points")
        fits = not scaled.per_channel or tensor.shape[scaled.axis] == len(scaled.scales)
        _require(fits, f"'{tensor.name}' has {len(scaled.scales)} scales")


def _verify_same(before: Tensor, now: Tensor, *, whole: bool) -> None:
    """A tensor is what it was, but for channels that have gone; an input or output has all."""
    same = (before.name, before.dtype, before.is_variable) == (now.name, now.dtype, now.is_variable)
    same = same and same_quantization(before, now)
    smaller = before.shape[:-1] == now.shape[:-1] and before.shape[-1:] >= now.shape[-1:]
    same = same and (before.shape == now.shape if whole else smaller)
    _require(same, f"tensor '{before.name}' has become another one")


def _verify_order(graph: Graph) -> None:
    """Every tensor is written once, before it is read; constants and inputs are not written."""
    written = {t.index for t in graph.tensors if t.data is not None or t.is_variable}
    written.update(graph.inputs)
    for op in graph.operators:
        for index in op.inputs:
            _require(index in written or index == -1, f"{op.where} reads tensor {index} too early")
        for index in op.updates:
            _require(graph.tensor(index).is_variable, f"{op.where} updates tensor {index}")
        for index in op.outputs:
            _require(index not in written, f"{op.where} writes tensor {index} again")
            written.add(index)
    _require(written.issuperset(graph.outputs), "an output is never computed")
