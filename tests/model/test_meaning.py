"""The one interpreter of outputs: each task, every form of an output, one at a time or many."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinyml.documents import parse_json
from tinyml.errors import InvalidModelError, StoreError
from tinyml.graph import load
from tinyml.model import Description, Meaning
from tinyml.resources import folder

CLASSES = Meaning("classification", ("calm", "loud", "broken"), 1 / 256, -128)
TWO = Meaning("classification", ("empty", "occupied"), 1 / 256, -128)
VALUE = Meaning("regression", (), 0.5, 10, "PM2.5", "ug/m3", 3.0, 7.0)
ANOMALY = Meaning("anomaly", ("normal", "anomaly"), 0.25, -128, threshold=8.0)


@pytest.mark.parametrize(
    ("meaning", "output", "words", "said"),
    [
        (CLASSES, (-128, 127, -128), "loud (0.996)", ("loud", 255 / 256)),
        (CLASSES, (0, 0, 0), "calm (0.5)", ("calm", 0.5)),  # the first of equals
        (TWO, (64, -64), "empty (0.75)", ("empty", 0.75)),
        (TWO, (64,), "occupied (0.75)", ("occupied", 0.75)),  # one output: the second's score
        (TWO, (-64,), "empty (0.75)", ("empty", 0.75)),
        (TWO, (0,), "empty (0.5)", ("empty", 0.5)),
        (ANOMALY, (-96,), "normal (8)", ("normal", 8.0)),  # above, not at, the threshold
        (ANOMALY, (-95,), "anomaly (8.25)", ("anomaly", 8.25)),
        (VALUE, (14,), "13 ug/m3", (13.0, "ug/m3")),
        (replace(VALUE, target_unit=""), (14,), "13", (13.0, "")),
    ],
)
def test_what_an_output_says(meaning, output, words, said):
    found = meaning.result(output)
    assert str(found) == words
    value = found.to_dict()
    keys = ("value", "unit") if meaning.task == "regression" else ("label", "score")
    assert tuple(value[key] for key in keys) == said
    assert json.loads(json.dumps(value)) == value


@pytest.mark.parametrize(
    ("meaning", "words"),
    [
        (CLASSES, "calm, loud, broken"),
        (VALUE, "PM2.5 in ug/m3 = 3 * real value + 7"),
        (ANOMALY, "anomaly where the real value, its score, is above 8"),
    ],
)
def test_what_outputs_say_in_general(meaning, words):
    assert str(meaning) == words


@pytest.mark.parametrize(
    ("meaning", "output"),
    [(CLASSES, (1, 2)), (CLASSES, (1,)), (CLASSES, ()), (VALUE, ()), (ANOMALY, ())],
)
def test_an_output_of_another_length_says_nothing(meaning, output):
    assert meaning.result(output) is None
    with pytest.raises(InvalidModelError, match="numbers for"):
        meaning.predictions(np.zeros((2, len(output)), np.int8))


def test_damaged_labels_of_an_anomaly_detector_say_nothing():
    assert replace(ANOMALY, labels=("normal",)).result((100,)) is None


@given(
    meaning=st.sampled_from([CLASSES, TWO, VALUE, ANOMALY]),
    seed=st.integers(0, 2**32 - 1),
    count=st.integers(1, 20),
)
def test_one_at_a_time_or_many_at_once_is_the_same(meaning, seed, count):
    width = max(len(meaning.labels), 1) if meaning.task == "classification" else 1
    outputs = np.random.default_rng(seed).integers(-128, 128, (count, width)).astype(np.int8)
    predicted, scores = meaning.predictions(outputs), meaning.scores(outputs)
    for index, output in enumerate(outputs.tolist()):
        found = meaning.result(output)
        assert found.answer == predicted[index] == _by_hand(meaning, output)
        if scores is None:
            assert found.score is None
        else:
            each = np.atleast_1d(scores[index])
            assert found.score == each[predicted[index] if len(each) > 1 else 0]
            assert found.label == meaning.labels[predicted[index]]


def _by_hand(meaning, output):
    """In plain numbers, without NumPy."""
    real = [(value - meaning.zero_point) * meaning.scale for value in output]
    if meaning.task == "classification":
        return real.index(max(real))
    if meaning.task == "anomaly":
        return 1 if real[0] > meaning.threshold else 0
    return real[0] * meaning.target_scale + meaning.target_offset


def test_a_float_models_outputs_are_real():
    settings = load(folder("models") / "skab-pump" / "model.tflite")
    meaning = Meaning.of(settings)
    plain = replace(meaning, scale=1.0, zero_point=0)
    outputs = np.array([[meaning.threshold], [meaning.threshold + 0.01]])
    assert plain.predictions(outputs).tolist() == [0, 1]


@pytest.mark.parametrize("name", ["occupancy", "airqo-kampala", "skab-pump"])
def test_a_description_survives_being_kept(name):
    graph = load(folder("models") / name / "model.tflite")
    described = Description.of(graph)
    for one in (described, replace(described, settings=None)):
        fields = parse_json(one.to_json(), "it", StoreError)
        assert Description.from_fields(one.hash, fields) == one
    assert described.meaning == Meaning.of(graph)


@pytest.mark.parametrize(
    "change", [{"name": 5}, {"scale": "x"}, {"settings": {"schema": 99}}, {"settings": []}]
)
def test_a_damaged_description_is_one_sentence(change):
    graph = load(folder("models") / "occupancy" / "model.tflite")
    text = json.dumps({**json.loads(Description.of(graph).to_json()), **change})
    with pytest.raises(StoreError, match=r"^it"):
        Description.from_fields("x", parse_json(text, "it", StoreError))
