"""READ_VARIABLE and ASSIGN_VARIABLE, as tinyml/graph/variables.py leaves them."""

from __future__ import annotations

from dataclasses import dataclass

from tinyml.graph.ir import Array, Graph, Operator
from tinyml.graph.ops.facts import Facts
from tinyml.graph.ops.registry import FACTS, operator

# These open variables and set them once; tinyml/graph/variables.py dissolves them.
FACTS["VAR_HANDLE"] = Facts(options=(("container", "s", 0), ("shared_name", "s", 0)))
FACTS["CALL_ONCE"] = Facts(options=(("init_subgraph", "i", 0),))


@dataclass(frozen=True)
class ReadVariable:
    """A variable's elements, copied: it may change while they are used."""

    bytes: int
    macs: int = 0

    def evaluate(self, *inputs: Array) -> tuple[Array, ...]:
        """The variable's elements as the one output."""
        return (inputs[0],)


@dataclass(frozen=True)
class AssignVariable:
    """A tensor's elements, copied into a variable."""

    bytes: int
    macs: int = 0

    def evaluate(self, *inputs: Array) -> tuple[Array, ...]:
        """No output; the variable's new elements."""
        return (inputs[0],)


@operator(READ_VARIABLE=Facts(litert=True))
def prepare_read_variable(graph: Graph, op: Operator) -> ReadVariable:
    """Check a READ_VARIABLE."""
    return ReadVariable(graph.output_of(op).bytes)


@operator(ASSIGN_VARIABLE=Facts(litert=True))
def prepare_assign_variable(graph: Graph, op: Operator) -> AssignVariable:
    """Check an ASSIGN_VARIABLE."""
    return AssignVariable(graph.input_of(op, 0).bytes)
