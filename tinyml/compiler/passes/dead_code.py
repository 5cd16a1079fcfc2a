"""Operators whose results nobody reads are removed.

What only a variable is made from is read by a later inference. Tensors that are left over stay in
the graph under their numbers: they take no room, for only what operators name is placed.
"""

from dataclasses import replace

from tinyml.compiler.passes.rewriting import Rewritten, counted
from tinyml.graph.ir import Graph


def remove_dead_code(graph: Graph) -> Rewritten:
    """The graph without operators on which no output depends."""
    needed = _needed(graph)
    alive = tuple(op for op in graph.operators if needed.intersection((*op.outputs, *op.updates)))
    gone = len(graph.operators) - len(alive)
    if gone == 0:
        return Rewritten(graph)
    return Rewritten(
        replace(graph, operators=alive),
        f"{counted(gone, 'operator')} removed: nothing reads their outputs",
    )


def _needed(graph: Graph) -> set[int]:
    """Tensors that the outputs depend on, by way of variables also from earlier inferences."""
    needed = set(graph.outputs)
    before = 0
    while len(needed) > before:
        before = len(needed)
        for op in reversed(graph.operators):
            if needed.intersection((*op.outputs, *op.updates)):
                needed.update(op.inputs)
    return needed
