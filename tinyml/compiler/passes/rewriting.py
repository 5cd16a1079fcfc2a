"""What passes have in common: their result, and questions about who reads what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from tinyml.graph.ir import Array, Graph, Operator, Tensor

# Tensor -> which of its channels, on the last axis, are left. Others have all.
Kept = Mapping[int, npt.NDArray[np.int64]]


@dataclass(frozen=True)
class Rewritten:
    """What a pass makes of a graph.

    Tensors keep their numbers, constants may come after them. A tensor that is still computed has
    the same elements as before, but for channels that are not ``kept``.
    """

    graph: Graph
    did: str = ""  # in a few words; empty where there was nothing to do
    kept: Kept = field(default_factory=dict)


def counted(number: int, one: str, many: str = "") -> str:
    """``number`` with its noun."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def readers_of(graph: Graph) -> dict[int, list[Operator]]:
    """Tensor -> the operators that read it, in their order."""
    readers: dict[int, list[Operator]] = {}
    for op in graph.operators:
        for index in dict.fromkeys(op.inputs):
            readers.setdefault(index, []).append(op)
    return readers


def writers_of(graph: Graph) -> dict[int, Operator]:
    """Tensor -> the operator that makes it."""
    return {index: op for op in graph.operators for index in op.outputs}


def same_quantization(first: Tensor, second: Tensor) -> bool:
    """Whether equal elements stand for equal numbers."""
    a, b = first.quantization, second.quantization
    if a is None or b is None:
        return a is b
    return (
        a.axis == b.axis
        and np.array_equal(a.scales, b.scales)
        and np.array_equal(a.zero_points, b.zero_points)
    )


def with_operators(graph: Graph, changed: Mapping[int, Operator | None]) -> Graph:
    """The graph with operators changed, or gone where there is None, by their ``index``."""
    operators = (changed.get(op.index, op) for op in graph.operators)
    return replace(graph, operators=tuple(op for op in operators if op is not None))


def appended_constant(tensors: list[Tensor], like: Tensor, data: Array) -> int:
    """Add a constant to the ``tensors`` of a graph; returns its number.

    Its name, type and scales are those of ``like``.
    """
    index = len(tensors)
    tensors.append(replace(like, index=index, shape=data.shape, data=np.ascontiguousarray(data)))
    return index
