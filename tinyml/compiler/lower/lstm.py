"""UNIDIRECTIONAL_SEQUENCE_LSTM."""

from __future__ import annotations

from tinyml.compiler.c_values import Struct, Table, Value
from tinyml.compiler.lower.base import SIGMOID_TABLE, SUFFIX, bias_table, lowers, multiplier_struct
from tinyml.compiler.program import Call
from tinyml.graph.ops.lstm import GATES, Gate, Lstm


@lowers(Lstm)
def lower_lstm(op: Lstm) -> Call:
    """By the portable kernel."""
    return Call(
        f"tml_lstm_{SUFFIX[op.dtype]}",
        "lstm.c",
        Struct("tml_lstm_t", {"common": common_struct(op), "gates": _gates(op)}),
        updates=(0, 1),
    )


def common_struct(op: Lstm) -> Struct:
    """tml_lstm_common_t: what every LSTM kernel needs, whatever the form of its weights."""
    fields: dict[str, Value] = {
        "batches": op.batches,
        "steps": op.steps,
        "inputs": op.inputs,
        "units": op.units,
        "time_major": int(op.time_major),
        "cell_is_tanh": int(op.cell_is_tanh),
        "clip": op.clip,
        "forget": multiplier_struct(op.forget),
        "update": multiplier_struct(op.update),
        "hidden": multiplier_struct(op.hidden),
        "hidden_zero_point": op.hidden_zero_point,
        "tanh_multiplier": op.tanh[0],
        "tanh_right_shift": op.tanh[1],
        "sigmoid_table": SIGMOID_TABLE,
    }
    return Struct("tml_lstm_common_t", fields)


def _gates(op: Lstm) -> tuple[Struct, ...]:
    return tuple(_gate(op, name, gate) for name, gate in zip(GATES, op.gates, strict=True))


def _gate(op: Lstm, name: str, gate: Gate) -> Struct:
    return Struct(
        "tml_lstm_gate_t",
        {
            "weights": Table(f"{name}_weights", gate.weights),
            "recurrent": Table(f"{name}_recurrent", gate.recurrent),
            "bias": bias_table(gate.bias, gate.weights, 0, op.dtype, f"{name}_bias"),
            "recurrent_bias": bias_table(
                gate.recurrent_bias, gate.recurrent, 0, op.dtype, f"{name}_recurrent_bias"
            ),
            "multiplier": multiplier_struct(gate.multiplier),
            "recurrent_multiplier": multiplier_struct(gate.recurrent_multiplier),
        },
    )
