"""TEMPLATE. Copy this file; the toolkit does not load it."""

import math

from tinyml.compiler.c_values import Struct
from tinyml.compiler.lower.base import (
    SUFFIX,
    elementwise_overlap,
    lowers,
    requantization_struct,
)
from tinyml.compiler.program import Call
from tinyml.graph.ops.template import Template

# tested_on_avr("template.c") once the kernel is right where C's int has 16 bits: tests/system/
# test_avr.py then runs it on an emulated 8-bit board, and the compiler takes it for such boards.
_SOURCE = "template.c"


@lowers(Template)
def lower_template(op: Template) -> Call:
    """By the portable kernel."""
    elements = math.prod(op.output_shape)
    # The struct of firmware/kernels/template.h, field by field. A Table goes to flash.
    params = Struct(
        "tml_template_t",
        {
            "elements": elements,
            "input_zero_point": op.input_zero_point,
            "requantization": requantization_struct(op.requantization, 1),
        },
    )
    return Call(
        f"tml_template_{SUFFIX[op.dtype]}",
        _SOURCE,
        params,
        inputs=(0,),  # which inputs the kernel takes; others went into params
        # The output may lie over the input: element i is read before element i is written.
        overlaps=elementwise_overlap(op.dtype.bytes, op.dtype.bytes, elements),
    )
