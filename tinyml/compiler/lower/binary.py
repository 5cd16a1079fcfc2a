"""Operators on two tensors, element by element, with broadcasting."""

import math

from tinyml.compiler.c_values import Expression, Struct, Value
from tinyml.compiler.lower.base import SUFFIX, lowers, tested_on_avr
from tinyml.compiler.lower.windows import elements_in_strips
from tinyml.compiler.program import Call
from tinyml.graph.ops.binary import (
    Compare,
    Extremum,
    Logical,
    Multiply,
    OnCommonScale,
    Prelu,
    Result,
    Scaled,
    Select,
    Shapes,
)
from tinyml.graph.ops.divide import Divide

_SOURCE = tested_on_avr("binary.c")


def merged(
    output: tuple[int, ...], inputs: Shapes
) -> tuple[tuple[int, ...], tuple[tuple[int, ...], ...]]:
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
    if not dims:
        return (1,), ((0,),) * len(inputs)
    return tuple(reversed(dims)), tuple(tuple(reversed(walked)) for walked in strides)


def broadcast_struct(output: tuple[int, ...], inputs: Shapes) -> Struct:
    """tml_broadcast_t."""
    dims, strides = merged(output, inputs)
    return Struct(
        "tml_broadcast_t",
        {
            "rank": len(dims),
            "elements": math.prod(output),
            "dims": dims,
            "strides": strides,
        },
    )


def in_place(output: tuple[int, ...], inputs: Shapes) -> dict[int, int]:
    """An input of the output's own size is read element by element just before the write."""
    whole = math.prod(output)
    return {position: 0 for position, shape in enumerate(inputs) if math.prod(shape) == whole}


def _scaled(scaled: tuple[Scaled, Scaled]) -> tuple[Struct, ...]:
    return tuple(Struct("tml_scaled_t", vars(item)) for item in scaled)


def _result(result: Result) -> Struct:
    return Struct("tml_result_t", vars(result))


def _in_strips(call: Call, output: tuple[int, ...], inputs: Shapes) -> Call:
    """Where nothing is repeated, rows of all tensors go together."""
    together = all(shape == output for shape in inputs)
    return elements_in_strips(call, "broadcast.elements", output) if together else call


@lowers(OnCommonScale)
def lower_on_common_scale(op: OnCommonScale) -> Call:
    """ADD, SUB, SQUARED_DIFFERENCE."""
    fields: dict[str, Value] = {
        "broadcast": broadcast_struct(op.output_shape, op.shapes),
        "inputs": _scaled(op.inputs),
        "left_shift": op.left_shift,
        "result": _result(op.result),
    }
    call = Call(
        f"tml_{op.kind}_{SUFFIX[op.dtype]}",
        _SOURCE,
        Struct("tml_common_scale_t", fields),
        inputs=(0, 1),
        overlaps=in_place(op.output_shape, op.shapes),
    )
    return _in_strips(call, op.output_shape, op.shapes)


@lowers(Multiply)
def lower_multiply(op: Multiply) -> Call:
    """MUL."""
    fields: dict[str, Value] = {
        "broadcast": broadcast_struct(op.output_shape, op.shapes),
        "zero_points": op.zero_points,
        "result": _result(op.result),
    }
    call = Call(
        f"tml_mul_{SUFFIX[op.dtype]}",
        _SOURCE,
        Struct("tml_product_t", fields),
        inputs=(0, 1),
        overlaps=in_place(op.output_shape, op.shapes),
    )
    return _in_strips(call, op.output_shape, op.shapes)


@lowers(Prelu)
def lower_prelu(op: Prelu) -> Call:
    """PRELU."""
    fields: dict[str, Value] = {
        "broadcast": broadcast_struct(op.output_shape, op.shapes),
        "zero_points": op.zero_points,
        "result": _result(op.positive),
        "negative": _result(op.negative),
    }
    return Call(
        f"tml_prelu_{SUFFIX[op.dtype]}",
        _SOURCE,
        Struct("tml_product_t", fields),
        inputs=(0, 1),
        overlaps=in_place(op.output_shape, op.shapes),
    )


@lowers(Divide)
def lower_divide(op: Divide) -> Call:
    """DIV."""
    fields: dict[str, Value] = {
        "broadcast": broadcast_struct(op.output_shape, op.shapes),
        "zero_points": op.zero_points,
        "result": _result(op.result),
    }
    return Call(
        "tml_div_int8",
        "divide.c",
        Struct("tml_divide_t", fields),
        inputs=(0, 1),
        overlaps=in_place(op.output_shape, op.shapes),
    )


def _plain(function: str, output: tuple[int, ...], shapes: Shapes, *, overlapping: bool) -> Call:
    return Call(
        function,
        _SOURCE,
        Struct("tml_plain_t", {"broadcast": broadcast_struct(output, shapes)}),
        inputs=tuple(range(len(shapes))),
        overlaps=in_place(output, shapes) if overlapping else {},
    )


@lowers(Extremum)
def lower_extremum(op: Extremum) -> Call:
    """MAXIMUM, MINIMUM."""
    name = "maximum" if op.largest else "minimum"
    function = f"tml_{name}_{SUFFIX[op.dtype]}"
    return _plain(function, op.output_shape, op.shapes, overlapping=True)


@lowers(Logical)
def lower_logical(op: Logical) -> Call:
    """LOGICAL_AND, LOGICAL_OR."""
    return _plain(f"tml_logical_{op.kind}", op.output_shape, op.shapes, overlapping=True)


@lowers(Select)
def lower_select(op: Select) -> Call:
    """SELECT_V2."""
    # The condition has another element size than the output may have.
    return _plain(f"tml_select_{op.dtype.bytes}", op.output_shape, op.shapes, overlapping=False)


@lowers(Compare)
def lower_compare(op: Compare) -> Call:
    """Comparisons."""
    fields: dict[str, Value] = {
        "broadcast": broadcast_struct(op.output_shape, op.shapes),
        "inputs": _scaled(op.inputs),
        "left_shift": op.left_shift,
        "comparison": Expression(f"TML_{op.kind}"),
    }
    return Call(
        "tml_compare_int8",
        _SOURCE,
        Struct("tml_compare_t", fields),
        inputs=(0, 1),
        overlaps=in_place(op.output_shape, op.shapes),
    )
