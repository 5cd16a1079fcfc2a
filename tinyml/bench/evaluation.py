"""A model's figures computed afresh: before quantisation, on the host, on a board, and beside it.

Every way of predicting answers the same samples, so that the figures compare.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tinyml import boards, data, project
from tinyml.bench.runner import run_on_board
from tinyml.boards import Board
from tinyml.data import Dataset
from tinyml.emulator import can_count
from tinyml.errors import ProjectError, TrainingError
from tinyml.graph import Graph, load
from tinyml.graph.ir import Array
from tinyml.judge import (
    Answers,
    Evaluation,
    answers_of,
    classical,
    inputs_of,
    pooled,
    read_record,
    run,
    trivial,
)
from tinyml.judge.calibration import expected_calibration_error
from tinyml.judge.error_bar import ErrorBar, error_bar
from tinyml.model import settings_of
from tinyml.progress import Progress, called, within
from tinyml.train import float_answers
from tinyml.train.float_model import installed

# Called with what is being done, the steps done and all steps.


@dataclass(frozen=True)
class Tested:
    """A model, and the data that tests it: one fold's where there are several."""

    path: Path
    float_path: Path
    graph: Graph
    dataset: Dataset


@dataclass(frozen=True)
class Agreement:
    """What a board said, sample by sample, beside the host."""

    board: str
    samples: int
    differing: int  # samples of which any raw output differs

    @property
    def equal(self) -> bool:
        """Whether all outputs are the same, bit for bit."""
        return self.differing == 0


@dataclass(frozen=True)
class Result:
    """What an evaluation found."""

    shipped: Tested  # of several folds the last
    folds: int  # how many models answered; 0 where there is one split only
    figures: Mapping[str, Evaluation]  # "float", "int8", "board", "baseline", "forest"
    agreement: Agreement | None  # None where no board was asked
    error_bar: ErrorBar | None  # of a regression's predictions
    # Expected calibration error of each way of telling classes by scores, 0 for none.
    calibration: Mapping[str, float]


def evaluate_models(
    target: Path, board: str | None, samples: int | None, report: Progress
) -> Result:
    """Figures of a project's folder, a .tflite, or ``models/NAME`` of the zoo.

    Args:
        target: of a project with folds each fold's model answers for its own test data, and all
            answers count together; a .tflite is tested by its own fold alone.
        board: the name of an emulated board that answers, too.
        samples: at most so many of each test part, spread evenly; all where None.
        report: told about every step.

    Without LiteRT and TensorFlow the float figures are those of the training record. Raises
    ProjectError, DataError, TrainingError, InvalidModelError, each in a sentence.
    """
    target_board = None if board is None else boards.load(board)
    if target_board is not None:
        can_count(target_board)  # before all other work
    paths = model_paths(target)
    tested = [_tested(path, float_path, samples, report) for path, float_path in paths]
    raw = [_host_outputs(one, report) for one in tested]
    on_board = (
        [_board_outputs(one, target_board, report) for one in tested] if target_board else None
    )
    answers = _answers(tested, raw, on_board)
    figures = {way: found.judge() for way, found in answers.items()}
    # The record is of all samples, and must be of this model.
    recorded = _recorded_float(tested[-1])
    if "float" not in figures and samples is None:
        figures = {**recorded, **figures}
    shipped = tested[-1]
    return Result(
        shipped=shipped,
        folds=len(tested) if len(tested) > 1 else 0,
        figures=figures,
        agreement=_agreement(board, raw, on_board) if board is not None and on_board else None,
        error_bar=error_bar(shipped.graph, shipped.dataset, raw[-1]),
        calibration={
            way: expected_calibration_error(found.scores, found.targets)
            for way, found in answers.items()
            if found.scores is not None and found.scores.ndim == 2
        },
    )


def _answers(
    tested: list[Tested], raw: list[Array], on_board: list[Array] | None
) -> dict[str, Answers]:
    found = {}
    if all(one.float_path.is_file() for one in tested) and installed():
        found["float"] = pooled([_float(one) for one in tested])
    found["int8"] = _pooled(tested, raw)
    if on_board is not None:
        found["board"] = _pooled(tested, on_board)
    found["baseline"] = pooled([trivial(one.dataset) for one in tested])
    if _has_forest(tested[-1].dataset.entry.task):
        found["forest"] = pooled([_classical(one) for one in tested])
    return found


