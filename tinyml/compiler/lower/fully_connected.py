"""FULLY_CONNECTED."""

from tinyml.compiler.c_values import Struct, Table
from tinyml.compiler.lower.base import (
    SUFFIX,
    bias_table,
    lowers,
    requantization_struct,
    tested_on_avr,
)
from tinyml.compiler.program import Call
from tinyml.graph.ops.fully_connected import FullyConnected

_SOURCE = tested_on_avr("fully_connected.c")


@lowers(FullyConnected)
def lower_fully_connected(op: FullyConnected) -> Call:
    """By the portable kernel."""
    outputs, inputs = op.weights.shape
    params = Struct(
        "tml_fully_connected_t",
        {
            "batches": op.batches,
            "inputs": inputs,
            "outputs": outputs,
            "input_zero_point": op.input_zero_point,
            "weights": Table("weights", op.weights),
            "bias": bias_table(op.bias, op.weights, op.input_zero_point, op.dtype),
            "requantization": requantization_struct(op.requantization, outputs),
        },
    )
    return Call(f"tml_fully_connected_{SUFFIX[op.dtype]}", _SOURCE, params)
