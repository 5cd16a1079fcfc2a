"""Training for real, briefly: reproducible, int8 throughout, nothing half-written."""

import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from tinyml import data, project
from tinyml.compiler import compile_model
from tinyml.errors import TrainingError
from tinyml.graph import DType, load, parse
from tinyml.graph.ops import prepare
from tinyml.judge import evaluate, read_record
from tinyml.judge.answers import Answers
from tinyml.judge.calibration import favour
from tinyml.model import ModelSettings
from tinyml.project import Architecture
from tinyml.resources import folder
from tinyml.train import network, train_project
from tinyml.train.convert import OPERATORS, spread
from tinyml.train.resume import Finished, Trained

pytestmark = [pytest.mark.train, pytest.mark.usefixtures("few_trees")]

TASK = (folder("models") / "pump-simulated" / "tinyml.toml").read_text()
REPLACEMENTS = {
    "cnn1d-spectral": {},
    "dense-statistics": {
        'kind = "spectral"\nbands = 16': 'kind = "statistics"',
        'kind = "cnn1d"': 'kind = "dense"',
        "kernel = 3": "",
    },
    "cnn1d-raw": {
        'kind = "spectral"\nbands = 16': 'kind = "raw"',
        "layers = [16, 24]": "layers = [4]",
    },
    "ds_cnn-raw": {
        'kind = "spectral"\nbands = 16': 'kind = "raw"',
        'kind = "cnn1d"\nlayers = [16, 24]': 'kind = "ds_cnn"\nlayers = [4, 8, 8]',
    },
    "residual-envelope": {
        'kind = "spectral"': 'kind = "envelope"',
        'kind = "cnn1d"': 'kind = "residual"',
    },
    "rounding-simulated": {"epochs = 60": "epochs = 60\nquantized_epochs = 1"},
    "forest-teaches": {
        'kind = "spectral"\nbands = 16': 'kind = "statistics"',
        'kind = "cnn1d"': 'kind = "dense"',
        "kernel = 3": "",
        "[training]": "[teacher]\ntrees = 3\ncopies = 2\n\n[training]\nbalanced = true",
    },
    "linear-trend": {
        'kind = "spectral"\nbands = 16': 'kind = "trend"',
        'kind = "cnn1d"\nlayers = [16, 24]': 'kind = "dense"\nlayers = []',
        "kernel = 3": "",
    },
}


@pytest.fixture(scope="module", autouse=True)
def tensorflow():
    return pytest.importorskip("tensorflow", reason="needs TensorFlow: pip install '.[train]'")


def write_project(place, changes=()):
    text = TASK.split(" # log2")[0] + TASK[TASK.index("\n", TASK.index(" # log2")) :]
    text = text.replace(" # filters", "")
    for old, new in dict(changes).items():
        assert old in text, old
        text = text.replace(old, new)
    place.mkdir(parents=True, exist_ok=True)
    (place / "tinyml.toml").write_text(text)
    return place


@pytest.mark.parametrize(("case", "most"), [("cnn1d-spectral", 0.45), ("residual-envelope", 0.95)])
def test_the_compiler_leaves_pruned_channels_out(tmp_path, case, most):
    pruned = {"epochs = 60": "epochs = 60\nprune = 0.5\nprune_epochs = 1"}
    result = train_project(write_project(tmp_path, {**REPLACEMENTS[case], **pruned}), epochs=1)
    graph = load(result.model_path)
    before = sum(prepare(graph, op).macs for op in graph.operators)
    assert compile_model(graph, core="portable").macs < most * before


@pytest.mark.parametrize("case", REPLACEMENTS)
def test_every_architecture_becomes_int8(tmp_path, case):
    place = write_project(tmp_path / case, REPLACEMENTS[case])
    result = train_project(place, epochs=1)
    graph = load(result.model_path)
    assert {op.name for op in graph.operators} <= OPERATORS
    ends = [graph.tensor(index) for index in (*graph.inputs, *graph.outputs)]
    assert all(tensor.dtype == DType.INT8 and tensor.shape[0] == 1 for tensor in ends)
    settings = ModelSettings.from_bytes(graph.metadata["tinyml"])
    assert settings.front_end.feature_count == np.prod(ends[0].shape)
    assert settings.front_end.zero_point == ends[0].quantized.zero_point
    assert settings.training["simulated"] is True
    figures = result.metrics
    assert figures["baseline"].values["accuracy"] == 0.25
    assert abs(figures["float"].values["accuracy"] - figures["int8"].values["accuracy"]) < 0.1
    assert evaluate(graph, data.load("pump-simulated")) == figures["int8"]
    assert read_record(result.record_path) == result.record


