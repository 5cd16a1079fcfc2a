"""Is the board right: every layer's tensor against the oracle, bit for bit.

Where the board's emulator cannot stop between layers, the outputs alone are compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tinyml.bench.node_session import NodeSession
from tinyml.bench.session import BenchSession
from tinyml.boards import Board
from tinyml.compiler import DEFAULTS, Options
from tinyml.compiler.rows import Visit
from tinyml.emulator import can_count
from tinyml.graph import Graph, Oracle
from tinyml.graph.ir import Array
from tinyml.progress import Progress, silent

Samples = Sequence[Sequence[Array]]  # each with all inputs in full shapes


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
            return "every element differs: the parameters are wrong, or memory was overwritten"
        if abs(self.board - self.oracle) <= 1:
            return "the difference is one step: rounding differs from TFLite Micro's"
        return "some elements differ: a kernel treats a border or the last elements wrongly"


@dataclass(frozen=True)
class Verification:
    """What was compared, and the first difference if there is one."""

    model: str
    board: str
    samples: int
    layers: int  # that were compared; 0 where only outputs were
    tensors_compared: int
    divergence: Divergence | None


def verify(
    graph: Graph,
    board: Board,
    inputs: Sequence[Array],
    progress: Progress = silent,
    *,
    options: Options = DEFAULTS,
) -> Verification:
    """Run samples on an emulated board and compare every tensor, or the outputs alone.

    Args:
        graph: the model.
        board: an emulated board.
        inputs: as :meth:`tinyml.graph.Oracle.run` takes them.
        progress: told how many samples are done.
        options: as :func:`tinyml.compiler.compile_model` takes them.
    """
    samples = Oracle(graph).samples(inputs)
    compare = _compare_layers if can_count(board) else _compare_outputs
    progress(_title(board), 0, len(samples))
    return compare(graph, board, samples, progress, options)


def _compare_layers(
    graph: Graph, board: Board, samples: Samples, progress: Progress, options: Options
) -> Verification:
    oracle = Oracle(graph)
    compared = 0
    found = None
    with BenchSession(graph, board, options=options) as session:
        steps = session.model.program.steps
        for number, sample in enumerate(samples):
            expected = dict(oracle.trace(sample))
            for position, visit, _ in session.steps(sample):
                if position < 0 or found is not None:
                    continue
                step = steps[position]
                for tensor in step.tensors:
                    compared += visit is None or visit.first == 0
                    place = _Place(number, step.operator, step.op, graph.tensor(tensor).name)
                    written = _Written(step.index, tensor, visit)
                    found = found or _of_step(session, place, written, expected[tensor])
            if found is not None:
                break
            progress(_title(board), number + 1, len(samples))
    return Verification(graph.name, board.name, len(samples), len(steps), compared, found)


def _compare_outputs(
    graph: Graph, board: Board, samples: Samples, progress: Progress, options: Options
) -> Verification:
    oracle = Oracle(graph)
    compared = 0
    found = None
    made_by = {tensor: op for op in graph.operators for tensor in op.outputs}
    with NodeSession(graph, board, options=options) as session:
        for number, sample in enumerate(samples):
            expected = dict(oracle.trace(sample))
            for tensor, on_board in zip(graph.outputs, session.infer(sample), strict=True):
                compared += 1
                op = made_by[tensor]
                place = _Place(number, op.index, op.name, graph.tensor(tensor).name)
                found = found or _difference(place, on_board, expected[tensor])
            if found is not None:
                break
            progress(_title(board), number + 1, len(samples))
    return Verification(graph.name, board.name, len(samples), 0, compared, found)


def _title(board: Board) -> str:
    return f"verifying on {board.name}"


@dataclass(frozen=True)
class _Place:
    """Where a tensor comes from, for messages."""

    sample: int
    operator: int
    op: str
    tensor: str


@dataclass(frozen=True)
class _Written:
    """What a step has just written."""

    step: int
    tensor: int
    visit: Visit | None  # the strip of rows, where it is not the whole tensor


def _of_step(
    session: BenchSession, place: _Place, written: _Written, expected: Array
) -> Divergence | None:
    wanted = session.model.optimized.of(written.tensor, expected)
    visit = written.visit
    if visit is None:
        return _difference(place, session.tensor(written.tensor), wanted)
    strip = session.strip(written.tensor, written.step, visit)
    return _difference(place, strip, wanted[:, visit.first : visit.end], visit.first)


def _difference(
    place: _Place, on_board: Array, wanted: Array, first_row: int = 0
) -> Divergence | None:
    wrong = np.argwhere(on_board != wanted)
    if len(wrong) == 0:
        return None
    first = tuple(int(i) for i in wrong[0])
    return Divergence(
        sample=place.sample,
        operator=place.operator,
        op=place.op,
        tensor=place.tensor,
        index=(first[0], first[1] + first_row, *first[2:]) if first_row else first,
        board=float(on_board[first]),
        oracle=float(wanted[first]),
        differing=len(wrong),
        elements=on_board.size,
    )
