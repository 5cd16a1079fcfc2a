"""Figures of merit against scikit-free definitions, the record, and the models of the zoo."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.shared import shared_models
from tinyml import data
from tinyml.documents import parse_json
from tinyml.errors import DataError, InvalidModelError, TrainingError
from tinyml.graph import load
from tinyml.judge import (
    answers_of,
    baseline,
    evaluate,
    inputs_of,
    metrics,
    pooled,
    read_record,
    run,
)
from tinyml.judge.metrics import Evaluation
from tinyml.model import settings_of
from tinyml.resources import folder

GROUPS = np.array(["a", "a", "a", "b", "b", "b"])
ZOO = sorted(path.parent.name for path in folder("models").glob("*/model.tflite"))


def test_classification_by_hand():
    targets, predicted = np.array([0, 0, 0, 1, 1, 2]), np.array([0, 0, 1, 1, 1, 0])
    found = metrics.classification(targets, predicted, ["x", "y", "z"], GROUPS)
    assert found.confusion == ((2, 1, 0), (0, 2, 0), (1, 0, 0))
    assert found.values["accuracy"] == pytest.approx(4 / 6)
    assert found.values["balanced_accuracy"] == pytest.approx((2 / 3 + 1 + 0) / 3)
    assert found.values["f1"] == pytest.approx((4 / 6 + 4 / 5 + 0) / 3)
    assert found.recall == pytest.approx({"x": 2 / 3, "y": 1.0, "z": 0.0})
    assert found.groups["b"]["accuracy"] == pytest.approx(2 / 3)


def test_regression_by_hand():
    targets = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    found = metrics.regression(targets, targets + np.array([1, -1] * 3), GROUPS)
    assert found.values == pytest.approx({"rmse": 1.0, "mae": 1.0, "r2": 1 - 6 / 17.5})
    assert found.groups["a"]["r2"] == pytest.approx(1 - 3 / 2)


def test_a_class_that_nobody_has_seen_is_no_failure():
    zeros = np.zeros(6, int)
    found = metrics.classification(zeros, zeros, ["x", "y"], GROUPS)
    assert found.values == {"accuracy": 1.0, "balanced_accuracy": 1.0, "f1": 1.0}


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1))
def test_figures_are_fractions_and_survive_json(pairs):
    targets, predicted = np.array(pairs).T
    groups = np.array([f"g{i % 2}" for i in range(len(pairs))])
    found = metrics.classification(targets, predicted, list("abcd"), groups)
    assert all(0 <= value <= 1 for value in found.values.values())
    assert sum(map(sum, found.confusion)) == len(pairs)
    assert Evaluation.read(parse_json(json.dumps(found.to_dict()), "figures", DataError)) == found


# -- the zoo: needs no TensorFlow


def model_answers(graph, dataset):
    outputs = run(graph, inputs_of(graph, dataset.test))
    return answers_of(graph, dataset, dataset.test, outputs)


def fold_answers(place, fold):
    graph = load(place / "folds" / f"{fold}.tflite")
    assert settings_of(graph).fold == fold, "a model is tested by the fold that it has not seen"
    return model_answers(graph, data.load("esc10", fold=fold))


@pytest.mark.parametrize("name", ZOO)
def test_a_shipped_model_reaches_what_its_record_says(name):
    place = folder("models") / name
    graph, record = load(place / "model.tflite"), read_record(place / "training.json")
    assert record.model_sha256 == graph.sha256
    entry = data.entry(record.dataset)
    if not data.is_here(entry):
        pytest.skip(f"no copy of {entry.name}: set TINYML_DATA_MIRROR")
    if entry.folds:
        pytest.importorskip("soundfile", reason="sounds are compressed: pip install '.[train]'")
    dataset = data.load(entry.name)
    if dataset.sha256 != record.dataset_sha256:
        assert entry.simulated, "recorded data are the same everywhere"
        pytest.skip("this platform's sine and exponential round differently: other samples")
    if entry.folds:
        answers = [fold_answers(place, fold) for fold in range(1, entry.folds)]
        answers.append(model_answers(graph, dataset))
        assert pooled(answers).judge() == record.metrics["int8"]
    else:
        assert evaluate(graph, dataset) == record.metrics["int8"]
        assert baseline(dataset) == record.metrics["baseline"]
    assert settings_of(graph).dataset_sha256 == dataset.sha256
    assert settings_of(graph).fold == entry.folds
    better = "rmse" if entry.task == "regression" else "f1"
    sign = -1 if better == "rmse" else 1
    for way in ("float", "int8"):
        values = record.metrics[way].values[better]
        assert sign * values > sign * record.metrics["baseline"].values[better]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", r"is damaged \(line 1, column 2: expecting property name"),
        ("[]", r"must be a table of keys, not \[\]; run `tinyml train`"),
        ('{"schema": 2}', r"lacks 'metrics'; run `tinyml train` to write it again"),
        ('{"schema": 99}', "another version of tinyml"),
    ],
)
def test_a_damaged_record_is_named(tmp_path, content, words):
    path = tmp_path / "training.json"
    path.write_text(content)
    with pytest.raises(TrainingError, match=words):
        read_record(path)


DAMAGE = {
    "a word for a flag": (
        '"simulated": true',
        '"simulated": "false"',
        "must be true or false",
    ),
    "a text for a number": ('"seed": 1', '"seed": "1"', "'seed' must be a whole number, not '1'"),
    "no number": ('"cpu_seconds": ', '"cpu_seconds": -', "'cpu_seconds' must be at least 0"),
    "a key twice": ('"seed": 1', '"seed": 1, "seed": 1', "it has 'seed' twice"),
    "an evaluation gone": (
        '"baseline"',
        '"base"',
        r"\[metrics\] lacks 'baseline'; is it misspelt as 'base'",
    ),
    "not a number": ('"f1": ', '"f1": NaN, "f2": ', r"\[metrics.float\]: 'f1' must be a finite"),
}


@pytest.mark.parametrize("case", DAMAGE)
def test_what_is_wrong_in_a_record_is_named(tmp_path, case):
    old, new, words = DAMAGE[case]
    text = (folder("models") / "pump-simulated" / "training.json").read_text()
    path = tmp_path / "training.json"
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(TrainingError, match=words):
        read_record(path)


@given(st.data())
def test_any_damaged_record_is_read_or_named(tmp_path_factory, drawn):
    path = tmp_path_factory.getbasetemp() / "training.json"
    content = bytearray((folder("models") / "pump-simulated" / "training.json").read_bytes())
    for _ in range(drawn.draw(st.integers(1, 3))):
        place = drawn.draw(st.integers(0, len(content) - 1))
        content[place : place + drawn.draw(st.integers(1, 3))] = drawn.draw(st.binary(max_size=2))
    path.write_bytes(content)
    try:
        record = read_record(path)
        path.write_text(record.to_json(), encoding="utf-8")
        assert read_record(path) == record
    except TrainingError as error:
        assert str(error).startswith(str(path))


def test_a_missing_record_says_what_to_run(tmp_path):
    with pytest.raises(TrainingError, match="tinyml train"):
        read_record(tmp_path / "training.json")


def test_a_model_from_elsewhere_cannot_be_evaluated():
    with pytest.raises(InvalidModelError, match="does not contain tinyml settings"):
        settings_of(load(shared_models() / "hello.tflite"))
