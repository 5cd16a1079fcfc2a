"""Recording a node's own sensor: what it measured arrives, what was lost is counted."""

import json
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from tests.data.test_importing import tinyml
from tests.support.nodes import native, running
from tests.support.shared import shared_models
from tests.support.targets import on_each, require_board, require_native
from tinyml import data
from tinyml.build import build_native, build_node
from tinyml.collect import recording as module
from tinyml.compiler import compile_model
from tinyml.data.catalogue import read_entry
from tinyml.device import Node, is_emulated
from tinyml.device.sampling import Take, record
from tinyml.errors import DataError, ProtocolError, UnsupportedModelError
from tinyml.graph import load
from tinyml.resources import folder

CHANNELS = 3
BOARD = "mps2-an386"
PERIOD = ["TML_SAMPLE_PERIOD_US=10000u"]  # 100 samples a second
MODEL = folder("models") / "occupancy" / "model.tflite"  # a window of 120 samples


def expected(numbers, info):
    """What the simulated sensor of the node of ``info`` measures, ``[samples][channels]``."""
    which, seed = int(info.device_id[-2:], 16), np.uint32(info.boot_id)
    period, height = 16 + 16 * (which % 8), 2048 >> (which // 8 % 2)
    number = np.asarray(numbers, np.uint32)[:, np.newaxis]
    channel = np.arange(CHANNELS, dtype=np.uint32)
    x = seed ^ (number * np.uint32(64) + channel)
    x = (x ^ (x >> np.uint32(15))) * np.uint32(0x9E3779B1)
    x = (x ^ (x >> np.uint32(13))) * np.uint32(0x85EBCA77)
    noise = ((x ^ (x >> np.uint32(16))) % np.uint32(128)).astype(np.int64)
    start = info.boot_id % period
    phase = (start + number.astype(np.int64) + 8 * channel.astype(np.int64)) % period
    return height * np.minimum(phase, period - phase) // (period // 2) - height // 2 + noise


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    """A native node with the simulated sensor, under the sanitizers."""
    require_native()
    place = tmp_path_factory.mktemp("sensor")
    compile_model(load(MODEL), core="portable", name="model").write(place / "model")
    return build_native(place / "model", "simulated_sensor", place / "build", PERIOD)


@pytest.fixture
def port(image):
    with native(image, None) as opened:
        yield opened


def test_samples_arrive_as_they_were_measured(port):
    take = Take()
    with Node(port) as node:
        info = node.info()
        record(node, take, samples=300)
    assert (take.samples, take.lost, take.gaps) == (300, 0, 0)
    [values] = take.stretches(np.ones(CHANNELS))
    first = take.firsts[0]
    np.testing.assert_array_equal(values, expected(np.arange(first, first + 300), info))
    assert 80 < take.measured_rate_hz < 120


def test_a_ring_says_where_it_begins(port):
    with Node(port) as node:
        info = node.info()
        window = info.window
        deadline = time.monotonic() + 20
        while (found := node.samples(0)).sampled < window + 30:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert found.first >= found.sampled - window > 0
        rest = node.samples(found.first + len(found.counts))
        assert rest.first == found.first + len(found.counts)
        for part in (found, rest):
            numbers = np.arange(part.first, part.first + len(part.counts))
            np.testing.assert_array_equal(part.counts, expected(numbers, info))


def test_a_feed_makes_a_gap_that_is_counted(port):
    take = Take()
    with Node(port) as node:
        info = node.info()
        shape = (info.window, CHANNELS)
        fed = []

        def listener(found, lost):
            if not fed and take.samples > 20:
                fed.append(node.feed(np.zeros(shape, np.int16)))

        record(node, take, samples=80, listener=listener)
    assert take.gaps == 1 and take.lost >= 1
    [values] = take.stretches(np.ones(CHANNELS))
    assert np.isnan(values[:, 0]).sum() == take.lost
    whole = ~np.isnan(values[:, 0])
    numbers = take.firsts[0] + np.flatnonzero(whole)
    np.testing.assert_array_equal(values[whole], expected(numbers, info))


def test_a_request_without_sense_is_refused(port):
    from tinyml.device import node as module

    with Node(port) as node, pytest.raises(ProtocolError, match="refuses samples: the request is"):
        node._client.request(module._SAMPLES, {})


OPTIONS = (
    "--rate",
    "100",
    "--channel",
    "CO2:ppm:0.5",
    "--channel",
    "T",
    "--channel",
    "RH",
    "--json",
)


def test_recordings_become_a_data_set(port, tmp_path):
    """Session by session: it says what it lacks until it is whole."""
    for session in ("mon", "tue", "wed"):
        for label in ("empty", "full"):
            found = json.loads(
                tinyml("data", "record", port, "room", "--label", label, "--session", session,
                       "--samples", 60, "--window", 20, "--project", tmp_path, "--note", "a test",
                       *OPTIONS)
            )  # fmt: skip
            if (session, label) == ("mon", "empty"):
                with pytest.raises(DataError, match="one class so far, 'empty'"):
                    data.load("room", near=tmp_path)
            assert (found["recorded_samples"], found["lost"]) == (60, 0)
    dataset = data.load("room", near=tmp_path)
    assert dataset.entry.labels == ("empty", "full")
    assert [set(p.groups.tolist()) for p in dataset.parts.values()] != [set()] * 3
    assert sorted(len(set(p.groups.tolist())) for p in dataset.parts.values()) == [1, 1, 1]
    sessions = [file.session for file in dataset.entry.files]
    assert {s.note for s in sessions} == {"a test"} and all(
        s.device and s.started for s in sessions
    )
    assert dataset.entry.channels[0] == data.Channel("CO2", "ppm", 0.5)
    kept = np.loadtxt(dataset.entry.place / "mon-empty.csv", delimiter=",", skiprows=1)
    assert kept.shape == (60, CHANNELS)


def test_what_the_node_measures_must_be_known(port, tmp_path, monkeypatch):
    # A model that the zoo lacks: else its channels are known by its hash.
    monkeypatch.setattr("tinyml.collect.models.bundled", lambda name: tmp_path / "none")
    with pytest.raises(DataError, match="what the node measures: give --channel NAME:UNIT:SCALE"):
        tinyml("data", "record", port, "room", "--label", "x", "--project", tmp_path)
    with pytest.raises(DataError, match="3 channels, but 1 are named: CO2"):
        tinyml("data", "record", port, "room", "--label", "x", "--project", tmp_path,
               "--channel", "CO2")  # fmt: skip
    found = json.loads(
        tinyml("data", "record", port, "room", "--label", "x", "--project", tmp_path, "--samples",
               30, "--model", MODEL, "--json")
    )  # fmt: skip
    assert [channel["unit"] for channel in found["channels"]] == ["ppm", "degC", "%"]
    # The model's samples are a minute apart; this sensor is faster.
    assert "spectra will be wrong" in found["notes"][0]


def await_rows(part, process):
    deadline = time.monotonic() + 60
    while not (part.is_file() and part.read_text().count("\n") > 30):
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.05)


