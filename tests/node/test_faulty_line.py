"""A node on a bad line: every answer is right or none, and nothing is lost."""

from pathlib import Path

import numpy as np
import pytest

from tests.support.nodes import build_node, shipped_model
from tests.support.targets import require_board
from tinyml.boards import load
from tinyml.device import Node
from tinyml.emulator import Emulator, Faults, emulators
from tinyml.errors import DeviceError, PortError
from tinyml.graph import Oracle
from tinyml.model import ModelSettings

BOARD = "microbit"
EMULATORS = [pytest.param(e, marks=pytest.mark.on_emulator(e)) for e in emulators(load(BOARD))]
pytestmark = pytest.mark.parametrize("emulated_by", EMULATORS)


@pytest.fixture(scope="module")
def image() -> Path:
    return build_node(BOARD, shipped_model(BOARD))


def samples_and_outputs(count: int) -> tuple[np.ndarray, list[list[int]]]:
    graph = shipped_model(BOARD)
    front_end = ModelSettings.from_bytes(graph.metadata["tinyml"]).front_end
    seed = 20261124
    print(f"seed {seed}")
    shape = (count, front_end.window, front_end.channels)
    samples = np.random.default_rng(seed).integers(-3000, 3000, shape).astype(np.int16)
    (expected,) = Oracle(graph).run([front_end.transform(samples)])
    return samples, expected.reshape(count, -1).astype(int).tolist()


@pytest.mark.parametrize("faults", [["noise:0.0005"], ["drop:0.0005"], ["reset@900"]])
def test_answers_stay_right_under(emulated_by, faults, image):
    samples, expected = samples_and_outputs(4)
    wanted = Faults.parse(faults, seed=5)
    with (
        Emulator(require_board(BOARD), image, faults=wanted) as emulator,
        Node(emulator.serial_path, timeout_s=0.5, attempts=20) as node,
    ):
        fed = [node.feed(window, tag=tag) for tag, window in enumerate(samples)]
        assert [list(record.output) for record in fed] == expected
        assert {record.tag for record in fed} == set(range(4))
        kept = {record.sequence for record in node.records(0).records}
        assert {record.sequence for record in fed} <= kept


@pytest.mark.parametrize(("event", "boots"), [("unplug", 1), ("brown-out", 2)])
def test_a_port_that_went_away_comes_back_under_its_name(emulated_by, event, boots, image):
    samples, expected = samples_and_outputs(3)
    wanted = Faults.parse([f"{event}@700"], seed=0)
    found: list[list[int]] = []
    boot_ids: set[int] = set()
    losses = 0
    with Emulator(require_board(BOARD), image, faults=wanted) as emulator:
        port = emulator.serial_path
        while len(found) < len(samples):
            try:
                with Node(port, timeout_s=1) as node:
                    boot_ids.add(node.info().boot_id)
                    while len(found) < len(samples):
                        found.append(list(node.feed(samples[len(found)]).output))
            except DeviceError as error:
                losses += 1
                assert isinstance(error, PortError), error
                assert losses < 5
    assert found == expected
    assert losses == 1
    assert len(boot_ids) == boots
