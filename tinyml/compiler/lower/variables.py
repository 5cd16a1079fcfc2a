"""READ_VARIABLE and ASSIGN_VARIABLE."""

from tinyml.compiler.c_values import Struct
from tinyml.compiler.lower.base import lowers, tested_on_avr
from tinyml.compiler.program import Call
from tinyml.graph.ops.variables import AssignVariable, ReadVariable

_SOURCE = tested_on_avr("copy.c")


@lowers(ReadVariable)
def lower_read_variable(op: ReadVariable) -> Call:
    """From the state into the arena."""
    return copy_call(op.bytes)


@lowers(AssignVariable)
def lower_assign_variable(op: AssignVariable) -> Call:
    """From the arena, or flash, into the state."""
    return copy_call(op.bytes, outputs=(), updates=(0,))


def copy_call(size: int, outputs: tuple[int, ...] = (0,), updates: tuple[int, ...] = ()) -> Call:
    """A copy of ``size`` bytes from the first input."""
    params = Struct("tml_copy_t", {"bytes": size})
    return Call("tml_copy", _SOURCE, params, outputs=outputs, updates=updates)
