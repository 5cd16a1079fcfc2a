"""UNIDIRECTIONAL_SEQUENCE_LSTM on Armv8.1-M."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tinyml.compiler.c_values import Struct, Table
from tinyml.compiler.lower.armv81mm.ends import in_fours
from tinyml.compiler.lower.base import NotFitting, bias_table, lowers, multiplier_struct
from tinyml.compiler.lower.lstm import common_struct
from tinyml.compiler.program import Call
from tinyml.graph.fixed_point import Int64
from tinyml.graph.ir import DType
from tinyml.graph.ops.lstm import GATES, Lstm, Multiplier

_TOGETHER = 4  # units


@lowers(Lstm, feature="mve")
def lower_lstm(op: Lstm) -> Call:
    """All gates of four units at a time."""
    if op.dtype is not DType.INT8:
        raise NotFitting
    named = list(zip(GATES, op.gates, strict=True))
    params = Struct(
        "tml_armv81mm_lstm_t",
        {
            "common": common_struct(op),
            "inputs": tuple(
                _product(name, gate.weights, gate.bias, gate.multiplier) for name, gate in named
            ),
            "hidden": tuple(
                _product(
                    f"{name}_recurrent",
                    gate.recurrent,
                    gate.recurrent_bias,
                    gate.recurrent_multiplier,
                )
                for name, gate in named
            ),
        },
    )
    return Call("tml_armv81mm_lstm", "armv81mm/lstm.c", params, updates=(0, 1))


def _product(
    name: str, weights: npt.NDArray[np.int8], bias: Int64, multiplier: Multiplier
) -> Struct:
    """tml_armv81mm_lstm_product_t; zero points are in the biases."""
    checked = bias_table(bias, weights, 0, DType.INT8, f"{name}_bias")
    filled = np.pad(checked.data, (0, -len(bias) % _TOGETHER))
    return Struct(
        "tml_armv81mm_lstm_product_t",
        {
            "weights": Table(f"{name}_weights", in_fours(weights)),
            "biases": Table(checked.role, filled),
            "multiplier": multiplier_struct(multiplier),
        },
    )