def test_the_same_seed_gives_the_same_bytes(tmp_path):
    models = [
        train_project(write_project(tmp_path / name), epochs=2, seed=seed).model_path.read_bytes()
        for name, seed in (("a", 5), ("b", 5), ("c", 6))
    ]
    # The project's name is its folder's, and no part of the model.
    assert models[0] == models[1]
    assert models[0] != models[2]


def test_only_training_windows_calibrate(tmp_path):
    """Other validation and test data must not change the model when no epoch is judged by them."""
    from tinyml.train.training import train

    found = project.find(write_project(tmp_path))
    found = replace(found, training=replace(found.training, epochs=1))
    dataset = data.load("pump-simulated")
    quiet = replace(
        dataset,
        validation=replace(dataset.validation, windows=np.full_like(dataset.validation.windows, 7)),
        test=replace(dataset.test, windows=np.full_like(dataset.test.windows, 7)),
    )
    models = [parse(train(found, used, lambda *_: None).model) for used in (dataset, quiet)]
    for ours, theirs in zip(models[0].tensors, models[1].tensors, strict=True):
        if ours.quantization is not None:
            np.testing.assert_array_equal(ours.quantization.scales, theirs.quantization.scales)
        if ours.data is not None:
            np.testing.assert_array_equal(ours.data, theirs.data)


def test_an_interruption_leaves_the_old_model(tmp_path):
    place = write_project(tmp_path)
    (place / "model.tflite").write_bytes(b"old")
    (place / "training.json").write_text("old")

    def stop(what, done, total):
        if what == "evaluate":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_project(place, stop, epochs=1)
    assert sorted(path.name for path in place.iterdir()) == [
        "model.tflite", "tinyml.toml", "training.json",
    ]  # fmt: skip
    assert (place / "model.tflite").read_bytes() == b"old"
    assert (place / "training.json").read_text() == "old"


def test_a_cnn_over_statistics_is_refused(tmp_path):
    changes = {'kind = "spectral"\nbands = 16': 'kind = "statistics"'}
    with pytest.raises(TrainingError, match="needs a series of features"):
        train_project(write_project(tmp_path, changes), epochs=1)


def test_a_training_that_diverges_says_so(tmp_path, monkeypatch):
    import keras

    class Diverging(keras.optimizers.Adam):
        """What too high a rate ends in, without waiting for it."""

        def apply(self, grads, trainable_variables=None):
            return super().apply([grad * float("nan") for grad in grads], trainable_variables)

    monkeypatch.setattr(keras.optimizers, "Adam", Diverging)
    with pytest.raises(TrainingError, match="lower 'learning_rate'"):
        train_project(write_project(tmp_path), epochs=1)
    assert not (tmp_path / "model.tflite").exists()


