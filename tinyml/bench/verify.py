"""Is the board right: every layer's tensor against the oracle, bit for bit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tinyml.bench.session import BenchSession
from tinyml.boards import Board
from tinyml.compiler import DEFAULTS, Options
from tinyml.compiler.rows import Visit
from tinyml.graph import Graph, Oracle
from tinyml.graph.ir import Array


@dataclass(frozen=True)
class Divergence:
    """Where board and oracle first differ."""

    sample: int
    operator: int
    op: str
    tensor: str
    index: tuple[int, ...]  # of the first element that differs
    board: float
    oracle: float
    differing: int
    elements: int

    @property
    def likely_cause(self) -> str:
        """What usually makes such a difference."""
        if self.differing == self.elements:
            return "every element differs: wrong parameters, or memory that was overwritten"
        if abs(self.board - self.oracle) <= 1:
            return "off by one: a rounding that differs from TFLite Micro's"
        return "some elements differ: a border or a tail that a kernel treats wrongly"


@dataclass(frozen=True)
class Verification:
    """What was compared, and the first difference if there is one."""

    model: str
    board: str
    samples: int
    layers: int
    tensors_compared: int
    divergence: Divergence | None


def verify(
    graph: Graph,
    board: Board,
    inputs: Sequence[Array],
    progress: Callable[[int], None] | None = None,
    *,
    options: Options = DEFAULTS,
) -> Verification:
    """Run samples step by step on an emulated board and compare every tensor.

    Args:
        graph: the model.
        board: an emulated board.
        inputs: as :meth:`tinyml.graph.Oracle.run` takes them.
        progress: called with the number of samples done.
        options: as :func:`tinyml.compiler.compile_model` takes them.
    """
    oracle = Oracle(graph)
    samples = oracle.samples(inputs)
    compared = 0
    with BenchSession(graph, board, options=options) as session:
        steps = session.model.program.steps
        found = None
        for number, sample in enumerate(samples):
            expected = dict(oracle.trace(sample))
            for position, visit, _ in session.steps(sample):
                if position < 0 or found is not None:
                    continue
                for tensor in steps[position].tensors:
                    compared += visit is None or visit.first == 0
                    place = _Place(number, position, tensor, visit)
                    found = found or _difference(session, place, expected[tensor])
            if found is not None:
                break
            if progress is not None:
                progress(number + 1)
    return Verification(graph.name, board.name, len(samples), len(steps), compared, found)


@dataclass(frozen=True)
class _Place:
    """What a step has just written."""

    sample: int
    step: int
    tensor: int
    visit: Visit | None  # the band of rows, where it is not the whole tensor


def _difference(session: BenchSession, place: _Place, expected: Array) -> Divergence | None:
    step = session.model.program.steps[place.step]
    wanted = session.model.optimized.of(place.tensor, expected)
    visit = place.visit
    if visit is None:
        on_board = session.tensor(place.tensor)
    else:
        on_board = session.band(place.tensor, place.step, visit)
        wanted = wanted[:, visit.first : visit.end]
    wrong = np.argwhere(on_board != wanted)
    if len(wrong) == 0:
        return None
    first = tuple(int(i) for i in wrong[0])
    shown = first if visit is None else (first[0], first[1] + visit.first, *first[2:])
    return Divergence(
        sample=place.sample,
        operator=step.operator,
        op=step.op,
        tensor=session.graph.tensor(place.tensor).name,
        index=shown,
        board=float(on_board[first]),
        oracle=float(wanted[first]),
        differing=len(wrong),
        elements=on_board.size,
    )
