"""FULLY_CONNECTED on Armv7E-M."""

import numpy as np

from tinyml.compiler.c_values import Expression, Struct, Table
from tinyml.compiler.lower.armv7em.products import (
    PackedRows,
    folded_ends,
    require_products,
    wrapped,
)
from tinyml.compiler.lower.base import lowers
from tinyml.compiler.program import Call
from tinyml.graph.fixed_point import Int64
from tinyml.graph.ops.fully_connected import FullyConnected

_PIXEL_BYTES = 8  # a group of four activations: two words


@lowers(FullyConnected, feature="dsp")
def lower_fully_connected(op: FullyConnected) -> Call:
    """Four outputs at a time."""
    outputs, inputs = op.weights.shape
    reach = require_products(op.dtype, op.bias, op.weights, op.input_zero_point)
    ends = folded_ends(op.requantization, reach, signed=True)
    rows = PackedRows.of(op.weights, op.bias, op.input_zero_point, ends.biases)
    whole, filled = outputs & ~3, -(-outputs // 4) * 4
    rows = rows.filled(filled)
    table, words_bytes = _words(ends.words, filled)
    variant = ends.variant
    if ends.is_folded:
        variant = f"{'each' if words_bytes else 'all'}_{variant}"
    params = Struct(
        "tml_armv7em_fully_connected_t",
        {
            "batches": op.batches,
            "inputs": inputs,
            "outputs": outputs,
            "ends": Expression(f"tml_armv7em_row_ends_{variant}"),
            "words": table,
            "words_bytes": words_bytes,
            "addend": ends.addend,
            "packed": rows.packed("packed", 0, whole, 4),
            "last_packed": rows.packed("last_packed", whole, outputs, 4),
            "clamp": ends.clamp,
        },
    )
    return Call(
        "tml_armv7em_fully_connected",
        "armv7em/fully_connected.c",
        params,
        scratch_bytes=rows.groups * _PIXEL_BYTES,
        # A row of inputs is read before its outputs are written.
        overlaps={0: max(0, (outputs - inputs) * (op.batches - 1))},
    )


def _words(words: Int64, count: int) -> tuple[Table, int]:
    """What requantises all outputs, or each of ``count``; and the bytes from one to the next."""
    if np.all(words == words[0]):
        return Table("words", wrapped(words[0])), 0
    # Outputs beyond the last are thrown away, but take a shift that exists.
    filled = np.pad(words, ((0, count - len(words)), (0, 0)), mode="edge")
    return Table("words", wrapped(filled)), 4 * words.shape[1]
