"""QUANTIZE and DEQUANTIZE."""

import math

from tinyml.compiler.c_values import Struct
from tinyml.compiler.lower.base import (
    SUFFIX,
    elementwise_overlap,
    lowers,
    requantization_struct,
)
from tinyml.compiler.program import Call
from tinyml.graph.ir import DType
from tinyml.graph.ops.quantize import Dequantize, QuantizeFloat, Requantize


def _affine(op: QuantizeFloat | Dequantize, source: DType, target: DType, function: str) -> Call:
    elements = math.prod(op.output_shape)
    params = Struct(
        "tml_affine_t",
        {"elements": elements, "scale": op.scale, "zero_point": op.zero_point},
    )
    overlaps = elementwise_overlap(source.bytes, target.bytes, elements)
    return Call(function, "quantize.c", params, overlaps=overlaps)


@lowers(QuantizeFloat)
def lower_quantize(op: QuantizeFloat) -> Call:
    """From float32."""
    return _affine(op, DType.FLOAT32, op.dtype, f"tml_quantize_{SUFFIX[op.dtype]}")


@lowers(Dequantize)
def lower_dequantize(op: Dequantize) -> Call:
    """To float32."""
    suffix = SUFFIX[op.input_dtype]
    return _affine(op, op.input_dtype, DType.FLOAT32, f"tml_dequantize_{suffix}")


@lowers(Requantize)
def lower_requantize(op: Requantize) -> Call:
    """Between integer types."""
    elements = math.prod(op.output_shape)
    params = Struct(
        "tml_requantize_t",
        {
            "elements": elements,
            "input_zero_point": op.input_zero_point,
            "requantization": requantization_struct(op.requantization, 1),
        },
    )
    function = f"tml_requantize_{SUFFIX[op.input_dtype]}_{SUFFIX[op.dtype]}"
    overlaps = elementwise_overlap(op.input_dtype.bytes, op.dtype.bytes, elements)
    return Call(function, "quantize.c", params, overlaps=overlaps)
