"""A recording in flash, replayed on a board of each family: all make the same records."""

import time

import numpy as np
import pytest

from tests.support.nodes import native, outputs_of
from tests.support.targets import require_build, require_emulator, require_native
from tests.support.thermometer import thermometer
from tinyml import boards
from tinyml.build import build_native, build_node
from tinyml.compiler import compile_model
from tinyml.device import EventKind, Node
from tinyml.documents import Fields
from tinyml.emulator import Emulator
from tinyml.errors import ProjectError
from tinyml.model import ModelSettings
from tinyml.node import read_plan, sources

FAMILIES = ("microbit", "nrf52840-dk", "netduinoplus2", "pico", "arduino-uno", "riscv32-virt")
COUNTS = (2150, 2151, 2175, 2230, -400, -401, 0, 1, 3276, -5500, 12000, 11999)
WINDOW = 2
PERIOD_S = 0.3  # an UNO writes a record to its EEPROM in a quarter of a second


def made_of(place, board, graph, repeat, **keys):
    (place / "recording.csv").write_text("temperature\n" + "".join(f"{n}\n" for n in COUNTS))
    table = {
        "sensors": [{"part": "replay", "repeat": repeat}],
        "replay": "recording.csv",
        "inputs": True,
        **keys,
    }
    plan = read_plan(Fields(table, "tinyml.toml [node]", ProjectError), place, board)
    return sources(plan, ModelSettings.of(graph.metadata), "tinyml.toml [node]")


def collected(port, count):
    """The first records, and the events among them."""
    records, events, after = [], [], 0
    deadline = time.monotonic() + 60
    with Node(port) as node:
        assert node.info().simulated
        while len(records) < count:
            assert time.monotonic() < deadline
            batch = node.records(after)
            records += batch.records
            events += batch.events
            after = batch.newest
    return records[:count], events


def expected(graph, window=WINDOW, hop=WINDOW):
    """Outputs and inputs of each window, by the oracle."""
    starts = range(0, len(COUNTS) - window + 1, hop)
    windows = np.array([COUNTS[i : i + window] for i in starts], np.int16)[:, :, np.newaxis]
    inputs = [(min(w), mean(w), max(w)) for w in windows[:, :, 0].tolist()]
    return list(zip(map(tuple, outputs_of(graph, windows)), inputs, strict=True))


def mean(window):
    """To the nearest, halves away from zero."""
    size = (2 * abs(sum(window)) + len(window)) // (2 * len(window))
    return size if sum(window) > 0 else -size


@pytest.mark.parametrize("name", FAMILIES)
def test_every_family_makes_the_same_records(name, tmp_path):
    require_build(name)
    require_emulator(name)
    graph = thermometer(WINDOW, PERIOD_S)
    made = made_of(tmp_path, name, graph, repeat=1)
    image = build_node(graph, boards.load(name), tmp_path / "build", sensing=made)
    with Emulator(boards.load(name), image.elf_path) as emulator:
        records, _ = collected(emulator.serial_path, len(COUNTS) // WINDOW)
    assert [(record.output, record.inputs) for record in records] == expected(graph)


@pytest.mark.parametrize(("window", "hop"), [(2, 1), (5, 1), (5, 2), (5, 5), (3, 4), (1, 3)])
def test_windows_overlap_or_leave_samples_out(window, hop, tmp_path):
    require_native()
    graph = thermometer(window, 0.2)
    made = made_of(tmp_path, boards.DEFAULT, graph, repeat=0, hop=hop)
    model = compile_model(graph, core="portable", name="model").write(tmp_path / "model")
    image = build_native(model, "node", tmp_path / "build", sensing=made)
    windows = expected(graph, window, hop)
    with native(image, tmp_path / "storage") as port:
        records, _ = collected(port, len(windows))
    assert [(record.output, record.inputs) for record in records] == windows


def test_a_recording_that_ends_is_a_sensor_that_is_gone(tmp_path):
    require_native()
    graph = thermometer(WINDOW, PERIOD_S)
    made = made_of(tmp_path, boards.DEFAULT, graph, repeat=0)
    model = compile_model(graph, core="portable", name="model").write(tmp_path / "model")
    image = build_native(model, "node", tmp_path / "build", sensing=made)
    with native(image, tmp_path / "storage") as port:
        records, events = collected(port, len(COUNTS) // WINDOW)
        with Node(port) as node:
            deadline = time.monotonic() + 60
            while not events:
                assert time.monotonic() < deadline
                events = node.records(records[-1].sequence).events
    assert [(record.output, record.inputs) for record in records] == expected(graph)
    assert [event.kind for event in events] == [EventKind.SENSOR_FAILED]
