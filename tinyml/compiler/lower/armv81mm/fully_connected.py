"""FULLY_CONNECTED on Armv8.1-M."""

import numpy as np

from tinyml.compiler.c_values import Struct, Table
from tinyml.compiler.lower.armv81mm.ends import ends, in_fours
from tinyml.compiler.lower.base import lowers
from tinyml.compiler.program import Call
from tinyml.graph.ops.fully_connected import FullyConnected

_TOGETHER = 4  # outputs


@lowers(FullyConnected, feature="mve")
def lower_fully_connected(op: FullyConnected) -> Call:
    """Four outputs at a time."""
    outputs, inputs = op.weights.shape
    end = ends(op.requantization, op.bias, op.weights, op.input_zero_point, op.dtype)
    same = bool(np.all(end.multipliers == end.multipliers[0]))
    same = same and bool(np.all(end.shifts == end.shifts[0]))
    biases, multipliers, shifts = end.filled(_TOGETHER)
    if same:
        multipliers, shifts = (
            np.full(_TOGETHER, values[0], np.int32) for values in (multipliers, shifts)
        )
    params = Struct(
        "tml_armv81mm_fully_connected_t",
        {
            "batches": op.batches,
            "inputs": inputs,
            "outputs": outputs,
            "weights": Table("weights", in_fours(op.weights)),
            "biases": Table("biases", biases),
            "multipliers": Table("multipliers", multipliers),
            "shifts": Table("shifts", shifts),
            "same_for_all": int(same),
            "range": end.range,
        },
    )
    return Call(
        "tml_armv81mm_fully_connected",
        "armv81mm/fully_connected.c",
        params,
    )
