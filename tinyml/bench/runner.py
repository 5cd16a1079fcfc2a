"""Inference on an emulated board."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from tinyml import boards
from tinyml.bench.session import BenchSession
from tinyml.graph import Oracle, load
from tinyml.graph.ir import Array


def run_on_board(
    model: Path | str,
    board: str,
    inputs: Sequence[Array],
    progress: Callable[[int], None] | None = None,
) -> list[Array]:
    """Outputs of a batch, as :meth:`tinyml.graph.Oracle.run` gives them, from an emulated board.

    Args:
        model: a .tflite.
        board: the name of an emulated board.
        inputs: one array an input, batch on axis 0.
        progress: called with the number of samples done.
    """
    target = boards.load(board)
    graph = load(model)
    # The oracle knows how batches are laid out.
    samples = Oracle(graph).samples(inputs)
    results: list[list[Array]] = [[] for _ in graph.outputs]
    with BenchSession(graph, target) as session:
        for number, sample in enumerate(samples, 1):
            session.reset_state()
            for found, value in zip(results, session.infer(sample), strict=True):
                found.append(value)
            if progress is not None:
                progress(number)
    shapes = [graph.tensor(index).shape for index in graph.outputs]
    return [
        np.stack(found).reshape(len(found), *(shape[1:] if shape[:1] == (1,) else shape))
        for found, shape in zip(results, shapes, strict=True)
    ]
