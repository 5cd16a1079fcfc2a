"""From a node to a report in words, with no model file named: each task, and a change of model."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.report.test_report import text_of
from tests.support.nodes import build_node, native, samples_of
from tinyml.collect import Collector, ModelFinder, Store
from tinyml.device import Node
from tinyml.graph import Graph, load
from tinyml.model import Description, Meaning, settings_of
from tinyml.report import write_report
from tinyml.resources import folder


def of_zoo(name: str) -> Graph:
    return load(folder("models") / name / "model.tflite")


@pytest.fixture
def unknown_zoo(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """From now on nothing but the store knows a model."""
    monkeypatch.setattr("tinyml.collect.models.bundled", lambda name: tmp_path / "none")


def feed(port: str, samples: np.ndarray) -> list[tuple[int, ...]]:
    with Node(port) as node:
        return [node.feed(one, tag=tag).output for tag, one in enumerate(samples)]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("pump-simulated", ("Results per class",)),
        ("air-quality", ("Values over all records",)),
        ("skab-pump", ("Anomaly scores", "threshold", "Results per class")),
    ],
)
def test_a_report_of_collected_records_is_in_words(
    name: str, words: tuple[str, ...], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    graph = of_zoo(name)
    meaning = Meaning.of(graph)
    store = tmp_path / "records.db"
    command = [sys.executable, "-m", "tinyml", "collect", "--store", str(store), "--once", "--json"]
    with native(build_node("host", graph), tmp_path / "storage") as port:
        outputs = feed(port, samples_of(graph, 3))
        done = subprocess.run([*command, port], capture_output=True, text=True, check=True)
    said = [meaning.result(output) for output in outputs]
    (at_port,) = json.loads(done.stdout)["ports"]
    assert said[-1] is not None
    assert at_port["newest"] == said[-1].to_dict()
    assert at_port["model"] == Description.of(graph).name
    request.getfixturevalue("unknown_zoo")
    with Store(store) as opened:
        assert opened.models() == {Description.of(graph).hash: Description.of(graph)}
        write_report(opened, tmp_path / "report.html")
    text = text_of(tmp_path / "report.html")
    settings = settings_of(graph)
    for expected in (*words, *settings.labels, settings.target_unit, *settings.channel_names):
        assert expected in text, expected
    assert "does not know the model" not in text


def test_records_before_and_after_a_change_of_model_are_each_read_by_their_own(
    tmp_path: Path, unknown_zoo: None
) -> None:
    graphs = [of_zoo("pump-simulated"), of_zoo("skab-pump")]
    paths = [folder("models") / name / "model.tflite" for name in ("pump-simulated", "skab-pump")]
    for graph in graphs:
        with native(build_node("host", graph), tmp_path / "storage") as port:
            feed(port, samples_of(graph, 2))
    with (
        native(build_node("host", graphs[1]), tmp_path / "storage") as port,
        Store(tmp_path / "records.db") as store,
    ):
        Collector(store, [port], models=ModelFinder(paths)).run(once=True)
        assert len(store.records()) == 4
        write_report(store, tmp_path / "report.html")
    text = text_of(tmp_path / "report.html")
    for graph in graphs:
        assert f"Results of {Description.of(graph).name}" in text


def test_what_only_the_node_knows_of_a_model_is_kept_until_its_file_is_there(
    tmp_path: Path, unknown_zoo: None
) -> None:
    path = tmp_path / "mine.tflite"
    shipped = folder("models") / "occupancy" / "model.tflite"
    path.write_bytes(shipped.read_bytes() + bytes(16))  # the same model with another hash
    graph = load(path)
    with (
        native(build_node("host", graph), tmp_path / "storage") as port,
        Store(tmp_path / "records.db") as store,
    ):
        feed(port, samples_of(graph, 2))
        (status,) = Collector(store, [port]).run(once=True)
        assert (status.model, status.newest) == ("model", None)
        (known,) = store.models().values()
        assert known == Description(known.hash, "model", known.scale, known.zero_point)
        for finder in (ModelFinder([path]), ModelFinder()):
            Collector(store, [port], models=finder).run(once=True)
            assert store.models() == {known.hash: Description.of(graph)}
