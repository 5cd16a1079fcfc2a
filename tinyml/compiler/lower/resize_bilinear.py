"""RESIZE_BILINEAR."""

import numpy as np

from tinyml.compiler.c_values import Struct, Table
from tinyml.compiler.lower.base import lowers
from tinyml.compiler.program import Call
from tinyml.graph.ops.resize_bilinear import Neighbours, ResizeBilinear


def _table(role: str, neighbours: Neighbours) -> Table:
    fields = (neighbours.lower, neighbours.upper, neighbours.weight)
    return Table(role, np.stack(fields, axis=1).astype(np.int16))


@lowers(ResizeBilinear)
def lower_resize_bilinear(op: ResizeBilinear) -> Call:
    """By the portable kernel."""
    batches, rows, columns, channels = op.input_shape
    params = Struct(
        "tml_resize_bilinear_t",
        {
            "batches": batches,
            "input_rows": rows,
            "input_columns": columns,
            "output_rows": len(op.rows.lower),
            "output_columns": len(op.columns.lower),
            "channels": channels,
            "rows": _table("rows", op.rows),
            "columns": _table("columns", op.columns),
        },
    )
    return Call("tml_resize_bilinear_int8", "resize_bilinear.c", params)
