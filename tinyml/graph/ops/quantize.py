"""QUANTIZE and DEQUANTIZE: between float32 and integers, and between integers.

Source: TFLite's reference/{quantize,dequantize,requantize}.h; types as in TFLite Micro's
quantize_common.cc.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinyml.graph.fixed_point import INT32_MAX, INT32_MIN
from tinyml.graph.ir import RANGES, Array, DType, Graph, Operator
from tinyml.graph.ops.base import (
    Prepared,
    Requantization,
    require,
    require_dtype,
    require_shape,
)
from tinyml.graph.ops.facts import Facts, Tflm
from tinyml.graph.ops.lookup import every_int8, prepare_lookup
from tinyml.graph.ops.registry import operator


@dataclass(frozen=True)
class QuantizeFloat:
    """From float32 to an integer type."""

    scale: np.float32
    zero_point: int
    dtype: DType
    output_shape: tuple[int, ...]
    macs: int = 0

    def evaluate(self, *inputs: Array) -> tuple[Array, ...]:
        """One output; not-a-number becomes the zero point."""
        quotient = np.nan_to_num(inputs[0].astype(np.float32) / self.scale).astype(np.float64)
        rounded = np.copysign(np.floor(np.abs(quotient) + 0.5), quotient)
        rounded = np.clip(rounded, INT32_MIN / 2, INT32_MAX / 2).astype(np.int64)
        return (np.clip(rounded + self.zero_point, *RANGES[self.dtype]).astype(self.dtype.numpy),)


@dataclass(frozen=True)
class Requantize:
    """From one integer type and scale to another."""

    input_zero_point: int
    requantization: Requantization
    input_dtype: DType
    dtype: DType
    output_shape: tuple[int, ...]
    macs: int = 0

    def evaluate(self, *inputs: Array) -> tuple[Array, ...]:
        """One output, in ``output_shape``."""
        centred = inputs[0].astype(np.int64) - self.input_zero_point
        return (self.requantization.apply(centred).astype(self.dtype.numpy),)


@dataclass(frozen=True)
class Dequantize:
    """From an integer type to float32."""

    scale: np.float32
    zero_point: int
    input_dtype: DType
    output_shape: tuple[int, ...]
    macs: int = 0

    def evaluate(self, *inputs: Array) -> tuple[Array, ...]:
        """One output, float32."""
        centred = (inputs[0].astype(np.int64) - self.zero_point).astype(np.float32)
        return (self.scale * centred,)


@operator(QUANTIZE=Facts(tflm=Tflm("Quantize", 0, 32, 32), litert=True))
def prepare_quantize(graph: Graph, op: Operator) -> Prepared:
    """Check a QUANTIZE."""
    source, output = graph.input_of(op, 0), graph.output_of(op)
    require_shape(op, output, source.shape)
    require_dtype(op, output, (DType.INT8, DType.INT16, DType.INT32))
    if source.dtype is DType.FLOAT32:
        require_dtype(op, output, (DType.INT8, DType.INT16))
        quantization = output.quantized
        return QuantizeFloat(
            quantization.scale, quantization.zero_point, output.dtype, output.shape
        )
    require_dtype(op, source, (DType.INT8, DType.INT16, DType.INT32))
    if output.dtype is DType.INT32:
        require_dtype(op, source, (DType.INT8, DType.INT16))
        symmetric = output.quantized.zero_point == 0
        require(op, symmetric, "its int32 output must have the zero point 0")
    requantize = Requantize(
        input_zero_point=source.quantized.zero_point,
        requantization=Requantization.of(
            float(source.quantized.scale) / float(output.quantized.scale), output
        ),
        input_dtype=source.dtype,
        dtype=output.dtype,
        output_shape=output.shape,
    )
    if source.dtype is DType.INT8 and output.dtype is DType.INT8:
        return prepare_lookup(graph, op, requantize.evaluate(every_int8())[0].astype(np.int64))
    return requantize


@operator(DEQUANTIZE=Facts(tflm=Tflm("Dequantize", 0, 32, 32)))
def prepare_dequantize(graph: Graph, op: Operator) -> Dequantize:
    """Check a DEQUANTIZE."""
    source, output = graph.input_of(op, 0), graph.output_of(op)
    require_dtype(op, source, (DType.INT8, DType.INT16))
    require_dtype(op, output, (DType.FLOAT32,))
    require_shape(op, output, source.shape)
    quantization = source.quantized
    return Dequantize(quantization.scale, quantization.zero_point, source.dtype, output.shape)
