"""SVDF."""

import numpy as np

from tinyml.compiler.c_values import Struct, Table
from tinyml.compiler.lower.base import (
    SUFFIX,
    lowers,
    multiplier_struct,
    requantization_struct,
)
from tinyml.compiler.program import Call
from tinyml.graph.ops.svdf import Svdf


@lowers(Svdf)
def lower_svdf(op: Svdf) -> Call:
    """By the portable kernel."""
    filters, memory = op.times.shape
    params = Struct(
        "tml_svdf_t",
        {
            "batches": op.batches,
            "inputs": op.features.shape[1],
            "units": filters // op.rank,
            "rank": op.rank,
            "memory": memory,
            "input_zero_point": op.input_zero_point,
            "state_zero_point": op.state_zero_point,
            "features": Table("features", op.features),
            "times": Table("times", op.times),
            "bias": Table("bias", op.bias.astype(np.int32)),
            "into_state": multiplier_struct(op.into_state),
            "requantization": requantization_struct(op.requantization, 1),
        },
    )
    return Call(f"tml_svdf_{SUFFIX[op.state_dtype]}", "svdf.c", params, updates=(0,))