def project_of(target: Path) -> project.Project:
    """The project in ``target``, where ``models/NAME`` means the zoo's from anywhere."""
    target = project.located(target)
    if not target.is_dir():
        raise ProjectError(f"{target} is neither the folder of a project nor a .tflite file")
    return project.find(target)


def model_paths(target: Path) -> list[tuple[Path, Path]]:
    """Models and their float twins; the shipped one last."""
    if target.suffix == ".tflite":
        return [(target, target.with_name("float.tflite"))]
    found = project_of(target)
    folds = range(1, data.entry(found.dataset, found.folder).folds)
    paths = [(found.fold_path(fold), found.fold_float_path(fold)) for fold in folds]
    paths.append((found.model_path, found.float_path))
    missing = [path for path, _ in paths if not path.is_file()]
    if missing:
        raise ProjectError(f"{missing[0]} does not exist yet; run `tinyml train {target}` first")
    return paths


def _tested(path: Path, float_path: Path, samples: int | None, report: Progress) -> Tested:
    graph = load(path)
    settings = settings_of(graph)
    fetching = within(report, "fetch ")
    leaky = bool(settings.training.get("leaks"))
    dataset = data.load(settings.dataset, fetching, settings.fold, near=path.parent, leaky=leaky)
    if samples is not None:
        test = dataset.test
        dataset = replace(dataset, test=test.only(test.spread(samples)))
    return Tested(path, float_path, graph, dataset)


def _pooled(tested: list[Tested], outputs: list[Array]) -> Answers:
    return pooled(
        [
            answers_of(one.graph, one.dataset, one.dataset.test, raw)
            for one, raw in zip(tested, outputs, strict=True)
        ]
    )


def _host_outputs(one: Tested, report: Progress) -> Array:
    inputs = inputs_of(one.graph, one.dataset.test)
    return run(one.graph, inputs, called(report, f"int8 {one.path.stem}"))


def _board_outputs(one: Tested, board: Board, report: Progress) -> Array:
    inputs = inputs_of(one.graph, one.dataset.test)
    what = f"{len(inputs):,} samples, {one.path.stem} on {board.name}"
    outputs = run_on_board(one.graph, board, [inputs], called(report, what))
    return outputs[0]


def _agreement(board: str, host: list[Array], on_board: list[Array]) -> Agreement:
    differing = [
        int((ours.reshape(len(ours), -1) != theirs.reshape(len(theirs), -1)).any(axis=1).sum())
        for ours, theirs in zip(host, on_board, strict=True)
    ]
    return Agreement(board, sum(len(outputs) for outputs in host), sum(differing))


def _float(one: Tested) -> Answers:
    model = one.float_path.read_bytes()
    try:
        return float_answers(model, one.graph, one.dataset, one.dataset.test)
    except TrainingError as error:
        raise TrainingError(f"{one.float_path}: {error}") from error


def _classical(one: Tested) -> Answers:
    return classical(one.dataset, settings_of(one.graph).front_end)


def _has_forest(task: str) -> bool:
    return task == "anomaly" or importlib.util.find_spec("sklearn") is not None


def _recorded_float(shipped: Tested) -> dict[str, Evaluation]:
    """Those of the record beside the model; none where it is of another model or missing."""
    path = shipped.path.with_name("training.json")
    if not path.is_file():
        return {}
    record = read_record(path)
    if record.model_sha256 != shipped.graph.sha256:
        raise TrainingError(
            f"{path} and {shipped.path.name} are not the same model; run `tinyml train` "
            f"again, or remove {path} to evaluate without float figures"
        )
    return {"float": record.metrics["float"]}


def to_dict(result: Result) -> dict[str, Any]:
    """As `tinyml evaluate --json` prints it."""
    shipped, agreement, bar = result.shipped, result.agreement, result.error_bar
    entry = shipped.dataset.entry
    return {
        "model": str(shipped.path),
        "model_sha256": shipped.graph.sha256,
        "dataset": entry.name,
        "dataset_sha256": shipped.dataset.sha256,
        "task": entry.task,
        "simulated": entry.simulated,
        "folds": result.folds,
        "on": agreement.board if agreement else None,
        "board_equals_host": agreement.equal if agreement else None,
        "board_samples_that_differ": agreement.differing if agreement else None,
        **{way: figures.to_dict() for way, figures in result.figures.items()},
        **({"error_bar": bar.to_dict()} if bar else {}),
        **({"expected_calibration_error": dict(result.calibration)} if result.calibration else {}),
    }
