"""What a node sees now: real nodes, one that plays a recording, and what may go wrong."""

import json
import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest

from tests.node.test_replay import COUNTS, WINDOW, made_of
from tests.support.nodes import build_node, native, shipped_model
from tests.support.targets import require_native
from tests.support.thermometer import thermometer
from tinyml import boards
from tinyml.build import build_native
from tinyml.cli.monitor import _lines
from tinyml.collect import Collector, ModelFinder, Store
from tinyml.collect.monitor import Input, Monitor, watch
from tinyml.compiler import compile_model
from tinyml.device import Event, EventKind, Node
from tinyml.draw.sparkline import sparkline
from tinyml.errors import DeviceError, PortError
from tinyml.model import Description

COMMAND = (sys.executable, "-m", "tinyml", "monitor")
DEADLINE_S = 60


class Known(ModelFinder):
    """Knows one model, as the finder does that was given its file."""

    def __init__(self, graph):
        super().__init__()
        self.given = [Description.of(graph)]


@pytest.fixture(scope="module")
def graph():
    return thermometer(WINDOW, 0.2)


@pytest.fixture(scope="module")
def replaying(graph, tmp_path_factory):
    """A node that plays COUNTS once; then its sensor is gone."""
    require_native()
    place = tmp_path_factory.mktemp("replay")
    made = made_of(place, boards.DEFAULT, graph, repeat=0)
    model = compile_model(graph, core="portable", name="model").write(place / "model")
    return build_native(model, "node", place / "build", sensing=made)


@pytest.fixture(scope="module")
def fed():
    """A node without a sensor, whose model is in the zoo."""
    return build_node("host", shipped_model())


def views_until(port, monitor, done):
    """Views from first to the one that is ``done``."""
    views, deadline = [], time.monotonic() + DEADLINE_S
    for view in watch(port, monitor, every_s=0.1):
        assert not isinstance(view, DeviceError), view
        views.append(view)
        if done(view):
            return views
        assert time.monotonic() < deadline, view
    raise AssertionError


