"""A ReLU, a MINIMUM or a MAXIMUM after an operator that clamps anyway becomes part of its clamp.

Converters fuse most activations; what they leave (after an addition, with bounds of one's own, from
other exporters) walks over the whole tensor once more. What an operator is made of does not matter
here: where scales are equal and its table is a clamp of the element itself, it is one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tinyml.compiler.passes.rewriting import (
    Rewritten,
    counted,
    readers_of,
    same_quantization,
    with_operators,
    writers_of,
)
from tinyml.graph.ir import RANGES, Graph, Operator
from tinyml.graph.ops import facts_of, prepare
from tinyml.graph.ops.base import CLAMP, clamp_of
from tinyml.graph.ops.binary import Extremum
from tinyml.graph.ops.lookup import Lookup, every_int8


@dataclass(frozen=True)
class _Clamp:
    """What an operator does to each element of one input."""

    source: int
    lowest: int
    highest: int


def fuse_clamps(graph: Graph) -> Rewritten:
    """The graph with clamps in the operators before them, where nobody else reads those."""
    fused = 0
    for op in graph.operators:
        found = _fused(graph, op)
        if found is not None:
            graph = with_operators(graph, {found.index: found, op.index: None})
            fused += 1
    did = f"{counted(fused, 'clamp')} moved into the operators before them" if fused else ""
    return Rewritten(graph, did)


def _fused(graph: Graph, op: Operator) -> Operator | None:
    """The operator before this one, which does the work of both."""
    clamp = _clamp(graph, op)
    if clamp is None:
        return None
    before = writers_of(graph).get(clamp.source)
    alone = clamp.source not in graph.outputs and len(readers_of(graph)[clamp.source]) == 1
    if before is None or not facts_of(before.name).clamps or not alone:
        return None
    ends = np.clip(clamp_of(before, graph.output_of(before)), clamp.lowest, clamp.highest)
    options = {**before.options, CLAMP: (int(ends[0]), int(ends[1]))}
    return replace(before, outputs=op.outputs, options=options)


def _clamp(graph: Graph, op: Operator) -> _Clamp | None:
    """What the operator clamps to which elements, if that is all it does."""
    prepared = prepare(graph, op)
    found = None
    if isinstance(prepared, Lookup):
        found = _Clamp(op.inputs[0], int(prepared.table[0]), int(prepared.table[-1]))
        if not np.array_equal(prepared.table, np.clip(every_int8(), found.lowest, found.highest)):
            return None
    elif isinstance(prepared, Extremum):
        found = _bounded(graph, op, prepared)
    if found is None:
        return None
    source, output = graph.tensor(found.source), graph.output_of(op)
    fits = source.shape == output.shape and same_quantization(source, output)
    return found if fits else None


def _bounded(graph: Graph, op: Operator, extremum: Extremum) -> _Clamp | None:
    """A MAXIMUM or MINIMUM with one element for all."""
    lowest, highest = RANGES[extremum.dtype]
    for source, other in (op.inputs, op.inputs[::-1]):
        bounds = graph.tensor(other).data
        if bounds is not None and bounds.min() == bounds.max():
            bound = int(bounds.min())
            ends = (bound, highest) if extremum.largest else (lowest, bound)
            return _Clamp(source, *ends)
    return None
