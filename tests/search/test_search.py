"""The search: limits before training, test data unseen, many workers, going on after a break."""

import json
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from tests.cli.test_project_cli import tinyml
from tests.collect.test_store_postgresql import url  # noqa: F401 - a server, as a fixture
from tests.support.targets import require_counting
from tinyml import boards, project
from tinyml.bench.front_end import measure_front_end
from tinyml.bench.measure import measure
from tinyml.collect import Store
from tinyml.documents import read_toml
from tinyml.errors import BoardError, ModelTooLargeError, ProjectError, StoreError, TrainingError
from tinyml.graph import load
from tinyml.judge import Answers
from tinyml.model import ModelSettings
from tinyml.resources import folder
from tinyml.search import CandidateCost, Limits, Wanted, search, study
from tinyml.search.cost import cost_of, emulated
from tinyml.search.space import suggested, to_toml, while_searching

PUMP = folder("models") / "pump-simulated"
BOARD = "mps2-an386"
WIDE = Limits(ram_bytes=2**20, flash_bytes=2**20)


def quiet(what, done, total):
    pass


@pytest.fixture
def optuna():
    return pytest.importorskip("optuna", reason="needs Optuna: pip install '.[train]'")


@pytest.fixture
def pump(tmp_path):
    place = tmp_path / "pump"
    place.mkdir()
    (place / "tinyml.toml").write_text((PUMP / "tinyml.toml").read_text())
    return place


def cost(instructions, **changes):
    values = {
        "instructions": instructions, "front_end_instructions": 0,
        "estimated_cycles": instructions, "latency_ms": 1.0, "arena_bytes": 100,
        "ram_bytes": 500, "flash_bytes": 9000, "energy_uj": None,
    }  # fmt: skip
    return CandidateCost(**{**values, **changes})


@pytest.fixture
def fakes(monkeypatch, optuna):
    """Trials that cost and teach nothing; what was drafted and trained, in order."""
    log = []

    class Trained:
        graph = None

        def __init__(self, dataset, asked):
            right = len(log) % 3 / 3
            wrong = (np.arange(len(asked)) / len(asked) > right).astype(int)
            predicted = (asked.targets + wrong) % 4
            self.answers = {"int8": Answers.of(dataset.entry, asked, predicted)}

    def draft(candidate, dataset):
        log.append(("draft", candidate.architecture))

    def train(candidate, dataset, report, asked):
        report("train", 1, 1)
        log.append(("train", candidate.architecture))
        assert asked is dataset.validation
        return Trained(dataset, asked)

    monkeypatch.setattr(study, "draft", draft)
    monkeypatch.setattr(study, "train", train)
    monkeypatch.setattr(
        study, "cost_of", lambda *_: cost(1000 * sum(log[-1][1].layers), ram_bytes=400)
    )
    return log


# -- what a model may cost


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (WIDE, ""),
        (replace(WIDE, ram_bytes=499), "500 bytes of RAM, but 499 bytes of RAM allowed"),
        (replace(WIDE, flash_bytes=8999), "9,000 bytes of flash"),
        (replace(WIDE, latency_ms=0.5), "1 ms, but 0.5 ms allowed"),
        (replace(WIDE, energy_uj=1.0), "2 uJ, but 1 uJ allowed"),
        (replace(WIDE, ram_bytes=500, flash_bytes=9000, latency_ms=1.0, energy_uj=2.0), ""),
    ],
)
def test_a_breach_is_named(limits, words):
    assert limits.breach(cost(1, energy_uj=2.0)).startswith(words)
    assert bool(limits.breach(cost(1, energy_uj=2.0))) == bool(words)


def test_what_cannot_fit_is_not_even_built():
    with pytest.raises(ModelTooLargeError, match=r"at least .* of RAM, but 10 allowed"):
        cost_of(load(PUMP / "model.tflite"), boards.load(BOARD), replace(WIDE, ram_bytes=10))