def test_ctrl_c_keeps_what_was_recorded(port, tmp_path):
    arguments = [sys.executable, "-m", "tinyml", "data", "record", port, "room", "--label", "on",
                 "--session", "s", "--project", str(tmp_path), *OPTIONS]  # fmt: skip
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
        part = tmp_path / "datasets" / "room" / "s-on.csv.part"
        await_rows(part, process)
        process.send_signal(signal.SIGINT)
        found = json.loads(process.communicate(timeout=60)[0])
    assert process.returncode == 0
    assert found["recorded_samples"] >= 30 and not part.exists()
    [file] = read_entry(tmp_path / "datasets" / "room.toml").files
    rows = (tmp_path / "datasets" / "room" / file.name).read_text().splitlines()
    assert len(rows) == found["recorded_samples"] + 1


def test_a_port_that_goes_away_keeps_what_was_recorded(image, tmp_path):
    part = tmp_path / "datasets" / "room" / "s-on.csv.part"
    with native(image, None) as port:
        arguments = [sys.executable, "-m", "tinyml", "data", "record", port, "room", "--label",
                     "on", "--session", "s", "--project", str(tmp_path), *OPTIONS]  # fmt: skip
        process = subprocess.Popen(
            arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        await_rows(part, process)
    out, err = process.communicate(timeout=60)
    found = json.loads(out)
    assert process.returncode == 1
    assert f"The {found['recorded_samples']} samples recorded before that are kept." in err
    assert found["recorded_samples"] >= 30 and not part.exists()


def test_a_node_that_restarts_is_recorded_on(image, tmp_path, monkeypatch):
    """It ends as it was asked to, with a piece for each boot, and says so."""
    real = module.fill

    def restarting(node, take, *, listener, **options):
        def listen(found, lost):
            listener(found, lost)
            if take.restarts == 0 and take.samples > 40:
                node.reset()

        real(node, take, listener=listen, **options)

    monkeypatch.setattr(module, "fill", restarting)
    with native(image, None) as port:
        found = json.loads(
            tinyml("data", "record", port, "room", "--label", "on", "--session", "s", "--project",
                   tmp_path, "--samples", 150, *OPTIONS)
        )  # fmt: skip
    assert (found["recorded_samples"], found["restarts"]) == (150, 1)
    assert "the node restarted 1 times" in " ".join(found["notes"])
    files = read_entry(tmp_path / "datasets" / "room.toml").files
    assert [file.name for file in files] == ["s-on-1.csv", "s-on-2.csv"]


@pytest.mark.emulator
@pytest.mark.parametrize("name", on_each([BOARD]))
def test_an_emulated_board_logs_what_its_simulated_sensor_measures(name, tmp_path):
    require_board(name)
    command = [sys.executable, "-m", "tinyml", "emulate", BOARD, "--model", str(MODEL),
               "--simulated-sensor"]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        lines = [process.stdout.readline() for _ in range(3)]
        port = lines[1].split()[-1]
        store = tmp_path / "records.db"
        found = json.loads(
            tinyml("collect", port, "--store", store, "--count", 2, "--for", 60, "--json")
        )
        process.send_signal(signal.SIGTERM)
    assert found["new"] >= 2 and found["missing"] == 0


def test_a_model_without_samples_is_refused(tmp_path):
    hello = shared_models() / "hello.tflite"
    recording = ("data", "record", BOARD, "x", "--label", "a", "--project", tmp_path)
    for words in (("emulate", BOARD, "--simulated-sensor"), recording):
        with pytest.raises(UnsupportedModelError, match="no front end, so a sensor cannot feed it"):
            tinyml(*words, "--model", hello)


@pytest.mark.emulator
@pytest.mark.parametrize("name", on_each([BOARD]))
def test_an_emulated_board_records_too(name, tmp_path):
    board = require_board(name)
    built = build_node(load(MODEL), board, tmp_path, "simulated_sensor", PERIOD).elf_path
    take = Take()
    with running(BOARD, built, tmp_path) as opened, Node(opened) as node:
        info = node.info()
        record(node, take, samples=200)
    assert info.simulated and is_emulated(info.device_id)
    [values] = take.stretches(np.ones(CHANNELS))
    numbers = take.firsts[0] + np.flatnonzero(~np.isnan(values[:, 0]))
    np.testing.assert_array_equal(values[~np.isnan(values[:, 0])], expected(numbers, info))
    assert take.samples == 200


PROJECT = """dataset = "shake"
[front_end]
kind = "spectral"
[model]
kind = "dense"
layers = [16]
[training]
epochs = 60
"""


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """A project with a data set of two classes, recorded on an emulated board as a user would."""
    require_board(BOARD)
    place = tmp_path_factory.mktemp("recorded")
    for session in ("mon", "tue", "wed"):
        for label in ("idle", "shake"):
            tinyml("data", "record", BOARD, "shake", "--label", label, "--session", session,
                   "--samples", 400, "--window", 64, "--project", place)  # fmt: skip
    (place / "tinyml.toml").write_text(PROJECT)
    return place


@pytest.mark.emulator
def test_what_an_emulated_board_records_is_a_data_set(recorded):
    dataset = data.load("shake", near=recorded)
    assert dataset.entry.simulated and not dataset.leaks
    assert all(set(part.targets) == {0, 1} for part in dataset.parts.values())
    assert len({file.session.device for file in dataset.entry.files}) == 6


@pytest.mark.emulator
@pytest.mark.train
def test_it_trains_a_model_that_tells_the_classes_apart(recorded):
    pytest.importorskip("tensorflow", reason="needs TensorFlow: pip install '.[train]'")
    found = json.loads(tinyml("train", recorded, "--json"))
    assert found["simulated"] and found["int8"]["accuracy"] > 0.9
    evaluated = json.loads(tinyml("evaluate", recorded, "--json"))
    assert evaluated["int8"]["accuracy"] == found["int8"]["accuracy"]


def test_simulated_samples_do_not_join_recorded_ones(port, tmp_path):
    arguments = ("data", "record", port, "room", "--label", "a", "--project", tmp_path,
                 "--samples", 30, *OPTIONS)  # fmt: skip
    assert json.loads(tinyml(*arguments))["recorded_samples"] == 30
    entry = tmp_path / "datasets" / "room.toml"
    assert read_entry(entry).simulated
    entry.write_text(entry.read_text().replace('"simulated"', '"recorded"'))
    with pytest.raises(DataError, match="those of room are recorded"):
        tinyml(*arguments)


def test_a_report_says_that_a_sensor_is_simulated(port, tmp_path):
    store = tmp_path / "records.db"
    tinyml("collect", port, "--store", store, "--count", 1, "--for", 60)
    tinyml("report", store, "-o", tmp_path / "report.html", "--model", MODEL)
    text = (tmp_path / "report.html").read_text()
    assert "The sensor is simulated in all" in text
    assert "emulated" not in text.split("<body>")[1]
