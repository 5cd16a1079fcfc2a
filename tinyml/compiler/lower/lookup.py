"""Operators on single int8 elements."""

import math

from tinyml.compiler.c_values import Struct, Table
from tinyml.compiler.lower.base import elementwise_overlap, lowers, tested_on_avr
from tinyml.compiler.lower.windows import elements_in_strips
from tinyml.compiler.program import Call
from tinyml.graph.ops.lookup import Lookup

_SOURCE = tested_on_avr("lookup.c")


@lowers(Lookup)
def lower_lookup(op: Lookup) -> Call:
    """By the portable kernel."""
    elements = math.prod(op.output_shape)
    params = Struct("tml_lookup_t", {"elements": elements, "table": Table("table", op.table)})
    overlaps = elementwise_overlap(1, 1, elements)
    call = Call("tml_lookup_int8", _SOURCE, params, overlaps=overlaps)
    return elements_in_strips(call, "elements", op.output_shape)