@pytest.mark.emulator
def test_a_board_without_an_emulator_is_counted_on_its_core():
    require_counting(BOARD)
    board = boards.load("nrf52840-dk")
    assert (board.emulator, emulated(board).core) == (None, board.core)
    graph = load(PUMP / "model.tflite")
    found, there = (cost_of(graph, b, WIDE) for b in (board, boards.load(BOARD)))
    assert found.instructions == there.instructions
    assert found.latency_ms == pytest.approx(1e3 * found.estimated_cycles / board.clock_hz)
    # What comes before the model costs, too.
    front_end = measure_front_end(ModelSettings.of(graph.metadata).front_end, boards.load(BOARD))
    alone = measure(graph, boards.load(BOARD))
    assert found.front_end_instructions == front_end.front_end_instructions > 0
    assert found.instructions == alone.instructions + front_end.front_end_instructions
    assert there.estimated_cycles == alone.estimated_cycles + front_end.estimated_cycles
    assert there.flash_bytes == alone.flash_bytes + front_end.flash_bytes
    window = 2 * 256 * 3
    assert there.ram_bytes == alone.ram_bytes + front_end.ram_bytes > alone.ram_bytes + window


def test_energy_needs_power_figures():
    with pytest.raises(BoardError, match="no power figures"):
        tinyml("search", PUMP, "--max-energy", "5")


# -- where it looks


def test_a_trial_becomes_a_project_and_the_project_a_file(tmp_path, optuna):
    values = read_toml(PUMP / "tinyml.toml", ProjectError)
    values["search"] = {"kinds": ["dense", "ds_cnn"], "bands": [8, 16], "layers": [1, 3]}
    values["training"].update(join_validation=True, average=0.8)
    found = project.of_values(values, tmp_path / "tinyml.toml")
    trial = optuna.trial.FixedTrial(
        {"kind": "ds_cnn", "layers": 2, "width_0": 8, "width_1": 12, "dropout": 0.25, "kernel": 3,
         "learning_rate": 0.0012345678, "quantization": "int8", "bands": 9}
    )  # fmt: skip
    proposed = suggested(trial, found, values)
    path = tmp_path / "tinyml.toml"
    path.write_text(to_toml(proposed, "a trial"))
    again = project.load(path)
    assert again == project.of_values(proposed, path)
    assert again.architecture == project.Architecture("ds_cnn", (8, 12), 3, 0.25)
    assert (again.training.learning_rate, again.training.join_validation) == (0.001235, True)
    assert len(again.front_end.bands) == 10
    tried = project.of_values(while_searching(proposed, 3), path).training
    assert (tried.epochs, tried.join_validation, tried.average) == (3, False, 0.0)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('kinds = ["cnn"]', "did you mean"),
        ("layers = [3, 1]", "'layers' must be a lowest and a highest value from 1 to 8"),
        ("layers = [1]", "'layers' must be"),
        ("widths = [0, 4]", "'widths' must be"),
        ("widths = [4.5, 8]", "'widths' must be"),
        ("dropout = [0, 2.0]", "'dropout' must be"),
        ('quantization = ["int4"]', "is not known"),
        ("trials = 3", "unknown key 'trials'"),
        ("kernels = []", "'kernels' must be .*whole numbers from 1 to 15"),
        ('kernels = ["3"]', "'kernels' must be .*whole numbers from 1 to 15"),
        ("kinds = []", "'kinds' must name one of dense, cnn1d"),
        ("quantization = []", "'quantization' must name one of int8, int16x8"),
    ],
)
def test_a_slip_in_the_search_table_is_named(pump, line, words):
    path = pump / "tinyml.toml"
    path.write_text(f"{path.read_text()}\n[search]\n{line}\n")
    with pytest.raises(ProjectError, match=words):
        project.load(path)


# -- how it goes on


def test_the_front_has_nothing_better_in_both(pump, fakes, tmp_path):
    output, picture = tmp_path / "best", tmp_path / "front.svg"
    found = json.loads(
        tinyml("search", pump, "--trials", "9", "-o", output, "--picture", picture, "--json")
    )
    assert (found["trials"], found["trained"], found["rejected"]) == (9, 9, 0)
    front = found["front"]
    assert found["chosen"] == max(front, key=lambda candidate: candidate["metric"])
    ordered = sorted(front, key=lambda candidate: candidate["instructions"])
    assert [c["metric"] for c in ordered] == sorted(c["metric"] for c in ordered)
    assert picture.read_text().startswith("<svg ")
    written = project.load(output / "tinyml.toml")
    assert list(written.architecture.layers) == found["chosen"]["settings"]["model"]["layers"]
    assert written.training.epochs == project.load(pump / "tinyml.toml").training.epochs
    with pytest.raises(ProjectError, match="is there already"):
        tinyml("search", pump, "--trials", "0", "-o", output)
    with pytest.raises(ProjectError, match=r"trial 99 .* was not trained"):
        tinyml("search", pump, "--trials", "0", "--choose", "99")


