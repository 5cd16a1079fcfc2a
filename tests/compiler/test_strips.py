"""Runs of strips: the same outputs bit for bit, in buffers that hold what the schedule says."""

from dataclasses import replace

import numpy as np
import pytest

from tests.kernels.batch import Case, check, random_elements
from tests.support.graphs import side_by_side
from tests.support.strips import forced, network
from tests.support.synthetic import NETWORKS
from tests.support.targets import require_counting
from tinyml import boards
from tinyml.bench.session import BenchSession
from tinyml.bench.verify import verify
from tinyml.compiler import compile_model, model
from tinyml.compiler.rows import RowStep, RowTensor, Segment
from tinyml.graph import Oracle

CASES = 60
ON_BOARD = 8
BOARDS = ("mps2-an386", "mps2-an385-m0plus", "mps3-an547")


def chain(rows, windows):
    """Steps one after the other: (rows, stride, before, reach) of each, 10 bytes a row."""
    steps = [
        RowStep((index - 1 if index else len(windows),), RowTensor(made, 10), *window)
        for index, (made, *window) in enumerate(windows)
    ]
    return Segment(tuple(steps), (RowTensor(rows, 10),), 1, 1)


def test_every_row_is_made_once_and_in_order():
    segment = chain(20, [(20, 1, 1, 3), (10, 2, 0, 3), (10, 1, 1, 3)])
    for step, window in enumerate(segment.steps):
        strips = [(v.first, v.end) for v in segment.schedule.visits if v.step == step]
        assert [first for first, _ in strips] == [0, *(end for _, end in strips[:-1])]
        assert strips[-1][1] == window.output.rows


def test_a_window_of_three_rows_keeps_two():
    segment = chain(20, [(20, 1, 0, 1), (20, 1, 1, 3)])
    assert segment.schedule.kept == (2, 0)
    assert segment.schedule.held == (3, 0 + segment.schedule.held[1])


def test_the_output_may_follow_its_source():
    segment = replace(chain(20, [(20, 1, 0, 1), (20, 1, 1, 3)]), strip_rows=4, first_rows=4)
    # While it makes rows 0 to 4, all source rows up to 5 have been read for good.
    assert segment.schedule.distances == (0,)
    # A single step reads its source while it writes.
    assert replace(chain(20, [(20, 1, 1, 3)]), strip_rows=4).schedule.distances == (50,)


def test_random_networks_native(tmp_path, monkeypatch):
    monkeypatch.setattr(model, "schedule", forced)
    seed = 5
    print(f"seed {seed}")
    rng = np.random.default_rng(seed)
    graphs = [network(rng) for _ in range(CASES)]
    segments = [len(compile_model(graph, core="portable").program.segments) for graph in graphs]
    assert sum(segments) > CASES
    check([Case(graph, random_elements(rng, graph)) for graph in graphs], tmp_path, at_bound=False)


@pytest.mark.parametrize("board", BOARDS)
def test_random_networks_on_boards(board, monkeypatch):
    require_counting(board)
    monkeypatch.setattr(model, "schedule", forced)
    seed = BOARDS.index(board)
    print(f"seed {seed}")
    rng = np.random.default_rng(seed)
    graph = side_by_side([network(rng) for _ in range(ON_BOARD)])
    inputs = [x[np.newaxis] for x in random_elements(rng, graph)]
    found = verify(graph, boards.load(board), inputs)
    assert found.divergence is None, found.divergence


def test_guards_stay_whole(monkeypatch):
    require_counting("mps2-an386")
    graph = NETWORKS["streaming"]()
    monkeypatch.setattr(model, "schedule", forced)
    rng = np.random.default_rng(3)
    with BenchSession(graph, boards.load("mps2-an386")) as session:
        assert session.model.program.segments
        sample = random_elements(rng, graph)
        outputs = session.infer(sample)
    expected = dict(Oracle(graph).trace(sample))
    for index, output in zip(graph.outputs, outputs, strict=True):
        np.testing.assert_array_equal(output, expected[index])
