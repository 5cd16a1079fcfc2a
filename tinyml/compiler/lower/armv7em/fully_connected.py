"""FULLY_CONNECTED on Armv7E-M."""

from tinyml.compiler.c_values import Expression, Struct
from tinyml.compiler.lower.armv7em.products import PackedRows, epilogue, require_products
from tinyml.compiler.lower.base import lowers
from tinyml.compiler.program import Call
from tinyml.graph.ops.fully_connected import FullyConnected

_PIXEL_BYTES = 8  # a group of four activations: two words


@lowers(FullyConnected, feature="dsp")
def lower_fully_connected(op: FullyConnected) -> Call:
    """Four outputs at a time."""
    outputs, inputs = op.weights.shape
    require_products(op.dtype, op.bias, op.weights, op.input_zero_point)
    ends = epilogue(op.requantization, outputs)
    rows = PackedRows.of(op.weights, op.bias, op.input_zero_point, ends)
    whole = outputs & ~3
    filled = rows.filled(-(-outputs // 4) * 4)
    params = Struct(
        "tml_armv7em_fully_connected_t",
        {
            "batches": op.batches,
            "inputs": inputs,
            "outputs": outputs,
            "gemv": Expression(f"tml_armv7em_gemv_{ends.variant}"),
            "stream": filled.stream("stream", 0, whole, 4),
            "last_stream": filled.stream("last_stream", whole, outputs, 4),
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
