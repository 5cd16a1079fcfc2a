"""The report: complete, honest, self-contained, whatever texts the store holds."""

import dataclasses
import html.parser
import json
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from tests.support.tools import require_tool
from tinyml.cli.report import command
from tinyml.collect import Store
from tinyml.device import Record
from tinyml.documents import parse_json
from tinyml.errors import StoreError, UnsupportedModelError
from tinyml.graph import load
from tinyml.graph.writer import write
from tinyml.judge import Evaluation
from tinyml.model import Description, Meaning, model_hash, settings_of
from tinyml.report import RunDocument, write_report
from tinyml.report.run_document import (
    Board,
    Cost,
    DataSet,
    Layer,
    Model,
    Sample,
)
from tinyml.resources import folder

HOSTILE = '<script>alert("x")</script>&amp;'
MODEL_HASH = "0123456789abcdef" * 4

LAYERS = (Layer(0, "CONV_2D", 900, 500),)
PASSES = ("pads: 1 padding moved into convolutions",)


def document(labels=("calm", "loud"), **changes) -> RunDocument:
    values = {
        "run_id": "run-1",
        "created": 1_790_000_000.0,
        "model": Model("pump", MODEL_HASH, "classification", tuple(labels), 8640),
        "board": Board("mps2-an386", "MPS2", "cortex-m4f", 25_000_000, 4096, 65536, True),
        "data_set": DataSet("pump", "Pump", True, "by machine"),
        "metrics": {"int8": Evaluation(3, {"accuracy": 2 / 3}, ((1, 0), (1, 1)))},
        "cost": Cost(1000, 1400, 500, 128, 8, 96, 5000, 3000, 1500, LAYERS, PASSES),
        "samples": (Sample(0, 0, (5, -5)), Sample(1, 1, (9, -9)), Sample(2, 1, (-7, 7))),
    }  # fmt: skip
    return RunDocument(**{**values, **changes})


def record(sequence: int, tag: int, output: tuple[int, ...]) -> Record:
    return Record(
        device_id="00ff", boot_id=7, sequence=sequence, monotonic_ms=sequence * 100,
        wall_time=1_790_000_000.0 + sequence, model_hash=model_hash(MODEL_HASH), tag=tag,
        output=output, inference_us=50,
    )  # fmt: skip


ANSWERS = [record(1, 0, (5, -5)), record(2, 1, (9, -9)), record(3, 2, (-7, 7))]


FRONT_END = {
    "front_end": "spectral", "front_end_instructions": 4000, "front_end_estimated_cycles": 5000,
    "front_end_ram_bytes": 700, "front_end_flash_bytes": 600,
}  # fmt: skip
NODE = {"node_flash_bytes": 9000, "node_data_bss_bytes": 2000, "node_stack_bytes": 1024}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({}, ["1,000 instructions per inference"]),
        (
            FRONT_END,
            ["5,000 instructions per window", "4,000 for the spectral front end", "6,400 cycles"],
        ),
        (NODE, ["9,000", "3,024", "RAM of the whole node"]),
        ({**FRONT_END, **NODE}, ["5,000 instructions per window", "9,000", "the rest of the node"]),
    ],
)
def test_the_cost_is_that_of_all_that_a_node_runs(store, tmp_path, more, said):
    cost = replace(document().cost, **more)
    store.put_run("run-1", document(cost=cost).to_dict())
    write_report(store, tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text()
    for words in said:
        assert words in text
    assert ("whole node" in text) == bool(more)


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "records.db") as opened:
        yield opened


