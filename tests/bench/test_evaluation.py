"""Evaluation of shipped models: the same samples for all, the board beside the host, error bars."""

import json
from dataclasses import replace

import numpy as np
import pytest

from tests.cli.test_project_cli import tinyml
from tests.support.targets import require_counting
from tinyml import data, project
from tinyml.bench import evaluation
from tinyml.errors import TrainingError, VerificationError
from tinyml.graph import load
from tinyml.judge import inputs_of, run
from tinyml.judge.calibration import expected_calibration_error, fitting_temperature
from tinyml.judge.error_bar import conformal_width, error_bar
from tinyml.resources import folder
from tinyml.train import leave_out

PUMP = "models/pump-simulated"
BOARD = "mps2-an386"


def needs(name: str) -> None:
    if not data.is_here(data.entry(name)):
        pytest.skip(f"no copy of {name}: set TINYML_DATA_MIRROR")


@pytest.mark.emulator
def test_the_board_answers_as_the_host():
    require_counting(BOARD)
    found = json.loads(tinyml("evaluate", PUMP, "--on", BOARD, "--samples", "24", "--json"))
    assert (found["on"], found["board_equals_host"]) == (BOARD, True)
    assert found["board"] == found["int8"]
    calibration = found["expected_calibration_error"]
    assert calibration["board"] == calibration["int8"]
    ways = ("float", "int8", "board", "baseline", "forest")
    assert {found[way]["samples"] for way in ways} == {24}


def test_a_board_that_differs_fails(monkeypatch):
    require_counting(BOARD)

    def off_by_one(graph, board, inputs, progress):
        outputs = run(graph, inputs[0])
        outputs[3] ^= 1
        return [outputs]

    monkeypatch.setattr(evaluation, "run_on_board", off_by_one)
    with pytest.raises(VerificationError, match="1 of 24 samples"):
        tinyml("evaluate", PUMP, "--on", BOARD, "--samples", "24", "--json")


@pytest.mark.parametrize(
    ("residuals", "level", "width"),
    [
        ([4, 1, 3, 2], 0.6, 3.0),  # the third of four
        ([4, 1, 3, 2], 0.9, 4.0),  # five times 0.9 is beyond: the largest
        (range(1, 100), 0.9, 90.0),
    ],
)
def test_a_conformal_width_is_a_quantile(residuals, level, width):
    assert conformal_width(np.array(list(residuals), float), level) == width


def test_a_conformal_interval_covers_what_it_promises():
    rng = np.random.default_rng(1)
    covered = []
    for _ in range(200):
        residuals = np.abs(rng.normal(size=50))
        covered.append(np.abs(rng.normal()) <= conformal_width(residuals, 0.9))
    assert np.mean(covered) > 0.85


def test_a_regression_has_an_error_bar_with_its_coverage():
    needs("air-quality-uci")
    graph, dataset = (
        load(folder("models") / "air-quality/model.tflite"),
        data.load("air-quality-uci"),
    )
    bar = error_bar(graph, dataset, run(graph, inputs_of(graph, dataset.test)))
    assert bar is not None
    assert bar.unit == dataset.entry.target_unit
    assert bar.half_width > 0
    assert 0.5 < bar.test_coverage < 1
    assert bar.validation_samples == len(dataset.validation)
    pump = load(folder("models") / "pump-simulated/model.tflite")
    assert error_bar(pump, data.load("pump-simulated"), np.zeros((1, 4))) is None


def test_the_calibration_error_by_hand():
    scores = np.array([[0.9, 0.1], [0.9, 0.1], [0.3, 0.7], [0.3, 0.7]])
    # Nine tenths sure and right in one of two; seven tenths sure and right in both.
    error = expected_calibration_error(scores, np.array([0, 1, 1, 1]))
    assert error == pytest.approx((0.4 + 0.3) / 2)


@pytest.mark.parametrize("temperature", [0.4, 1.0, 3.0])
def test_a_temperature_is_found_again(temperature):
    rng = np.random.default_rng(7)
    logits = rng.normal(0, 2, (4000, 5))
    odds = np.exp(logits)
    odds /= odds.sum(axis=1, keepdims=True)
    targets = (odds.cumsum(axis=1) > rng.random((4000, 1))).argmax(axis=1)
    sharpened = np.exp(logits * temperature)
    sharpened /= sharpened.sum(axis=1, keepdims=True)
    found = fitting_temperature(sharpened, targets)
    assert found == pytest.approx(temperature, rel=0.1)
    assert fitting_temperature(odds, targets) == pytest.approx(1.0, rel=0.1)


def test_groups_that_are_unseen_already_are_not_left_out_again():
    with pytest.raises(TrainingError, match="no group of pump-simulated can be left out"):
        tinyml("evaluate", PUMP, "--leave-one-out")


@pytest.mark.train
def test_a_site_left_out_is_nowhere_in_training(monkeypatch):
    needs("airqo-kampala")
    pytest.importorskip("tensorflow", reason="needs TensorFlow: pip install '.[train]'")
    whole = data.load("airqo-kampala")
    few = replace(
        whole,
        **{
            part: getattr(whole, part).only(np.arange(0, len(getattr(whole, part)), 20))
            for part in ("training", "validation", "test")
        },
    )
    seen = []

    def remember(found, dataset, report):
        seen.append(set(dataset.training.groups) | set(dataset.validation.groups))
        return train(found, dataset, report)

    train = leave_out.train
    monkeypatch.setattr(data, "load", lambda *_, **__: few)
    monkeypatch.setattr(leave_out, "train", remember)
    found = project.find(folder("models") / "airqo-kampala")
    found = replace(found, training=replace(found.training, epochs=1))
    figures = leave_out.leave_one_out(found, lambda *_: None)
    sites = {"Makerere", "Nakawa", "USEmbassy"}
    assert list(figures) == sorted(sites)
    for site, others in zip(figures, seen, strict=True):
        assert others == sites - {site}
        assert set(figures[site]) == {"float", "int8", "baseline", "forest"}
        assert figures[site]["int8"].samples == int((few.test.groups == site).sum())
