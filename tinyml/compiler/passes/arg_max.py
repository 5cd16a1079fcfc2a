"""An ARG_MAX of a SOFTMAX takes the place of the largest input of the SOFTMAX, which is left out.

Only where that is the same: int8 shares of 1/256 may be equal where the inputs are not, and
ARG_MAX takes the first of them. The largest input has a larger share than any other one if a step
of the input, at the smallest shares that the row can have, is more than a step of the output.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from tinyml.compiler.passes.rewriting import Rewritten, counted, with_operators, writers_of
from tinyml.graph.ir import DType, Graph, Operator
from tinyml.graph.ops import prepare
from tinyml.graph.ops.reduce import ReduceExtremum
from tinyml.graph.ops.softmax import Softmax

_STEPS: Final = 256  # of an int8 share, in a whole
# More than what roundings add up to: of every exponential to 2^-20, of the reciprocal, of a share.
_MARGIN: Final = 1.01
_MOST: Final = 4096  # elements a row, for which that is true


def skip_softmax(graph: Graph) -> Rewritten:
    """The graph in which ARG_MAX reads what SOFTMAX reads, where that is provably the same."""
    writers = writers_of(graph)
    changed: dict[int, Operator | None] = {}
    for op in graph.operators:
        before = writers.get(op.inputs[0]) if op.name == "ARG_MAX" else None
        if before is not None and _is_the_same(graph, op, before):
            changed[op.index] = replace(op, inputs=(before.inputs[0], *op.inputs[1:]))
    did = f"{counted(len(changed), 'ARG_MAX', 'ARG_MAX')} without SOFTMAX" if changed else ""
    return Rewritten(with_operators(graph, changed) if changed else graph, did)


def _is_the_same(graph: Graph, arg_max: Operator, before: Operator) -> bool:
    place, softmax = prepare(graph, arg_max), prepare(graph, before)
    assert isinstance(place, ReduceExtremum)
    if not isinstance(softmax, Softmax) or softmax.dtype is not DType.INT8:
        return False
    along_rows = place.axes == (len(place.input_shape) - 1,)
    return along_rows and softmax.depth <= _MOST and _keeps_order(softmax)


def _keeps_order(softmax: Softmax) -> bool:
    """Whether the largest element has a larger share than one that is a step smaller.

    Shares are smallest where all others are as large. Those of two elements are half each at most,
    so that the smaller one is not clamped to the highest.
    """
    largest, next_one = (int(value) for value in softmax.differences.exponentials()[:2])
    return (largest - next_one) * _STEPS >= _MARGIN * softmax.depth * largest
