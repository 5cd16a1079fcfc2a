"""A serial port on systems without pseudo-terminals, such as Windows: TCP alone."""

import numpy as np
import pytest

from tests.support.nodes import build_node, outputs_of, samples_of, shipped_model
from tests.support.targets import on_each, require_board
from tinyml import boards
from tinyml.device import Node
from tinyml.emulator import Emulator, Faults, bridge


@pytest.fixture(autouse=True)
def no_terminals(monkeypatch):
    monkeypatch.setattr(bridge, "HAS_TERMINALS", False)


@pytest.mark.parametrize("name", on_each([boards.DEFAULT]))
def test_a_node_answers_over_tcp(name):
    board = require_board(name)
    graph = shipped_model(name)
    samples = samples_of(graph, 3)
    with Emulator(board, build_node(name, graph)) as emulator:
        assert emulator.serial_path == emulator.serial_url
        with Node(emulator.serial_path) as node:
            found = [list(node.feed(window).output) for window in samples]
    np.testing.assert_array_equal(found, outputs_of(graph, samples))


@pytest.mark.parametrize("name", on_each([boards.DEFAULT]))
def test_a_board_that_is_reset_answers_again(name):
    board = require_board(name)
    graph = shipped_model(name)
    faults = Faults.parse(["reset@400"], seed=1)
    with (
        Emulator(board, build_node(name, graph), faults=faults) as emulator,
        Node(emulator.serial_path, timeout_s=1, attempts=20) as node,
    ):
        boots = {node.info().boot_id for _ in range(10)}
    assert len(boots) == 2
