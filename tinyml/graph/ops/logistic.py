"""LOGISTIC, int8 by a table, and int16.

Source: TFLite's reference_integer_ops/logistic.h; parameters as in TFLite Micro's
logistic_common.cc.
"""

from __future__ import annotations

import math

import numpy as np

from tinyml.graph.fixed_point import (
    logistic,
    multiply_by_quantized_multiplier,
    quantize_multiplier,
    rounding_shift_right,
)
from tinyml.graph.ir import DType, Graph, Operator
from tinyml.graph.ops.base import require, require_dtype
from tinyml.graph.ops.facts import Facts, Tflm
from tinyml.graph.ops.int16 import SigmoidOrTanh, prepare_sigmoid_or_tanh
from tinyml.graph.ops.lookup import Lookup, every_int8, prepare_lookup
from tinyml.graph.ops.registry import operator

_INPUT_INTEGER_BITS = 4


@operator(LOGISTIC=Facts(tflm=Tflm("Logistic", 0, 16, 16), litert=True))
def prepare_logistic(graph: Graph, op: Operator) -> Lookup | SigmoidOrTanh:
    """Check a LOGISTIC."""
    source, output = graph.input_of(op, 0), graph.output_of(op)
    require_dtype(op, source, (DType.INT8, DType.INT16))
    if source.dtype is DType.INT16:
        return prepare_sigmoid_or_tanh(graph, op)
    require(op, output.quantized.zero_point == -128, "its output must have the zero point -128")
    multiplier, left_shift = quantize_multiplier(
        float(source.quantized.scale) * (1 << (31 - _INPUT_INTEGER_BITS))
    )
    limit = ((1 << _INPUT_INTEGER_BITS) - 1) * 2.0 ** (31 - _INPUT_INTEGER_BITS - left_shift)
    radius = math.floor(limit)
    centred = every_int8() - source.quantized.zero_point
    scaled = multiply_by_quantized_multiplier(
        np.clip(centred, -radius, radius), multiplier, left_shift
    )
    values = rounding_shift_right(logistic(scaled, _INPUT_INTEGER_BITS), 31 - 8) - 128
    values = np.where(centred <= -radius, -128, np.clip(values, -128, 127))
    return prepare_lookup(graph, op, np.where(centred >= radius, 127, values))
