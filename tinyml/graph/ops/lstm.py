"""UNIDIRECTIONAL_SEQUENCE_LSTM, int8 and 16x8, with a cell state of int16.

Source: TFLite Micro's lstm_eval.h, lstm_eval.cc, lstm_eval_common.cc. It differs from LiteRT: each
gate's products with input and with hidden state are rounded to int16 one by one, twice each, and
added with saturation; sigmoid and tanh come from one table of 256; a gate's bias stays apart from
zero points. No peepholes, projection, layer normalisation or coupled gates, as there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from tinyml.graph import sigmoid_table
from tinyml.graph.fixed_point import (
    Int64,
    multiply_by_quantized_multiplier,
    multiply_int64_by_quantized_multiplier,
    quantize_multiplier,
    wrap_int32,
)
from tinyml.graph.ir import RANGES, Array, DType, Graph, Operator, Tensor
from tinyml.graph.ops.base import (
    require,
    require_dtype,
    require_rank,
    require_same_dtype,
    require_shape,
)
from tinyml.graph.ops.facts import ACTIVATION, Difference, Facts, Tflm
from tinyml.graph.ops.registry import operator
from tinyml.graph.schema import Activation

GATES: Final = ("input", "forget", "cell", "output")  # as the operator's weights are ordered
_WEIGHTS, _RECURRENT, _BIASES = 1, 5, 12  # first of four inputs each
_VARIANTS: Final = {
    "peepholes": range(9, 12),
    "a projection": range(16, 18),
    "layer normalisation": range(20, 24),
}
_HIDDEN, _CELL = 18, 19
_GATE_SCALE: Final = 2.0**-12  # before sigmoid and tanh
_OUT_OF_GATE: Final = 2.0**-15  # after them
_SIGMOID_MULTIPLIER: Final = 3

Multiplier = tuple[int, int]


@dataclass(frozen=True)
class Gate:
    """One of the four gates; zero points are folded into the biases."""

    weights: npt.NDArray[np.int8]  # [units, inputs]
    recurrent: npt.NDArray[np.int8]  # [units, units]
    bias: Int64  # [units]
    recurrent_bias: Int64  # [units]
    multiplier: Multiplier
    recurrent_multiplier: Multiplier


@dataclass(frozen=True)
class Lstm:
    """Rows of inputs in time, each with what the rows before it left."""

    batches: int
    steps: int
    time_major: bool
    gates: tuple[Gate, Gate, Gate, Gate]  # as GATES
    cell_is_tanh: bool  # the cell gate's activation: tanh, else sigmoid
    forget: Multiplier  # forget gate times cell state
    update: Multiplier  # input gate times cell gate
    hidden: Multiplier  # tanh of the cell state times output gate
    hidden_zero_point: int
    tanh: Multiplier  # of the cell state: multiplier and right shift for the table
    clip: int  # of the cell state; 0 for none
    dtype: DType
    output_shape: tuple[int, ...]

    @property
    def units(self) -> int:
        """Cells of the state."""
        return len(self.gates[0].bias)

    @property
    def inputs(self) -> int:
        """Elements of one row of the input."""
        return int(self.gates[0].weights.shape[1])

    @property
    def macs(self) -> int:
        """Multiply-accumulates."""
        return 4 * self.batches * self.steps * self.units * (self.inputs + self.units)

    def evaluate(self, *inputs: Array) -> tuple[Array, ...]:
        """The output in ``output_shape``, then the new hidden and cell state in theirs."""
        source, hidden, cell = inputs[0], inputs[-2], inputs[-1]
        rows = source.astype(np.int64)
        if not self.time_major:
            rows = rows.swapaxes(0, 1)
        h = hidden.reshape(self.batches, self.units).astype(np.int64)
        c = cell.reshape(self.batches, self.units).astype(np.int64)
        outputs = []
        for row in rows:
            h, c = self._step(row, h, c)
            outputs.append(h)
        output = np.stack(outputs, axis=0 if self.time_major else 1)
        return (
            output.astype(self.dtype.numpy).reshape(self.output_shape),
            h.astype(self.dtype.numpy).reshape(hidden.shape),
            c.astype(np.int16).reshape(cell.shape),
        )

    def _step(self, x: Int64, h: Int64, c: Int64) -> tuple[Int64, Int64]:
        into, forget, candidate, out = (self._gate(gate, x, h) for gate in self.gates)
        into = sigmoid_table.sigmoid(into, _SIGMOID_MULTIPLIER, 0)
        forget = sigmoid_table.sigmoid(forget, _SIGMOID_MULTIPLIER, 0)
        out = sigmoid_table.sigmoid(out, _SIGMOID_MULTIPLIER, 0)
        activation = sigmoid_table.tanh if self.cell_is_tanh else sigmoid_table.sigmoid
        candidate = activation(candidate, _SIGMOID_MULTIPLIER, 0)
        kept = _short(multiply_by_quantized_multiplier(forget * c, *self.forget))
        added = _short(multiply_by_quantized_multiplier(into * candidate, *self.update))
        c = _short(kept + added)
        if self.clip > 0:
            c = np.clip(c, -self.clip, self.clip)
        shown = sigmoid_table.tanh(c, *self.tanh) * out
        h = multiply_by_quantized_multiplier(shown, *self.hidden) + self.hidden_zero_point
        return np.clip(h, *RANGES[self.dtype]), c

    def _gate(self, gate: Gate, x: Int64, h: Int64) -> Int64:
        from_input = self._scaled(x @ gate.weights.T.astype(np.int64) + gate.bias, gate.multiplier)
        recurrent = h @ gate.recurrent.T.astype(np.int64) + gate.recurrent_bias
        return _short(from_input + self._scaled(recurrent, gate.recurrent_multiplier))

    def _scaled(self, sums: Int64, multiplier: Multiplier) -> Int64:
        if self.dtype is DType.INT16:
            return _short(multiply_int64_by_quantized_multiplier(sums, *multiplier))
        return _short(multiply_by_quantized_multiplier(wrap_int32(sums), *multiplier))


def _short(values: Int64) -> Int64:
    clipped: Int64 = np.clip(values, -32768, 32767)
    return clipped


@operator(
    UNIDIRECTIONAL_SEQUENCE_LSTM=Facts(
        inputs=24,
        options=(
            ACTIVATION,
            ("cell_clip", "f", 0.0),
            ("proj_clip", "f", 0.0),
            ("time_major", "?", False),
        ),
        keeps_state=True,
        tflm=Tflm("UnidirectionalSequenceLSTM", 16, 688, 688, 912),
        recorded=True,
        litert_differs=Difference(1, "TFLite Micro rounds twice inside, LiteRT once"),
    ),
)
def prepare_lstm(graph: Graph, op: Operator) -> Lstm:
    """Check a UNIDIRECTIONAL_SEQUENCE_LSTM."""
    source, output = graph.input_of(op, 0), graph.output_of(op)
    require_dtype(op, source, (DType.INT8, DType.INT16))
    require_same_dtype(op, source, output)
    require_rank(op, source, 3)
    require_rank(op, output, 3)
    for what, positions in _VARIANTS.items():
        absent = all(graph.optional_input_of(op, position) is None for position in positions)
        require(op, absent, f"{what} is not supported; use a plain LSTM layer")
    hidden, cell = _state(graph, op, source)
    time_major = bool(op.options["time_major"])
    steps, batches = source.shape[:2] if time_major else source.shape[1::-1]
    units = output.shape[-1]
    require_shape(op, output, (*source.shape[:2], units))
    for state in (hidden, cell):
        require(op, state.elements == batches * units, "its state does not fit its output")
    activation = op.integer("activation")
    sigmoid = 6  # kTfLiteActSigmoid, which the schema does not name
    require(op, activation in (Activation.TANH, sigmoid), "its activation must be tanh")
    gates = [_gate(graph, op, number, hidden, units) for number in range(len(GATES))]
    scale = float(cell.quantized.scale)
    clip = max(min(op.number("cell_clip") / scale, 32767.0), -32768.0)
    hidden_scale = float(hidden.quantized.scale)
    return Lstm(
        batches=batches,
        steps=steps,
        time_major=time_major,
        gates=(gates[0], gates[1], gates[2], gates[3]),
        cell_is_tanh=activation == Activation.TANH,
        forget=quantize_multiplier(_OUT_OF_GATE * scale / scale),
        update=quantize_multiplier(_OUT_OF_GATE * _OUT_OF_GATE / scale),
        hidden=quantize_multiplier(_OUT_OF_GATE * _OUT_OF_GATE / hidden_scale),
        hidden_zero_point=hidden.quantized.zero_point,
        tanh=_tanh_of_cell(op, cell),
        clip=int(clip),
        dtype=output.dtype,
        output_shape=output.shape,
    )


def _state(graph: Graph, op: Operator, source: Tensor) -> tuple[Tensor, Tensor]:
    hidden, cell = graph.input_of(op, _HIDDEN), graph.input_of(op, _CELL)
    require(op, op.updates == (hidden.index, cell.index), "its two states must be variables")
    require_same_dtype(op, source, hidden)
    require_dtype(op, cell, (DType.INT16,))
    require(op, cell.quantized.zero_point == 0, "its cell state must have the zero point 0")
    if source.dtype is DType.INT16:
        symmetric = source.quantized.zero_point == 0 and hidden.quantized.zero_point == 0
        require(op, symmetric, "int16 tensors must have the zero point 0")
    return hidden, cell


def _tanh_of_cell(op: Operator, cell: Tensor) -> Multiplier:
    """For a cell state of Q(15 + power).(-power), power = log2 of its scale."""
    fraction, exponent = math.frexp(float(cell.quantized.scale))
    power = exponent - 1
    require(
        op,
        fraction == 0.5 and -15 <= power <= -1,
        "the scale of its cell state must be a power of two from 2^-15 to 2^-1",
    )
    shift = 12 + power
    return (3 << shift, 0) if shift >= 0 else (3, -shift)


def _gate(graph: Graph, op: Operator, number: int, hidden: Tensor, units: int) -> Gate:
    source = graph.input_of(op, 0)
    weights = _matrix(graph, op, _WEIGHTS + number, (units, source.shape[2]))
    recurrent = _matrix(graph, op, _RECURRENT + number, (units, units))
    bias = graph.input_of(op, _BIASES + number)
    require_dtype(op, bias, (DType.INT64,) if source.dtype is DType.INT16 else (DType.INT32,))
    require_shape(op, bias, (units,))
    elements = graph.constant_of(op, _BIASES + number).astype(np.int64)
    require(op, bool(np.all(np.abs(elements) < 2**31)), "a bias does not fit in 32 bits")
    return Gate(
        weights=weights,
        recurrent=recurrent,
        bias=elements - source.quantized.zero_point * _row_sums(weights),
        recurrent_bias=-hidden.quantized.zero_point * _row_sums(recurrent),
        multiplier=_into_gate(source, graph.input_of(op, _WEIGHTS + number)),
        recurrent_multiplier=_into_gate(hidden, graph.input_of(op, _RECURRENT + number)),
    )


def _row_sums(weights: npt.NDArray[np.int8]) -> Int64:
    sums: Int64 = weights.astype(np.int64).sum(axis=1)
    return sums


def _matrix(
    graph: Graph, op: Operator, position: int, shape: tuple[int, int]
) -> npt.NDArray[np.int8]:
    tensor = graph.input_of(op, position)
    require_dtype(op, tensor, (DType.INT8,))
    require_shape(op, tensor, shape)
    require(op, tensor.quantized.zero_point == 0, "its weights must have the zero point 0")
    return graph.constant_of(op, position)


def _into_gate(source: Tensor, weights: Tensor) -> Multiplier:
    product = source.quantized.scale * weights.quantized.scale  # float32, as TFLite does
    return quantize_multiplier(float(product) / _GATE_SCALE)