def text_of(path: Path) -> str:
    class Reader(html.parser.HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.words: list[str] = []
            self.skipping = False

        def handle_starttag(self, tag, attrs):
            self.skipping = tag == "style"

        def handle_data(self, data):
            if not self.skipping:
                self.words.append(data)

    reader = Reader()
    reader.feed(path.read_text(encoding="utf-8"))
    return " ".join(" ".join(reader.words).split())


def test_everything_promised_is_in_it(store, tmp_path):
    store.add(ANSWERS)
    store.put_run("run-1", document().to_dict())
    write_report(store, tmp_path / "r.html")
    text = text_of(tmp_path / "r.html")
    for words in (
        "simulated", "emulated", "3 of 3", "1,000", "int8 on the device", "66.7", "Recall",
        "Results over time", "0 records missing", "0 gaps", "0 duplicates", "CONV_2D",
        "an estimate", MODEL_HASH, "1 padding moved into convolutions",
    ):  # fmt: skip
        assert words in text, words


def test_a_differing_answer_is_told(store, tmp_path):
    store.add([*ANSWERS[:2], record(3, 2, (-7, 4))])
    store.put_run("run-1", document().to_dict())
    write_report(store, tmp_path / "r.html")
    text = text_of(tmp_path / "r.html")
    assert "2 of 3" in text
    assert "largest difference is 3 steps" in text
    assert "Samples that differ: 2" in text


def test_gaps_and_duplicates_are_counted(store, tmp_path):
    store.add([ANSWERS[0], record(5, 1, (9, -9))])
    store.add([ANSWERS[0]])
    store.put_run("run-1", document().to_dict())
    write_report(store, tmp_path / "r.html")
    text = text_of(tmp_path / "r.html")
    assert "3 records missing in the store in 1 gap" in text
    assert "1 duplicate received and kept once" in text


def test_a_regression_is_drawn(store, tmp_path):
    model = Model(
        "air", MODEL_HASH, "regression", (), 4500, output_scale=0.5, output_offset=10.0,
        target_name="PM2.5", target_unit="ug/m3",
    )  # fmt: skip
    samples = tuple(Sample(i, 10.0 + i, (2 * i,)) for i in range(3))
    run = document(model=model, samples=samples, metrics={"int8": Evaluation(3, {"rmse": 0.0})})
    store.add([record(i + 1, i, (2 * i,)) for i in range(3)])
    store.put_run("run-1", run.to_dict())
    write_report(store, tmp_path / "r.html")
    text = text_of(tmp_path / "r.html")
    assert "ug/m3" in text
    assert "true value" in text


def test_hostile_texts_stay_texts(store, tmp_path):
    store.add(ANSWERS)
    run = document(labels=(HOSTILE, "'\"><img src=x onerror=alert(1)>"), baseline=HOSTILE)
    store.put_run("run-1", run.to_dict())
    write_report(store, tmp_path / "r.html")
    raw = (tmp_path / "r.html").read_text()
    assert "<script" not in raw
    assert "<img" not in raw
    assert HOSTILE in text_of(tmp_path / "r.html")


def test_a_browser_needs_nothing_from_outside(store, tmp_path):
    chromium = require_tool("chromium")
    store.add(ANSWERS)
    store.put_run("run-1", document().to_dict())
    path = tmp_path / "r.html"
    write_report(store, path)
    assert "http" not in path.read_text().replace("http-equiv", "")
    done = subprocess.run(
        [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom",
         "--enable-logging=stderr", "--v=0", f"--user-data-dir={tmp_path / 'profile'}",
         path.as_uri()],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    assert "Cost" in done.stdout
    assert "CONSOLE" not in done.stderr


def test_records_without_a_run_make_a_report(store, tmp_path):
    store.add(ANSWERS)
    assert write_report(store, tmp_path / "r.html").document is None
    text = text_of(tmp_path / "r.html")
    assert "does not know the model" in text
    assert "3 records in this report" in text


ZOO = {path.parent.name: path for path in folder("models").glob("*/model.tflite")}


def by(model, record):
    return dataclasses.replace(record, model_hash=Description.of(load(ZOO[model])).hash)


@pytest.fixture
def no_zoo(monkeypatch, tmp_path):
    """Models that only the store, or the user, can know."""
    monkeypatch.setattr("tinyml.collect.models.bundled", lambda name: tmp_path / "none")


def test_records_are_shown_in_the_words_of_their_model(store, tmp_path, no_zoo):
    air = load(ZOO["airqo-kampala"])
    labels = settings_of(load(ZOO["occupancy"])).labels
    loudest = tuple(range(len(labels)))
    store.add([by("occupancy", record(1, 0, loudest)), by("airqo-kampala", record(2, 1, (-128,)))])
    store.add([record(3, 2, (9, -9))])
    pump = Description.of(load(ZOO["pump-simulated"]))
    with pytest.raises(StoreError, match=f"hash is {pump.hash}.*{MODEL_HASH[:8]}"):
        write_report(store, tmp_path / "r.html", None, [ZOO["pump-simulated"]])
    write_report(store, tmp_path / "r.html", None, [ZOO["occupancy"], ZOO["airqo-kampala"]])
    text = text_of(tmp_path / "r.html")
    least = Meaning.of(air).predictions(np.array([[-128]]))[0]
    for words in (labels[-1], f"{least:.4g}", "ug/m3", "9 -9", "does not know the model"):
        assert words in text, words


def test_a_model_without_settings_has_no_words(store, tmp_path):
    plain = replace(load(ZOO["occupancy"]), metadata={})
    path = tmp_path / "plain.tflite"
    path.write_bytes(write(plain))
    store.add([record(1, 0, (1, 2))])
    with pytest.raises(UnsupportedModelError, match="has no words for its outputs"):
        write_report(store, tmp_path / "r.html", None, [path])


@pytest.mark.parametrize(
    ("name", "outputs", "said"),
    [
        ("pump-simulated", [(-128, 127, -128, -128)], ["Results per class", "share"]),
        ("airqo-kampala", [(-20,), (30,)], ["Values over all records", "ug/m3"]),
        ("skab-pump", [(-128,), (127,)], ["Anomaly scores", "threshold", "50.0"]),
    ],
)
def test_the_store_knows_what_its_models_mean(store, tmp_path, no_zoo, name, outputs, said):
    model = load(ZOO[name])
    meaning = Meaning.of(model)
    store.put_model(Description.of(model))
    store.add([by(name, record(n, 0, output)) for n, output in enumerate(outputs, 1)])
    write_report(store, tmp_path / "r.html")
    text = text_of(tmp_path / "r.html")
    assert "does not know the model" not in text
    newest = meaning.result(outputs[-1])
    for words in (
        *said,
        newest.label,
        meaning.target_name,
        f"Results of {Description.of(model).name}",
    ):
        assert words in text, words


def test_a_model_of_the_zoo_is_known_in_a_store_from_before(store, tmp_path):
    store.add([by("occupancy", record(1, 0, (9, -9)))])
    write_report(store, tmp_path / "r.html")
    assert "does not know the model" not in text_of(tmp_path / "r.html")


def test_an_anomaly_detectors_run_has_verdicts_and_figures(store, tmp_path):
    skab = Description.of(load(ZOO["skab-pump"]))
    outputs = [(-128,), (127,), (127,), (-128,)]
    targets = [0, 1, 0, 1]
    run = document(
        model=Model.of(skab),
        metrics={},
        samples=tuple(
            Sample(n, target, output)
            for n, (target, output) in enumerate(zip(targets, outputs, strict=True))
        ),
    )
    store.put_model(skab)
    store.add([by("skab-pump", record(n + 1, n, output)) for n, output in enumerate(outputs)])
    store.put_run("run-1", run.to_dict())
    write_report(store, tmp_path / "r.html")
    text = text_of(tmp_path / "r.html")
    for words in ("F1 on the device", "50.0", "ROC AUC", "threshold", *skab.settings.labels):
        assert words in text, words


def test_many_records_are_thinned_out_in_drawings(store, tmp_path):
    skab = Description.of(load(ZOO["skab-pump"]))
    store.put_model(skab)
    store.add([by("skab-pump", record(n, 0, (n % 256 - 128,))) for n in range(1, 10_002)])
    write_report(store, tmp_path / "r.html")
    assert "shows 3,334 of them" in text_of(tmp_path / "r.html")


def test_an_empty_store_is_refused_and_the_old_report_stays(store, tmp_path):
    (tmp_path / "r.html").write_text("old")
    with pytest.raises(StoreError, match="has no records"):
        write_report(store, tmp_path / "r.html")
    assert (tmp_path / "r.html").read_text() == "old"


def test_an_unknown_run_is_refused(store, tmp_path):
    store.put_run("run-1", document().to_dict())
    with pytest.raises(StoreError, match="no run 'other'"):
        write_report(store, tmp_path / "r.html", "other")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            {"schema": 99},
            "'schema' must be 1 for this version of tinyml, not 99",
        ),
        ({"model": {}}, r"the run 'run-1' in .* \[model\] lacks 'name'"),
        ({"samples": [{"tag": 1}]}, r"\[samples 1\] lacks 'target'"),
        ({"cost": {"instructions": True}}, r"\[cost\]: 'instructions' must be a whole number"),
    ],
)
def test_a_damaged_document_names_its_field(store, tmp_path, change, words):
    store.put_run("run-1", {**document().to_dict(), **change})
    with pytest.raises(StoreError, match=words):
        write_report(store, tmp_path / "r.html")


@given(st.data())
def test_any_damaged_document_is_read_or_named(drawn):
    content = bytearray(json.dumps(document().to_dict()).encode())
    for _ in range(drawn.draw(st.integers(1, 3))):
        place = drawn.draw(st.integers(0, len(content) - 1))
        content[place : place + drawn.draw(st.integers(1, 3))] = drawn.draw(st.binary(max_size=2))
    try:
        RunDocument.read(parse_json(bytes(content), "the run", StoreError))
    except StoreError as error:
        assert str(error).startswith("the run")


def test_documents_survive_json():
    run = document()
    assert RunDocument.read(parse_json(json.dumps(run.to_dict()), "run", StoreError)) == run


def test_the_command(store, tmp_path):
    store.add([*ANSWERS, dataclasses.replace(ANSWERS[0], sequence=4, model_hash="f" * 16)])
    store.put_run("run-1", document().to_dict())
    path = tmp_path / "out.html"
    arguments = [str(tmp_path / "records.db"), "-o", str(path), "--json"]
    result = CliRunner().invoke(command, arguments, catch_exceptions=False)
    figures = json.loads(result.stdout)
    assert figures == {"report": str(path), "run_id": "run-1", "records": 3, "missing_in_store": 0}
    assert path.is_file()
