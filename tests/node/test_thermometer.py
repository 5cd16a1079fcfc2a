"""A node with a real sensor's driver, read from an emulated part: QEMU's TMP105, or our model.

The part's temperature is set while the node runs. Its records then have it, in the steps
of 1/16 degC that the data sheet names.
"""

import time

import numpy as np
import pytest

from tests.support.targets import on, on_each, require_build, require_emulator
from tests.support.thermometer import thermometer
from tinyml.build import build_node
from tinyml.device import EventKind, Node
from tinyml.documents import Fields
from tinyml.emulator import Emulator, Part
from tinyml.errors import ProjectError
from tinyml.model import ModelSettings
from tinyml.node import read_plan, sources

# The first with QEMU's part as well as ours; of other families of controllers one each.
FIRST = "mps2-an386"
BOARDS = (*on_each([FIRST]), on("microbit", "unicorn"), on("nrf52840-dk", "unicorn"))
TEMPERATURES = (35.25, -10.5, 20.063, 0.99, 124.938, -0.063, -55.0)


def plan(folder, board, **node):
    table = {"sensors": ["tmp105@i2c0:0x48"], "inputs": True, **node}
    return read_plan(Fields(table, "tinyml.toml [node]", ProjectError), folder, board.name)


@pytest.fixture(scope="module", params=BOARDS)
def built(request, tmp_path_factory):
    """A board, and its image of a node with a thermometer."""
    board = require_build(request.param)
    place = tmp_path_factory.mktemp("thermometer")
    graph = thermometer()
    settings = ModelSettings.of(graph.metadata)
    made = sources(plan(place, board), settings, "tinyml.toml [node]")
    return board, build_node(graph, board, place, sensing=made).elf_path


def newest(node, after):
    """The newest record, once there is one with a higher number."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        batch = node.records(after)
        if batch.records:
            return batch.records[-1]
        time.sleep(0.1)
    raise AssertionError("no record came")


def in_counts(temperature: float) -> int:
    """What the model's channel counts, in 0.01 degC, of the part's step for a temperature.

    QEMU takes thousandths of a degree and leaves out what is below a step.
    """
    step = int(round(1000 * temperature) * 16 / 1000)
    exact = step * 6.25
    return int(np.sign(exact) * np.floor(abs(exact) + 0.5))


def test_a_temperature_that_changes_is_in_the_records(built):
    board, elf = built
    require_emulator(board.name)
    with (
        Emulator(board, elf, parts=[Part("lm75", "i2c0", 0x48)]) as emulator,
        Node(emulator.serial_path) as node,
    ):
        emulator.measure(0, "temperature", 20.0)
        last = newest(node, 0).sequence
        for temperature in TEMPERATURES if board.name == FIRST else TEMPERATURES[:2]:
            emulator.measure(0, "temperature", temperature)
            time.sleep(0.1)
            # The next window may have begun before; the one after is of the new temperature.
            last = newest(node, node.info().last_sequence).sequence
            record = newest(node, last)
            last = record.sequence
            expected = in_counts(temperature)
            assert record.inputs == (expected, expected, expected), temperature
        assert node.info().failed_readings == 0


def test_a_line_that_is_held_is_an_event_and_so_is_its_end(built):
    board, elf = built
    if board.name != "nrf52840-dk":
        pytest.skip("one board that has our models is enough")
    require_emulator(board.name)

    def events(after, count):
        deadline = time.monotonic() + 60
        found = []
        while len(found) < count:
            assert time.monotonic() < deadline
            batch = node.records(after)
            found += batch.events
            after = batch.newest
        return [event.kind for event in found], after

    with (
        Emulator(board, elf, parts=[Part("lm75", "i2c0", 0x48)]) as emulator,
        Node(emulator.serial_path) as node,
    ):
        last = newest(node, 0).sequence
        emulator.models[0].held_clocks = 10**9
        kinds, last = events(last, 1)
        assert kinds == [EventKind.SENSOR_FAILED]
        emulator.measure(0, "temperature", -10.5)
        emulator.models[0].held_clocks = 0
        kinds, last = events(last, 1)
        assert kinds == [EventKind.SENSOR_BACK]
        assert newest(node, last).inputs == (-1050, -1050, -1050)


def test_a_sensor_that_is_not_there_is_an_event_and_never_a_value(built):
    board, elf = built
    if board.name != FIRST:
        pytest.skip("the buses of all boards are tested without a part in tests/emulator")
    require_emulator(board.name)
    with (
        Emulator(board, elf) as emulator,
        Node(emulator.serial_path) as node,
    ):
        deadline = time.monotonic() + 60
        while not (batch := node.records(0)).events:
            assert time.monotonic() < deadline
        assert batch.events[0].kind == EventKind.SENSOR_FAILED
        assert batch.events[0].in_words == "sensor lm75: does not answer"
        time.sleep(5)
        info = node.info()
        found = node.records(0)
    assert info.failed_readings >= 5 and found.records == []
    assert len(found.events) == 1  # once, however often it is asked again
