"""UNIDIRECTIONAL_SEQUENCE_LSTM on Armv6-M."""

import numpy as np
import numpy.typing as npt

from tinyml.compiler.c_values import Struct, Table
from tinyml.compiler.lower.armv6m.products import require_int8, require_products
from tinyml.compiler.lower.armv6m.quadruples import quadruples
from tinyml.compiler.lower.base import lowers, multiplier_struct
from tinyml.compiler.lower.lstm import common_struct
from tinyml.compiler.program import Call
from tinyml.graph.fixed_point import Int64
from tinyml.graph.ops.lstm import Lstm


@lowers(Lstm, feature="armv6m")
def lower_lstm(op: Lstm) -> Call:
    """The four gates of a unit at a time."""
    require_int8(op.dtype)
    multipliers = tuple(
        Struct(
            "tml_lstm_gate_t",
            {
                "multiplier": multiplier_struct(gate.multiplier),
                "recurrent_multiplier": multiplier_struct(gate.recurrent_multiplier),
            },
        )
        for gate in op.gates
    )
    params = Struct(
        "tml_armv6m_lstm_t",
        {
            "lstm": Struct("tml_lstm_t", {"common": common_struct(op), "gates": multipliers}),
            "input": _gates(
                "input", [gate.weights for gate in op.gates], [gate.bias for gate in op.gates]
            ),
            "recurrent": _gates(
                "recurrent",
                [gate.recurrent for gate in op.gates],
                [gate.recurrent_bias for gate in op.gates],
            ),
        },
    )
    return Call(
        "tml_armv6m_lstm",
        "armv6m/unidirectional_lstm.c",
        params,
        updates=(0, 1),
        scratch_bytes=32 * op.units + 4 * max(op.inputs, op.units),
    )


def _gates(role: str, weights: list[npt.NDArray[np.int8]], biases: list[Int64]) -> Struct:
    """tml_armv6m_gates_t of [units, inputs] and [units], one a gate."""
    by_unit = np.stack(weights, axis=1).reshape(-1, weights[0].shape[1])
    bias = np.stack(biases, axis=1).reshape(-1)
    require_products(bias, by_unit, 0)
    words, chunks = quadruples(by_unit, 1)
    return Struct(
        "tml_armv6m_gates_t",
        {
            "inputs": by_unit.shape[1],
            "weights": Table(f"{role}_weights", words),
            "chunks": Table(f"{role}_chunks", chunks),
            "biases": Table(f"{role}_biases", bias.astype(np.int32)),
        },
    )
