"""FULLY_CONNECTED on Armv6-M (firmware/kernels/armv6m/gemv.h)."""

from typing import Final

import numpy as np
import numpy.typing as npt

from tinyml.compiler.c_values import Expression, Struct, Table
from tinyml.compiler.lower.armv6m.products import (
    folded_bias,
    require_int8,
    require_products,
)
from tinyml.compiler.lower.armv6m.quadruples import quadruples
from tinyml.compiler.lower.armv6m.stairs import stairs
from tinyml.compiler.lower.base import NotFitting, lowers
from tinyml.compiler.program import Call
from tinyml.graph.ops.fully_connected import FullyConnected

_FEWEST_OUTPUTS: Final = 3  # fewer waste so much of a quadruple that plain sums are quicker
# Inputs that are spread out in scratch, four bytes each; more are passed over four times instead,
# which costs no memory, but ends a chunk with each pass.
_MOST_SPREAD: Final = 64


@lowers(FullyConnected, feature="armv6m")
def lower_fully_connected(op: FullyConnected) -> Call:
    """Four outputs at a time."""
    outputs, inputs = op.weights.shape
    require_int8(op.dtype)
    if outputs < _FEWEST_OUTPUTS:
        raise NotFitting
    ends = stairs(op.requantization, outputs)
    weights, bias = ends.lively(op.weights, op.bias)
    require_products(bias, weights, op.input_zero_point)
    words = ends.table(folded_bias(bias, weights, op.input_zero_point)).data
    shared = bool(np.all(words[:, 1:] == words[0, 1:]))
    # Outputs beyond the last are thrown away.
    fill = -outputs % 4
    filled = np.pad(words, ((0, fill), (0, 0)), mode="edge")
    weights = np.pad(weights, ((0, fill), (0, 0)))
    whole = outputs & ~3
    passes = 1 if inputs <= _MOST_SPREAD else 4
    table, chunks = _tables(weights[:whole], passes, "")
    last_table, last_chunks = _tables(weights[whole:], passes, "last_")
    params = Struct(
        "tml_armv6m_fully_connected_t",
        {
            "batches": op.batches,
            "inputs": inputs,
            "outputs": outputs,
            "passes": passes,
            "gemv": Expression(f"tml_armv6m_gemv_{ends.variant}"),
            "weights": table,
            "chunks": chunks,
            "biases": Table("biases", filled[:, 0]),
            "ends": Table("ends", filled[:1, 1:] if shared else filled[:, 1:]),
            "ends_bytes": 0 if shared else 4 * (words.shape[1] - 1),
            "last_weights": last_table,
            "last_chunks": last_chunks,
            "lowest": ends.lowest,
            "highest": ends.highest,
        },
    )
    name = "tml_armv6m_fully_connected"
    return Call(
        name if passes == 1 else f"{name}_in_place",
        "armv6m/fully_connected.c",
        params,
        scratch_bytes=4 * inputs if passes == 1 else 0,
    )


def _tables(
    weights: npt.NDArray[np.int8], passes: int, prefix: str
) -> tuple[Table | None, Table | None]:
    """Words and chunks; None where there are no outputs."""
    if not len(weights):
        return None, None
    words, chunks = quadruples(weights, passes)
    return Table(f"{prefix}weights", words), Table(f"{prefix}chunks", chunks)
