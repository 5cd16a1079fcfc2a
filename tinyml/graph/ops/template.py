"""TEMPLATE: every element times a factor. Copy this file; the toolkit does not load it.

It is whole: tests/kernels/test_template.py compiles and runs it with the templates of the other
files, which docs/adding-an-operator.md names.

Source: say here which file of TensorFlow Lite Micro has the arithmetic. Results equal its results
bit for bit, rounding and overflow included.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinyml.graph.ir import Array, DType, Graph, Operator
from tinyml.graph.ops.base import (
    Requantization,
    clamp_of,
    require,
    require_dtype,
    require_same_dtype,
    require_shape,
)
from tinyml.graph.ops.facts import ACTIVATION, Facts, Tflm
from tinyml.graph.ops.registry import operator


# 1. What is left of the operator once it has been checked. The compiler chooses the kernel by this
# class, so an operator that needs another kernel gets another class. Frozen: nothing changes it.
@dataclass(frozen=True)
class Template:
    """Every element times a factor, brought to the output's scale."""

    input_zero_point: int
    requantization: Requantization  # multiplier, shift, output's zero point and clamp, worked out
    dtype: DType
    output_shape: tuple[int, ...]
    macs: int = 0  # multiply-accumulates of one inference, where it is made of those

    def evaluate(self, *inputs: Array) -> tuple[Array, ...]:
        """One output, in ``output_shape``."""
        # The exact arithmetic, in int64 wherever C has int32: what the kernel is compared with.
        centred = inputs[0].astype(np.int64) - self.input_zero_point
        return (self.requantization.apply(centred).astype(self.dtype.numpy),)


# 2. What the toolkit has to know beside the arithmetic, by the operator's name in schema.fbs. Leave
# out what is as in most operators; facts.py says what each field means.
@operator(
    TEMPLATE=Facts(
        inputs=1,
        # The fields of its table in schema.fbs, in their order: name, type, default.
        options=(("factor", "f", 1.0), ACTIVATION),
        # It uses clamp_of() below: the compiler may fuse a ReLU that follows.
        clamps=True,
        # The method AddTemplate of TFLite Micro's resolver, and bytes that its kernel keeps.
        tflm=Tflm("Template", 8, 20, 20),
        # litert=True once a test compares it with LiteRT, recorded=True once TFLite Micro's own
        # outputs are in the tests.
    ),
)
def prepare_template(graph: Graph, op: Operator) -> Template:
    """Check a TEMPLATE."""
    source, output = graph.input_of(op, 0), graph.output_of(op)
    # 3. Refuse in a sentence whatever the kernel could not do: kernels have no errors.
    require_dtype(op, source, (DType.INT8, DType.INT16))
    require_same_dtype(op, source, output)
    require_shape(op, output, source.shape)
    factor = op.number("factor")
    require(op, factor > 0, "its factor must be positive")
    # 4. Everything that does not depend on the elements is worked out here, on the host.
    real = float(source.quantized.scale) * factor / float(output.quantized.scale)
    return Template(
        input_zero_point=source.quantized.zero_point,
        requantization=Requantization.of(real, output, clamp_of(op, output)),
        dtype=output.dtype,
        output_shape=output.shape,
    )
