"""All operators by their names in the schema: each file of this folder registers its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from tinyml.errors import UnsupportedModelError
from tinyml.graph.ir import DType, Graph, Operator
from tinyml.graph.ops.base import Prepared, require
from tinyml.graph.ops.facts import Facts

Prepare = Callable[[Graph, Operator], Prepared]
FACTS: Final[dict[str, Facts]] = {}
PREPARE: Final[dict[str, Prepare]] = {}
PREPARE_FLOAT: Final[dict[str, Prepare]] = {}  # the same names, where the output is float32
_UNKNOWN: Final = Facts()

_P = TypeVar("_P", bound=Prepare)


def operator(**facts: Facts) -> Callable[[_P], _P]:
    """Register the preparing function of these operators, each by its name in the schema."""

    def register(function: _P) -> _P:
        FACTS.update(facts)
        PREPARE.update(dict.fromkeys(facts, function))
        return function

    return register


def float_operator(*names: str) -> Callable[[_P], _P]:
    """Register a preparing function of these operators where they make float32."""

    def register(function: _P) -> _P:
        PREPARE_FLOAT.update(dict.fromkeys(names, function))
        return function

    return register


def facts_of(name: str) -> Facts:
    """What is known of the operator with this name; of one that nobody registered, nothing."""
    return FACTS.get(name, _UNKNOWN)


def prepare(graph: Graph, op: Operator) -> Prepared:
    """Check an operator and work out its parameters.

    Raises UnsupportedModelError, in a sentence, for whatever this engine does not do.
    """
    makes_float = bool(op.outputs) and graph.output_of(op).dtype is DType.FLOAT32
    special = PREPARE_FLOAT.get(op.name) if makes_float else None
    function = special or PREPARE.get(op.name)
    if function is None:
        raise UnsupportedModelError(
            f"{op.where} is not supported; replace it in the model before converting "
            "(`tinyml check` lists every operator of a model)"
        )
    facts = facts_of(op.name)
    require(op, len(op.outputs) <= facts.outputs, "it has more outputs than this operator writes")
    require(op, bool(op.outputs or op.updates), "it has no output")
    most = facts.inputs
    require(
        op,
        len(op.inputs) <= most,
        f"it has {len(op.inputs)} inputs, but this operator takes {most}",
    )
    return function(graph, op)
