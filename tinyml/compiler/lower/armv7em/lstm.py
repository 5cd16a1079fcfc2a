"""UNIDIRECTIONAL_SEQUENCE_LSTM on Armv7E-M."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tinyml.compiler.c_values import Expression, Struct, Table
from tinyml.compiler.lower.armv7em.products import (
    PackedRows,
    require_products,
)
from tinyml.compiler.lower.base import NotFitting, lowers
from tinyml.compiler.lower.lstm import common_struct
from tinyml.compiler.program import Call
from tinyml.graph.fixed_point import Int64
from tinyml.graph.ops.lstm import Lstm, Multiplier

_TOGETHER = 4  # units
_ACCUMULATOR_SHIFT = 7  # accumulators come times 256, which the high word halves
_MAX_RIGHT = 30  # shifts, whose halves fit 32 bits
_GROUP_BYTES = 8  # four activations: two words
_Matrix = tuple[npt.NDArray[np.int8], Int64, Multiplier]  # weights, bias, multiplier


@lowers(Lstm, feature="dsp")
def lower_lstm(op: Lstm) -> Call:
    """Gate by gate, four units at a time."""
    if max(op.forget[1], op.update[1], op.hidden[1]) >= 0:
        raise NotFitting
    filled = -(-op.units // _TOGETHER) * _TOGETHER
    params = Struct(
        "tml_armv7em_lstm_t",
        {
            "common": common_struct(op),
            "filled_units": filled,
            "input": _matrices(
                op, "input", [(gate.weights, gate.bias, gate.multiplier) for gate in op.gates]
            ),
            "hidden": _matrices(
                op,
                "hidden",
                [
                    (gate.recurrent, gate.recurrent_bias, gate.recurrent_multiplier)
                    for gate in op.gates
                ],
            ),
        },
    )
    groups = -(-max(op.inputs, op.units) // 4)
    return Call(
        "tml_armv7em_lstm",
        "armv7em/lstm.c",
        params,
        updates=(0, 1),
        scratch_bytes=8 * 2 * filled + _GROUP_BYTES * groups,
    )


def _matrices(op: Lstm, role: str, gates: list[_Matrix]) -> Struct:
    """tml_armv7em_lstm_matrices_t; zero points are in the biases."""
    filled = -(-op.units // _TOGETHER) * _TOGETHER
    packs = []
    for weights, bias, _ in gates:
        require_products(op.dtype, bias, weights, 0)
        rows = PackedRows.of(weights, bias, 0).filled(filled)
        packed = rows.packed(role, 0, filled, _TOGETHER)
        assert packed is not None
        packs.append(packed.data)
    return Struct(
        "tml_armv7em_lstm_matrices_t",
        {
            "inputs": gates[0][0].shape[1],
            "gate_words": len(packs[0]),
            "packed": Table(f"{role}_packed", np.concatenate(packs)),
            "gates": tuple(_gate(multiplier) for *_, multiplier in gates),
        },
    )


def _gate(multiplier: Multiplier) -> Struct:
    """tml_armv7em_lstm_gate_t: to int16, whose zero point of 0 is not the lowest element."""
    real, shift = multiplier
    if real == 0 or shift < 0:
        right = max(1, -shift)
        if right > _MAX_RIGHT:
            raise NotFitting
        ends, words = "tml_armv7em_row_ends_int16", (real, 1 << (right - 1), right)
    else:
        right = _ACCUMULATOR_SHIFT - shift
        if right < 1:
            raise NotFitting
        ends, words = "tml_armv7em_row_ends_int16_once", (real, 1 << (right - 1), right)
    return Struct("tml_armv7em_lstm_gate_t", {"ends": Expression(ends), "words": words})