def test_the_command_prints_only_its_document(tmp_path):
    """TensorFlow's log lines reach neither stdout nor stderr."""
    place = write_project(tmp_path)
    run = subprocess.run(
        [sys.executable, "-m", "tinyml", "train", str(place), "--epochs", "1", "--json"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    document = json.loads(run.stdout)
    assert document["int8"]["samples"] == 576
    assert document["simulated"] is True
    noise = [line for line in run.stderr.splitlines() if line and "%" not in line]
    assert noise == []


@pytest.mark.parametrize("windows", [1, 2, 9_999, 10_000, 10_001, 123_456])
def test_representative_windows_are_spread(windows):
    chosen = spread(windows)
    assert len(chosen) == min(windows, 10_000)
    assert len(set(chosen.tolist())) == len(chosen)
    assert (chosen[0], chosen[-1]) == (0, windows - 1)


def test_activations_of_16_bits_take_an_int8_input(tmp_path):
    place = write_project(tmp_path, {"epochs = 60": 'epochs = 60\nquantization = "int16x8"'})
    result = train_project(place, epochs=1)
    graph = load(result.model_path)
    ends = [graph.tensor(index).dtype for index in (*graph.inputs, *graph.outputs)]
    assert ends == [DType.INT8, DType.INT16]
    figures = result.metrics
    assert abs(figures["float"].values["accuracy"] - figures["int8"].values["accuracy"]) < 0.1


def test_a_training_of_two_seeds_goes_on_where_it_was_interrupted(tmp_path):
    place = write_project(tmp_path)
    told = []

    def stop(what, done, total):
        told.append(what)
        if what == "train seed 4":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_project(place, stop, epochs=1, seed=3, repeats=2)
    (kept,) = (place / ".training").iterdir()
    model = np.load(kept)["model"].tobytes()
    told.clear()
    result = train_project(place, lambda what, *_: told.append(what), epochs=1, seed=3, repeats=2)
    assert "train seed 4" in told
    assert "train" not in told, "the first seed is not trained again"
    assert result.model_path.read_bytes() == model
    assert not kept.parent.exists()
    assert [reached["seed"] for reached in result.record.seeds] == [3, 4]
    assert result.record.seeds[0]["int8"] == result.metrics["int8"].values
    assert result.record.seeds[0]["int8_recall"] == result.metrics["int8"].recall
    assert evaluate(load(result.model_path), data.load("pump-simulated")) == result.metrics["int8"]


def test_what_was_finished_is_found_again_unless_damaged(tmp_path):
    dataset = data.load("pump-simulated")
    model = (folder("models") / "pump-simulated" / "model.tflite").read_bytes()
    predicted = np.arange(len(dataset.test)) % 4
    answers = {
        "float": Answers.of(dataset.entry, dataset.test, predicted, np.eye(4)[predicted]),
        "int8": Answers.of(dataset.entry, dataset.test, predicted),
    }
    trained = Trained(model, b"float", parse(model), 7, 3, answers, cpu_seconds=2.5)
    finished = Finished(tmp_path)
    finished.keep({"seed": 1}, trained)
    found = finished.find({"seed": 1}, dataset)
    assert found is not None
    assert (found.model, found.float_model, found.parameters, found.epochs) == (
        model, b"float", 7, 3,
    )  # fmt: skip
    for way, expected in answers.items():
        assert found.answers[way].judge() == expected.judge()
    assert finished.cpu_seconds == 2.5
    assert finished.find({"seed": 2}, dataset) is None
    (kept,) = (tmp_path / ".training").iterdir()
    whole = kept.read_bytes()
    for length in (0, 1, 1000, len(whole) - 1):
        kept.write_bytes(whole[:length])
        assert finished.find({"seed": 1}, dataset) is None


def test_spread_is_the_mean_and_the_deviation_over_seeds():
    record = read_record(folder("models") / "pump-simulated" / "training.json")
    values = [reached["int8"]["accuracy"] for reached in record.seeds]
    expected = (np.mean(values), np.std(values, ddof=1))
    assert record.spread["int8"]["accuracy"] == pytest.approx(expected)
    alone = replace(record, seeds=record.seeds[:1])
    assert alone.spread["int8"]["accuracy"] == (values[0], 0.0)


def test_a_favoured_class_gains_so_much_in_its_logit():
    model = network.build(Architecture("dense", (4,), 1, 0.0), (6,), 3, 0.0)
    inputs = np.random.default_rng(1).normal(size=(20, 6)).astype(np.float32)
    before = np.log(model.predict(inputs, verbose=0))
    favour(model, ("a", "b", "c"), {"b": 1.5})
    gained = np.log(model.predict(inputs, verbose=0)) - before
    np.testing.assert_allclose(gained[:, 1] - gained[:, 0], 1.5, atol=1e-4)
    np.testing.assert_allclose(gained[:, 2] - gained[:, 0], 0.0, atol=1e-4)


def test_calibrated_scores_fit_the_validation_data(tmp_path):
    """The temperature is part of the model: the device's scores are the calibrated ones."""
    from tinyml.judge import inputs_of, run
    from tinyml.judge.calibration import fitting_temperature

    place = write_project(tmp_path, {"epochs = 60": "epochs = 60\ncalibrate = true"})
    graph = load(train_project(place, epochs=2).model_path)
    temperature = ModelSettings.from_bytes(graph.metadata["tinyml"]).training["temperature"]
    part = data.load("pump-simulated").validation
    tensor = graph.tensor(graph.outputs[0]).quantized
    raw = run(graph, inputs_of(graph, part)).astype(float)
    scores = np.maximum((raw - tensor.zero_point) * float(tensor.scale), 1 / 512)
    left = fitting_temperature(scores, part.targets)
    print("temperature", temperature, "left", left)
    assert abs(np.log(left)) < abs(np.log(temperature)) / 2
