"""Many small models in one image on an emulated board, against the oracle."""

from collections.abc import Sequence

import numpy as np

from tinyml.bench.session import BenchSession
from tinyml.graph import Oracle
from tinyml.graph.ir import Array


def check_sample(session: BenchSession, sample: Sequence[Array]) -> None:
    """One inference from the first state on: every output equals the oracle's."""
    graph = session.graph
    expected = dict(Oracle(graph).trace(sample))
    session.reset_state()
    outputs = session.infer(sample)
    for index, output in zip(graph.outputs, outputs, strict=True):
        op = next(op for op in graph.operators if index in op.outputs)
        np.testing.assert_array_equal(
            output, expected[index], err_msg=f"{op} on {session.board.name}"
        )