def test_a_study_that_is_not_there_yet_cannot_be_shown(pump, optuna):
    with pytest.raises(TrainingError, match="'new' has no trials yet; give --trials"):
        tinyml("search", pump, "--trials", "0", "--study", "new")


def test_what_breaks_a_limit_is_never_trained(pump, fakes):
    with pytest.raises(TrainingError, match=r"none of 4 candidates .* 399 bytes of RAM allowed"):
        tinyml("search", pump, "--trials", "4", "--max-ram", "399")
    assert [what for what, _ in fakes] == ["draft"] * 4


def test_an_interrupted_search_goes_on(pump, fakes):
    def stop(what, done, total):
        if what == "train" and sum(kind == "train" for kind, _ in fakes) == 2:
            raise KeyboardInterrupt

    place = str(pump / "search.db")
    with pytest.raises(KeyboardInterrupt):
        search(pump, Wanted(BOARD, WIDE, trials=5), place, "s", stop)
    assert len(search(pump, Wanted(BOARD, WIDE, trials=0), place, "s", quiet).trained) == 2
    found = search(pump, Wanted(BOARD, WIDE, trials=5), place, "s", quiet)
    assert len(found.trained) == 5
    # Nothing is left to do.
    before = len(fakes)
    assert search(pump, Wanted(BOARD, WIDE, trials=5), place, "s", quiet) == found
    assert len(fakes) == before


def test_a_study_of_something_else_is_not_gone_on_with(pump, fakes):
    tinyml("search", pump, "--trials", "1", "--study", "s")
    with pytest.raises(ProjectError, match=r"started with other settings \(limits\)"):
        tinyml("search", pump, "--trials", "2", "--study", "s", "--max-ram", "5000")


@pytest.mark.parametrize("place", ["/no/such/folder/x.db", "mysql://nobody@nowhere/x"])
def test_a_storage_that_cannot_be_opened_is_named(pump, optuna, place):
    with pytest.raises(StoreError):
        search(pump, Wanted(BOARD, WIDE, trials=1), place, "s", quiet)


def test_a_file_of_something_else_is_left_alone(pump, fakes, tmp_path):
    path = tmp_path / "records.sqlite"
    Store(path).close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"tables boots, .*records.*; give another --storage"):
        tinyml("search", pump, "--trials", "1", "--storage", path)
    assert path.read_bytes() == before
    path.write_bytes(b"")
    for trials in (1, 2):
        tinyml("search", pump, "--trials", trials, "--storage", path)


# -- for real


@pytest.mark.train
@pytest.mark.emulator
def test_two_workers_share_one_postgresql_study(pump, url, optuna):  # noqa: F811
    pytest.importorskip("tensorflow", reason="needs TensorFlow: pip install '.[train]'")
    require_counting(BOARD)
    path = pump / "tinyml.toml"
    path.write_text(f"{path.read_text()}\n[search]\nlayers = [1, 1]\nwidths = [4, 8]\n")
    options = ["--trials", "2", "--epochs", "1", "--storage", url, "--study", "s", "--json"]
    command = [sys.executable, "-m", "tinyml", "search", str(pump), *options]
    # One thread each: two workers are two cores' work.
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "TF_NUM_INTRAOP_THREADS": "1"}
    workers = [
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, text=True
        )
        for _ in range(2)
    ]
    documents = []
    for worker in workers:
        stdout, stderr = worker.communicate(timeout=1200)
        assert worker.returncode == 0, stderr
        documents.append(json.loads(stdout))
    found = json.loads(tinyml("search", pump, *options))
    assert 2 <= found["trained"] <= 3
    assert {candidate["trial"] for candidate in found["front"]} <= {0, 1, 2}
    assert found["chosen"]["instructions"] > 0
