"""Graphs of every operator that say something wrong: what is damaged is what a field means.

Bytes changed at random seldom get past the file's structure; these files are whole, but a shape,
a type, a scale, an option or an operand is another one.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from tests.kernels.batch import Case, random_elements
from tests.kernels.cases import MAKERS, make
from tests.support.graphs import quantization
from tinyml.compiler import compile_model
from tinyml.errors import TinymlError
from tinyml.graph import parse
from tinyml.graph.ir import DType, Graph, Operator, Tensor
from tinyml.graph.ops import PREPARE, facts_of
from tinyml.graph.writer import write

Rng = np.random.Generator
INTEGERS = (-(2**31), -129, -2, -1, 0, 1, 2, 3, 4, 7, 127, 256, 65536, 2**31 - 1)
NUMBERS = (float("nan"), float("inf"), float("-inf"), 0.0, -1.0, 1e-30, 1e30, 0.5)
SIZES = (1, 1, 2, 3, 5, 8, 17, 300)
NAMES = sorted(PREPARE)
SMALL_ENOUGH_TO_RUN = 5000  # elements of all tensors


def damaged_graph(rng: Rng) -> Graph:
    """A random graph of the kernel tests with one to three things changed."""
    graph = make(_any(rng, list(MAKERS)), rng).graph
    for _ in range(int(rng.integers(1, 4))):
        graph = _any(rng, _CHANGES)(rng, graph)
    return graph


def accepted_cases(rng: Rng, count: int) -> list[Case]:
    """Damaged graphs that are read without an error, and so must run."""
    cases: list[Case] = []
    while len(cases) < count:
        try:
            graph = parse(write(damaged_graph(rng)))
            compile_model(graph, core="portable", name="mutant")
        except TinymlError:
            continue
        if sum(tensor.elements for tensor in graph.tensors) < SMALL_ENOUGH_TO_RUN:
            cases.append(Case(graph, random_elements(rng, graph)))
    return cases


def _any(rng: Rng, choices: Any) -> Any:
    return choices[int(rng.integers(len(choices)))]


def _with_tensor(graph: Graph, tensor: Tensor) -> Graph:
    tensors = tuple(tensor if t.index == tensor.index else t for t in graph.tensors)
    return replace(graph, tensors=tensors)


def _with_operator(graph: Graph, op: Operator) -> Graph:
    operators = tuple(op if o.index == op.index else o for o in graph.operators)
    return replace(graph, operators=operators)


def _refilled(rng: Rng, tensor: Tensor) -> Tensor:
    """The same with elements that have its shape and type, if it is a constant."""
    if tensor.data is None:
        return tensor
    if rng.random() < 0.5 and tensor.data.size > 0:
        data = np.resize(tensor.data, tensor.shape)
    else:
        data = rng.choice(INTEGERS, tensor.shape)
    with np.errstate(invalid="ignore"):
        return replace(tensor, data=np.asarray(data).astype(tensor.dtype.numpy))


def _shape(rng: Rng, graph: Graph) -> Graph:
    tensor = _any(rng, graph.tensors)
    shape = list(tensor.shape)
    kind = int(rng.integers(5))
    if kind == 0:
        shape = []
    elif kind == 1 and shape:
        del shape[int(rng.integers(len(shape)))]
    elif kind == 2 and len(shape) < 6:
        shape.insert(int(rng.integers(len(shape) + 1)), _any(rng, SIZES))
    elif kind == 3 and shape:
        shape = list(rng.permutation(shape))
    elif shape:
        shape[int(rng.integers(len(shape)))] = _any(rng, SIZES)
    if np.prod(shape, dtype=np.float64) > 1e6:
        return graph
    changed = replace(tensor, shape=tuple(int(size) for size in shape))
    graph = _with_tensor(graph, _refilled(rng, changed))
    return _like_it(rng, graph, tensor.index)


def _like_it(rng: Rng, graph: Graph, index: int) -> Graph:
    """Other tensors follow at times, so that the damage gets past the comparison of shapes."""
    model = graph.tensor(index)
    for tensor in graph.tensors:
        if rng.random() < 0.4 and tensor.data is None:
            changed = replace(tensor, shape=model.shape, dtype=model.dtype)
            graph = _with_tensor(graph, changed)
    return graph


def _dtype(rng: Rng, graph: Graph) -> Graph:
    tensor = replace(_any(rng, graph.tensors), dtype=_any(rng, list(DType)))
    return _like_it(rng, _with_tensor(graph, _refilled(rng, tensor)), tensor.index)


def _elements(rng: Rng, graph: Graph) -> Graph:
    constants = [tensor for tensor in graph.tensors if tensor.data is not None]
    return _with_tensor(graph, _refilled(rng, _any(rng, constants))) if constants else graph


def _constant(rng: Rng, graph: Graph) -> Graph:
    """A constant that is computed, or the other way round."""
    tensor = _any(rng, graph.tensors)
    data = np.zeros(tensor.shape, tensor.dtype.numpy) if tensor.data is None else None
    inputs = tuple(index for index in graph.inputs if index != tensor.index or data is None)
    if data is None and rng.random() < 0.8:
        inputs = (*inputs, tensor.index)
    return replace(_with_tensor(graph, replace(tensor, data=data)), inputs=inputs)


def _scales(rng: Rng, graph: Graph) -> Graph:
    tensor = _any(rng, graph.tensors)
    kind = int(rng.integers(4))
    if kind == 0:
        return _with_tensor(graph, replace(tensor, quantization=None))
    axis = int(rng.integers(len(tensor.shape))) if tensor.shape else 0
    channels = tensor.shape[axis] if kind == 1 and tensor.shape else 1
    scales = 2.0 ** rng.uniform(-60, 60, channels) * rng.integers(0, 2 + kind, channels)
    found = quantization(scales, _any(rng, (*INTEGERS[1:], 0, 0)), axis)
    return _with_tensor(graph, replace(tensor, quantization=found))


def _option(rng: Rng, graph: Graph) -> Graph:
    op = _any(rng, graph.operators)
    fields = [field for field in facts_of(op.name).options if field is not None]
    if not fields:
        return graph
    name, form, _ = _any(rng, fields)
    values = {
        "b": lambda: int(rng.integers(-2, 8)),
        "i": lambda: _any(rng, INTEGERS),
        "f": lambda: _any(rng, NUMBERS),
        "?": lambda: bool(rng.integers(2)),
        "s": lambda: _any(rng, ("", "variable_0", "other")),
        "[i": lambda: tuple(_any(rng, INTEGERS) for _ in range(int(rng.integers(5)))),
    }
    return _with_operator(graph, replace(op, options={**op.options, name: values[form]()}))


def _operands(rng: Rng, graph: Graph) -> Graph:
    op = _any(rng, graph.operators)
    inputs, outputs = list(op.inputs), list(op.outputs)
    kind = int(rng.integers(5))
    if kind == 0 and inputs:
        inputs[int(rng.integers(len(inputs)))] = _any(rng, (-1, *range(len(graph.tensors))))
    elif kind == 1 and inputs:
        del inputs[int(rng.integers(len(inputs)))]
    elif kind == 2:
        inputs.insert(int(rng.integers(len(inputs) + 1)), _any(rng, range(len(graph.tensors))))
    elif kind == 3 and outputs:
        del outputs[int(rng.integers(len(outputs)))]
    else:
        outputs.append(_any(rng, range(len(graph.tensors))))
    return _with_operator(graph, replace(op, inputs=tuple(inputs), outputs=tuple(outputs)))


def _name(rng: Rng, graph: Graph) -> Graph:
    return _with_operator(graph, replace(_any(rng, graph.operators), name=_any(rng, NAMES)))


_CHANGES: list[Callable[[Rng, Graph], Graph]] = [
    _shape, _shape, _dtype, _elements, _constant, _scales, _option, _operands, _name,
]  # fmt: skip
