"""Inference on an emulated board."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tinyml.bench.node_session import NodeSession
from tinyml.bench.session import BenchSession
from tinyml.boards import Board
from tinyml.compiler import DEFAULTS, Options
from tinyml.emulator import can_count
from tinyml.graph import Graph, Oracle
from tinyml.graph.ir import Array
from tinyml.progress import Progress, silent


def run_on_board(
    graph: Graph,
    board: Board,
    inputs: Sequence[Array],
    progress: Progress = silent,
    *,
    options: Options = DEFAULTS,
) -> list[Array]:
    """Outputs of a batch, as :meth:`tinyml.graph.Oracle.run` gives them, from an emulated board.

    Through the debugger, or where the board's emulator has none through a node's serial port.

    Args:
        graph: the model.
        board: an emulated board.
        inputs: one array an input, batch on axis 0.
        progress: told how many samples are done.
        options: as :func:`tinyml.compiler.compile_model` takes them.
    """
    # The oracle knows how batches are laid out.
    samples = Oracle(graph).samples(inputs)
    results: list[list[Array]] = [[] for _ in graph.outputs]
    kind = BenchSession if can_count(board) else NodeSession
    what = f"inference on {board.name}"
    progress(what, 0, len(samples))
    with kind(graph, board, options=options) as session:
        for number, sample in enumerate(samples, 1):
            session.reset_state()
            for found, value in zip(results, session.infer(sample), strict=True):
                found.append(value)
            progress(what, number, len(samples))
    shapes = [graph.tensor(index).shape for index in graph.outputs]
    return [
        np.stack(found).reshape(len(found), *(shape[1:] if shape[:1] == (1,) else shape))
        for found, shape in zip(results, shapes, strict=True)
    ]