def test_samples_results_inputs_and_a_failed_sensor_in_units(replaying, graph, tmp_path):
    with native(replaying, tmp_path / "storage") as port:
        monitor = Monitor(Known(graph))
        views = views_until(port, monitor, lambda view: view.events)
        last = views_until(port, monitor, lambda view: view.channels[0].latest is None)[-1]
        with Node(port) as node:  # all that it logged is still there
            records = node.records(0).records
    running = [view for view in views if view.channels[0].latest is not None]
    values = {count * 0.01 for count in COUNTS}
    assert running and {view.channels[0].latest for view in running} <= values
    [channel] = last.channels
    assert (channel.name, channel.unit, channel.scale) == ("temperature", "degC", 0.01)
    measured = channel.values[np.isfinite(channel.values)]
    assert measured.tolist() == [count * 0.01 for count in COUNTS][-len(measured) :]
    assert (channel.least, channel.greatest) == (measured.min(), measured.max())
    assert [record.sequence for record in records] == list(range(1, len(COUNTS) // WINDOW + 1))
    assert last.record == records[-1]
    assert last.result.answer == pytest.approx((records[-1].output[0] - 3) * 0.05)
    scaled = [count * 0.01 for count in records[-1].inputs]
    assert last.inputs == (Input("temperature", "degC", *scaled),)
    assert [event.kind for event in last.events] == [EventKind.SENSOR_FAILED]
    said = "\n".join(_lines(last, "ascii"))
    assert "no sample now" in said and "temperature" in said and "degC" in said
    assert f"record {len(COUNTS) // WINDOW}" in said and "sensor replay" in said


def test_a_model_that_nobody_knows_is_shown_raw(replaying, graph, tmp_path):
    with native(replaying, tmp_path / "storage") as port:
        view = views_until(port, Monitor(ModelFinder()), lambda view: view.record)[-1]
    assert (view.model.settings, view.result, view.channels[0].unit) == (None, None, "counts")
    assert set(view.channels[0].values.tolist()) <= set(COUNTS)
    assert view.inputs[0].least in COUNTS
    said = "\n".join(_lines(view, "utf-8"))
    assert "not known here" in said and f"raw output {view.record.output[0]}" in said


def test_what_a_node_says_cannot_drive_the_terminal(replaying, tmp_path):
    with native(replaying, tmp_path / "storage") as port:
        view = next(watch(port, Monitor(ModelFinder()), once=True))
    wild = "\x1b[2J\r\n\u202e[bold]x"
    event = Event(
        view.info.device_id, view.info.boot_id, 9, 1, None,
        EventKind.SENSOR_BACK, (0, 5), wild.encode(),
    )  # fmt: skip
    view = replace(view, model=replace(view.model, name=wild), events=(event,))
    lines = [*_lines(view, "utf-8"), *_lines(DeviceError(wild), "utf-8")]
    assert all(line.isprintable() for line in lines)
    assert sum("[bold]x" in line for line in lines) == 3  # text, not markup


def test_a_log_with_news_and_a_restart_is_followed(fed, tmp_path):
    with native(fed, tmp_path / "storage") as port:
        monitor = Monitor(ModelFinder())
        boots = []
        for count in (1, 40):  # more than one look reads
            with Node(port) as node:
                samples = bytes(node.info().feed_bytes)
                newest = [node.feed(samples) for _ in range(count)][-1]
                view = monitor.look(node)
                boots.append(view.info.boot_id)
                assert view.record == newest
                assert view.result.label in shipped_labels()
                node.reset()
        assert boots[0] != boots[1]
        with Store(tmp_path / "store.sqlite") as store:
            Collector(store, [port]).run(once=True)
            assert len(store.records()) == 41 and not store.gaps()


def shipped_labels():
    return Description.of(shipped_model()).settings.labels


def test_once_and_json(fed, tmp_path):
    with native(fed, tmp_path / "storage") as port:
        with Node(port) as node:
            record = node.feed(bytes(node.info().feed_bytes))
        done = subprocess.run(
            [*COMMAND, port, "--once", "--json"], capture_output=True, text=True, check=True
        )
        plain = subprocess.run([*COMMAND, port, "--once"], capture_output=True, check=True)
    [line] = done.stdout.splitlines()
    document = json.loads(line)
    assert document["port"] == port and document["problem"] is None
    assert document["device_id"] == record.device_id and document["model_known"]
    assert document["record"]["output"] == list(record.output)
    assert document["record"]["result"]["label"] in shipped_labels()
    assert [channel["latest"] for channel in document["channels"]] == [None] * 3
    assert record.device_id in plain.stdout.decode() and b"\x1b" not in plain.stdout


def test_ctrl_c_ends_it_well(fed, tmp_path):
    with (
        native(fed, tmp_path / "storage") as port,
        subprocess.Popen(
            [*COMMAND, port, "--every", "0.1", "--json"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        ) as process,
    ):  # fmt: skip
        seen = [json.loads(process.stdout.readline()) for _ in range(2)]
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=DEADLINE_S)
    assert process.returncode == 0
    assert seen[0]["boot_id"] == seen[1]["boot_id"]
    assert said.startswith("Stopped.") and "Traceback" not in said


def test_a_port_that_vanishes_is_a_sentence_and_looked_for_again(fed, tmp_path):
    link = tmp_path / "port"  # another test may get the terminal's own name next
    with native(fed, tmp_path / "storage") as port:
        link.symlink_to(port)
        views = watch(str(link), Monitor(ModelFinder()), every_s=0.01)
        boot_id = next(views).info.boot_id
        link.unlink()
    problems = [next(views), next(views)]
    assert [type(problem) for problem in problems] == [PortError, PortError]
    assert all(str(link) in str(problem) for problem in problems)
    with pytest.raises(PortError):
        next(watch(str(link), Monitor(ModelFinder()), once=True))
    with native(fed, tmp_path / "storage") as port:
        link.symlink_to(port)
        found = next(view for view in views if not isinstance(view, DeviceError))
    assert found.info.boot_id != boot_id


def test_no_port_with_once_is_an_error():
    done = subprocess.run(
        [*COMMAND, "/dev/none", "--once"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1 and done.stderr.startswith("error: ") and not done.stdout


@pytest.mark.parametrize(
    ("values", "width", "expected"),
    [
        ([], 3, "   "),
        ([float("nan")] * 2, 3, "   "),
        ([5.0, 5.0], 4, ".."),
        ([0.0, 4.0, 8.0], 3, ".+@"),
        ([0.0, float("nan"), 8.0], 3, ". @"),
        ([0.0, 8.0, 0.0, 0.0], 2, "@."),
    ],
)
def test_a_sparkline_shows_the_greatest_of_each_piece(values, width, expected):
    assert sparkline(np.array(values), width, "ascii") == expected
