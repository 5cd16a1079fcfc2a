"""SOFTMAX, int16.

Source: TFLite's reference/softmax.h (SoftmaxInt16) and internal/common.h (LUTPopulateInt16);
parameters as in TFLite Micro's softmax_common.cc.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from tinyml.graph.fixed_point import (
    Int64,
    leading_zeros,
    multiply_by_quantized_multiplier,
    quantize_multiplier,
)
from tinyml.graph.ir import Array, Graph, Operator
from tinyml.graph.ops.base import require, rows_of
from tinyml.graph.ops.int16 import symmetric_operands

_STEPS: Final = 512
_RANGE: Final = np.float32(65535)
_Floats = npt.NDArray[np.floating]
_Function = Callable[[_Floats], _Floats]


def _round(values: _Floats) -> _Floats:
    rounded: _Floats = np.copysign(np.floor(np.abs(values) + np.float32(0.5)), values)
    return rounded


def _table(function: _Function, lowest: float, highest: float) -> Int64:
    """Q0.15 at 513 places, each moved so that interpolation errs least in the middle."""
    low, high = np.float32(lowest), np.array([highest], np.float32)
    step = (high - low) / np.float32(_STEPS)
    places = np.arange(_STEPS, dtype=np.float32)
    one = np.float32(2) / _RANGE  # the output's scale
    scaling = np.float32(65536) / (one * np.float32(32767) - one * np.float32(-32768))
    at = function(low + places * step) * scaling
    middle = function(low + places * step + step / 2) * scaling
    after = function(low + (places + np.float32(1)) * step) * scaling
    error = _round((after + _round(at)) / 2) - _round(middle)
    values = np.append(_round(at) - _round(error / 2), _round(function(high) * scaling))
    table: Int64 = np.clip(values, -32768, 32767).astype(np.int64)
    return table


def _exp(values: _Floats) -> _Floats:
    return np.exp(values.astype(np.float64)).astype(np.float32)


def _reciprocal_of_successor(values: _Floats) -> _Floats:
    return np.float32(1) / (np.float32(1) + values)


EXPONENTIALS: Final[Int64] = _table(_exp, -10.0, 0.0)  # exp(x) for x = -10 .. 0
RECIPROCALS: Final[Int64] = _table(_reciprocal_of_successor, 0.0, 1.0)  # 1 / (1 + x), x = 0 .. 1


def interpolated(table: Int64, values: Int64) -> Int64:
    """A table of 513 at int16 ``values`` (LUTLookup)."""
    index = 256 + (values >> 7)
    base = table[index]
    found: Int64 = base + (((table[index + 1] - base) * (values & 127) + 64) >> 7)
    return found


@dataclass(frozen=True)
class Softmax16:
    """Over the last axis of an int16 tensor."""

    rows: int
    depth: int
    multiplier: tuple[int, int]  # of differences, such that -65535 .. 0 is -10 .. 0
    output_shape: tuple[int, ...]
    macs: int = 0

    def evaluate(self, *inputs: Array) -> tuple[Array, ...]:
        """One output, int16."""
        rows = inputs[0].reshape(self.rows, self.depth).astype(np.int64)
        found = np.stack([self._row(row) for row in rows])
        return (found.astype(np.int16).reshape(self.output_shape),)

    def _row(self, row: Int64) -> Int64:
        scaled = multiply_by_quantized_multiplier(row - row.max(), *self.multiplier)
        exponentials = interpolated(EXPONENTIALS, np.clip(scaled + 32767, -32768, 32767))
        total = int(exponentials.sum())
        zeros = leading_zeros(total)
        fraction = ((total << (zeros - 1)) + (1 << 13)) >> 14
        place = np.clip(np.array(fraction - (1 << 15) - (1 << 16), np.int64), -32768, 32767)
        right = 31 - zeros
        products = exponentials * interpolated(RECIPROCALS, place) + (1 << (right - 1))
        shares: Int64 = np.clip(products >> right, 0, 32767)
        return shares


def prepare_softmax16(graph: Graph, op: Operator) -> Softmax16:
    """A SOFTMAX on int16."""
    source, output = symmetric_operands(graph, op)
    near = math.isclose(float(output.quantized.scale), 2.0**-15, rel_tol=1e-3)
    require(op, near, "its int16 output must have the scale 1/32768")
    real = float(source.quantized.scale) * op.number("beta") / (10.0 / 65535.0)
    rows, depth = rows_of(op, source)
    require(op, depth < 1 << 16, "rows of 65536 or more elements are not supported")
    return Softmax16(
        rows=rows,
        depth=depth,
        multiplier=quantize_multiplier(real),
        output_shape=output.shape,
    )
