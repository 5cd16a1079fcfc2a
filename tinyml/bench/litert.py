"""A second opinion: LiteRT's reference kernels, operator by operator.

Each operator gets LiteRT's own input tensors, so one difference does not hide the next.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tinyml.errors import UnsupportedModelError
from tinyml.graph import Oracle, parse
from tinyml.graph.ir import Array, DType, Graph, Operator
from tinyml.graph.ops import facts_of


@dataclass(frozen=True)
class Opinion:
    """How far LiteRT's output of one operator is from ours, in steps of its scale."""

    operator: int
    op: str
    steps: int

    @property
    def expected(self) -> bool:
        """Whether the difference is none, or a known one."""
        known = facts_of(self.op).litert_differs
        return self.steps <= (known.steps if known else 0)

    @property
    def why(self) -> str:
        """Why LiteRT's results are others, where that is known."""
        known = facts_of(self.op).litert_differs
        return known.why if known and self.expected else ""


def installed() -> bool:
    """Whether LiteRT is there (the extra ``runtime``)."""
    return importlib.util.find_spec("ai_edge_litert") is not None


def _keeps_int8(graph: Graph, op: Operator) -> bool:
    return any(graph.tensor(index).dtype is DType.INT8 for index in op.updates)


def compare(data: bytes, sample: Sequence[Array]) -> list[Opinion]:
    """Run the bytes of a .tflite on LiteRT with one sample, in the inputs' full shapes.

    Raises UnsupportedModelError where LiteRT itself lacks an operator of the model.
    """
    from ai_edge_litert.interpreter import (  # noqa: PLC0415 - an extra
        Interpreter,
        OpResolverType,
    )

    graph = parse(data)
    if any(op.name == "SVDF" and _keeps_int8(graph, op) for op in graph.operators):
        # It would write beyond its memory.
        raise UnsupportedModelError("LiteRT does not run an SVDF whose state is int8")
    oracle = Oracle(graph)
    try:
        runtime = Interpreter(
            model_content=data,
            experimental_op_resolver_type=OpResolverType.BUILTIN_REF,
            experimental_preserve_all_tensors=True,
        )
        runtime.allocate_tensors()
        for index, values in zip(graph.inputs, sample, strict=True):
            runtime.set_tensor(index, values)
        runtime.invoke()
    except (ValueError, RuntimeError) as error:
        raise UnsupportedModelError(f"LiteRT does not run this model: {error}") from error

    def value(index: int) -> Array:
        tensor = graph.tensor(index)
        if tensor.is_variable:  # before the inference, which has changed it meanwhile
            return tensor.initial_elements
        found: Array = runtime.get_tensor(index) if tensor.data is None else tensor.data
        return found

    opinions = []
    for op, prepared in zip(graph.operators, oracle.prepared, strict=True):
        given = [value(index) for index in op.inputs if index >= 0]
        steps = 0
        outputs = prepared.evaluate(*given)[: len(op.outputs)]
        for index, found in zip(op.outputs, outputs, strict=True):
            wanted = runtime.get_tensor(index).astype(np.float64)
            steps = max(steps, int(np.abs(found.astype(np.float64) - wanted).max(initial=0)))
        opinions.append(Opinion(op.index, op.name, steps))
    return opinions
