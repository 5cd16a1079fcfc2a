"""ADD."""

import math

from tinyml.compiler.c_values import Struct
from tinyml.compiler.lower.base import SUFFIX, lowers
from tinyml.compiler.program import Call
from tinyml.graph.ops.add import Add


def merged(
    output: tuple[int, ...], inputs: tuple[tuple[int, ...], ...]
) -> tuple[tuple[int, ...], list[tuple[int, ...]]]:
    """Dimensions of the output and each input's strides, neighbours merged where all agree.

    A stride of 0 repeats an input along a dimension.
    """
    padded = [(1,) * (len(output) - len(shape)) + shape for shape in inputs]
    dims: list[int] = []
    strides: list[list[int]] = [[] for _ in inputs]
    elements = [1] * len(inputs)
    for axis in reversed(range(len(output))):
        size = output[axis]
        if size == 1:
            continue
        here = [
            step if shape[axis] == size else 0 for shape, step in zip(padded, elements, strict=True)
        ]
        joins = dims and all(
            step == (walked[-1] * dims[-1]) for step, walked in zip(here, strides, strict=True)
        )
        if joins:
            dims[-1] *= size
        else:
            dims.append(size)
            for walked, step in zip(strides, here, strict=True):
                walked.append(step)
        elements = [count * shape[axis] for count, shape in zip(elements, padded, strict=True)]
    return tuple(reversed(dims)), [tuple(reversed(walked)) for walked in strides]


@lowers(Add)
def lower_add(op: Add) -> Call:
    """By the portable kernel, which broadcasts."""
    dims, strides = merged(op.output_shape, op.shapes)
    dims, strides = dims or (1,), [walked or (0,) for walked in strides]
    inputs = tuple(
        Struct(
            "tml_add_input_t",
            {
                "zero_point": op.zero_points[position],
                "multiplier": op.multipliers[position],
                "shift": op.shifts[position],
                "strides": strides[position],
            },
        )
        for position in (0, 1)
    )
    params = Struct(
        "tml_add_t",
        {
            "rank": len(dims),
            "dims": dims,
            "elements": math.prod(op.output_shape),
            "inputs": inputs,
            "left_shift": op.left_shift,
            "multiplier": op.output_multiplier,
            "shift": op.output_shift,
            "zero_point": op.output_zero_point,
            "lowest": op.lowest,
            "highest": op.highest,
        },
    )
    # An input of the output's own shape is read element by element just before the write.
    in_place = {
        position: 0
        for position, shape in enumerate(op.shapes)
        if math.prod(shape) == math.prod(op.output_shape)
    }
    return Call(f"tml_add_{SUFFIX[op.dtype]}", "add.c", params, inputs=(0, 1), overlaps=in_place)
