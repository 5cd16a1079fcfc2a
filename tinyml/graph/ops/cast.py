"""CAST between types, and LOGICAL_NOT.

Source: TFLite Micro's cast.cc and elementwise.cc. A float32 that an integer type cannot hold is
undefined there; here it becomes the nearest one that it can, and what is no number becomes 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from tinyml.graph.ir import Array, DType, Graph, Operator
from tinyml.graph.ops.base import require_dtype, require_shape
from tinyml.graph.ops.facts import Facts, Tflm
from tinyml.graph.ops.registry import operator

_CASTABLE: Final = (
    DType.BOOL, DType.INT8, DType.UINT8, DType.INT16, DType.INT32, DType.FLOAT32,
)  # fmt: skip


@dataclass(frozen=True)
class Cast:
    """The same numbers in another type, whatever their scales."""

    input_dtype: DType
    dtype: DType
    output_shape: tuple[int, ...]
    macs: int = 0

    def evaluate(self, *inputs: Array) -> tuple[Array, ...]:
        """One output, in ``output_shape``."""
        source = inputs[0]
        if self.dtype is DType.BOOL:
            return (source != 0,)
        if self.input_dtype is DType.FLOAT32 and self.dtype is not DType.FLOAT32:
            limits = np.iinfo(self.dtype.numpy)  # type: ignore[type-var]
            whole = np.trunc(np.nan_to_num(source.astype(np.float64), posinf=1e300, neginf=-1e300))
            source = np.clip(whole, limits.min, limits.max)
        return (source.astype(self.dtype.numpy),)


@dataclass(frozen=True)
class LogicalNot:
    """The other boolean."""

    output_shape: tuple[int, ...]
    macs: int = 0

    def evaluate(self, *inputs: Array) -> tuple[Array, ...]:
        """One output, bool."""
        return (np.logical_not(inputs[0]),)


@operator(
    CAST=Facts(
        options=(("in_type", "b", 0), ("out_type", "b", 0)), tflm=Tflm("Cast", 8, short_options=2)
    ),
)
def prepare_cast(graph: Graph, op: Operator) -> Cast:
    """Check a CAST."""
    source, output = graph.input_of(op, 0), graph.output_of(op)
    for tensor in (source, output):
        require_dtype(op, tensor, _CASTABLE)
    require_shape(op, output, source.shape)
    return Cast(source.dtype, output.dtype, output.shape)


@operator(LOGICAL_NOT=Facts(tflm=Tflm("LogicalNot")))
def prepare_logical_not(graph: Graph, op: Operator) -> LogicalNot:
    """Check a LOGICAL_NOT."""
    source, output = graph.input_of(op, 0), graph.output_of(op)
    for tensor in (source, output):
        require_dtype(op, tensor, (DType.BOOL,))
    require_shape(op, output, source.shape)
    return LogicalNot(output.shape)
