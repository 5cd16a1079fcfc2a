"""Operators that only say how elements are to be read, or what is known of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinyml.graph.ir import Array, DType, Graph, Operator
from tinyml.graph.ops.base import (
    require,
    require_dtype,
    require_same_dtype,
    require_shape,
)
from tinyml.graph.ops.facts import Facts, Tflm
from tinyml.graph.ops.registry import operator


@dataclass(frozen=True)
class Reshape:
    """The same elements in another shape."""

    output_shape: tuple[int, ...]
    macs: int = 0

    def evaluate(self, *inputs: Array) -> tuple[Array, ...]:
        """One output, in ``output_shape``."""
        return (inputs[0].reshape(self.output_shape),)


@operator(
    RESHAPE=Facts(
        inputs=2,
        options=(("new_shape", "[i", 0),),
        tflm=Tflm("Reshape", 36),
        recorded=True,
        litert=True,
    ),
    SQUEEZE=Facts(options=(("squeeze_dims", "[i", 0),), tflm=Tflm("Squeeze", 36)),
    EXPAND_DIMS=Facts(inputs=2, tflm=Tflm("ExpandDims")),
)
def prepare_reshape(graph: Graph, op: Operator) -> Reshape:
    """Check a reshape: the output's static shape says all, the other inputs nothing new."""
    source, output = graph.input_of(op, 0), graph.output_of(op)
    require_same_dtype(op, source, output)
    require(
        op,
        source.elements == output.elements,
        "its output does not have as many elements as its input",
    )
    return Reshape(output.shape)


@dataclass(frozen=True)
class Known:
    """An output that depends on shapes only, which are static: folded."""

    elements: Array
    macs: int = 0

    def evaluate(self, *_inputs: Array) -> tuple[Array, ...]:
        """The one output."""
        return (self.elements,)


@operator(SHAPE=Facts(options=(("out_type", "b", 0),), tflm=Tflm("Shape", 4, short_options=1)))
def prepare_shape(graph: Graph, op: Operator) -> Known:
    """Check a SHAPE."""
    source, output = graph.input_of(op, 0), graph.output_of(op)
    require_dtype(op, output, (DType.INT32, DType.INT64))
    require_shape(op, output, (len(source.shape),))
    return Known(np.array(source.shape, output.dtype.numpy))
