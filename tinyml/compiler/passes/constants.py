"""Operators on constants are computed by the compiler, with the oracle's arithmetic."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tinyml.compiler.passes.rewriting import Rewritten, counted
from tinyml.graph.ir import Array, Graph, Operator, Tensor
from tinyml.graph.ops import prepare
from tinyml.graph.ops.shape import Known, Reshape


def fold_constants(graph: Graph) -> Rewritten:
    """The graph with constants in place of operators all of whose inputs are constant."""
    left = []
    for op in graph.operators:
        found = _evaluated(graph, op)
        if found is None:
            left.append(op)
            continue
        tensors: list[Tensor] = list(graph.tensors)
        for index, elements in zip(op.outputs, found, strict=True):
            tensors[index] = replace(tensors[index], data=elements)
        graph = replace(graph, tensors=tuple(tensors))
    gone = len(graph.operators) - len(left)
    did = f"{counted(gone, 'operator')} on constants computed" if gone else ""
    return Rewritten(replace(graph, operators=tuple(left)), did)


def _evaluated(graph: Graph, op: Operator) -> tuple[Array, ...] | None:
    """The outputs, where they depend on constants only."""
    prepared = prepare(graph, op)
    given = [index for index in op.inputs if index >= 0]
    if isinstance(prepared, Reshape):
        given = given[:1]  # the output's shape is known, whether or not it is computed, too
    elements = [data for index in given if (data := graph.tensor(index).data) is not None]
    if isinstance(prepared, Known):
        return (prepared.elements,)
    if op.updates or len(elements) < len(given):
        return None
    with np.errstate(all="ignore"):  # float32 models may overflow, there and here
        return prepared.evaluate(*elements)
