"""tinyml evaluate: float and int8 figures side by side, on the host or on a board."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click

from tinyml import data, project
from tinyml.bench.runner import run_on_board
from tinyml.cli.figures import print_evaluations
from tinyml.cli.output import json_option, print_json
from tinyml.cli.progress import progress_bars
from tinyml.data import Dataset
from tinyml.errors import ProjectError, TrainingError
from tinyml.graph import Graph, load
from tinyml.resources import folder
from tinyml.train import (
    Answers,
    Evaluation,
    answers_of,
    classical,
    float_answers,
    inputs_of,
    pooled,
    read_record,
    run,
    settings_of,
    trivial,
)
from tinyml.train.float_model import installed

Report = Callable[[str, int, int], None]


@dataclass(frozen=True)
class _Tested:
    """A model, and the data that tests it: one fold's where there are several."""

    path: Path
    float_path: Path
    graph: Graph
    dataset: Dataset


@click.command("evaluate")
@click.argument("target", default=".", type=click.Path(path_type=Path))
@click.option("--on", "board", help="Also run every test sample on this board.")
@json_option
def command(target: Path, board: str | None, as_json: bool) -> None:
    """Evaluate TARGET: a project's folder, a .tflite, or models/NAME of the zoo.

    Every figure is computed afresh from the models there and the data's test part. Of a project
    with folds each fold's model answers for its own test data, and all answers count together; a
    .tflite is tested by its own fold alone. Without LiteRT and TensorFlow the float figures are
    those of the training record.
    """
    with progress_bars() as report:
        tested = [_tested(path, float_path, report) for path, float_path in _paths(target)]
        found = _figures(tested, board, report)
    shipped = tested[-1]
    entry = shipped.dataset.entry
    if as_json:
        print_json(
            {
                "model": str(shipped.path),
                "model_sha256": shipped.graph.sha256,
                "dataset": entry.name,
                "task": entry.task,
                "simulated": entry.simulated,
                "folds": entry.folds if len(tested) > 1 else 0,
                "on": board,
                **{way: figures.to_dict() for way, figures in found.items()},
            }
        )
        return
    print_evaluations(entry.title, found, entry.target_unit)
    click.echo(f"baseline: {entry.baseline}; forest: {_classical_in_words(entry.task)}")


def _classical_in_words(task: str) -> str:
    if task == "anomaly":
        return "T2 and Q over principal components of the same features"
    return "a random forest of 200 trees on the same features"


def _paths(target: Path) -> list[tuple[Path, Path]]:
    """Models and their float twins; the shipped one last."""
    if target.suffix == ".tflite":
        return [(target, target.with_name("float.tflite"))]
    if not target.exists() and target.parts[:1] == ("models",):
        target = folder("models").parent / target
    if not target.is_dir():
        raise ProjectError(f"{target} is neither a project's folder nor a .tflite")
    found = project.find(target)
    folds = range(1, data.entry(found.dataset).folds)
    paths = [(found.fold_path(fold), found.fold_float_path(fold)) for fold in folds]
    paths.append((found.model_path, found.float_path))
    missing = [path for path, _ in paths if not path.is_file()]
    if missing:
        raise ProjectError(f"{missing[0]} is not there yet; run `tinyml train {target}` first")
    return paths


def _tested(path: Path, float_path: Path, report: Report) -> _Tested:
    graph = load(path)
    settings = settings_of(graph)

    def fetching(name: str, done: int, total: int) -> None:
        report(f"fetch {name}", done, total)

    dataset = data.load(settings.dataset, fetching, settings.fold)
    return _Tested(path, float_path, graph, dataset)


def _figures(tested: list[_Tested], board: str | None, report: Report) -> dict[str, Evaluation]:
    found = _recorded_float(tested[-1])
    if all(one.float_path.is_file() for one in tested) and installed():
        found["float"] = _pooled(tested, _float)
    found["int8"] = _pooled(tested, lambda one: _int8(one, report))
    if board is not None:
        found["board"] = _pooled(tested, lambda one: _on_board(one, board, report))
    found["baseline"] = _pooled(tested, lambda one: trivial(one.dataset))
    if _has_forest(tested[-1].dataset.entry.task):
        found["forest"] = _pooled(
            tested, lambda one: classical(one.dataset, settings_of(one.graph).front_end)
        )
    return found


def _has_forest(task: str) -> bool:
    return task == "anomaly" or importlib.util.find_spec("sklearn") is not None


def _pooled(tested: list[_Tested], answer: Callable[[_Tested], Answers]) -> Evaluation:
    return pooled([answer(one) for one in tested]).judge()


def _float(one: _Tested) -> Answers:
    return float_answers(one.float_path.read_bytes(), one.graph, one.dataset, one.dataset.test)


def _int8(one: _Tested, report: Report) -> Answers:
    test = one.dataset.test
    what = f"int8 {one.path.stem}"
    outputs = run(one.graph, inputs_of(one.graph, test), lambda n, total: report(what, n, total))
    return answers_of(one.graph, one.dataset, test, outputs)


def _recorded_float(shipped: _Tested) -> dict[str, Evaluation]:
    """Those of the record beside the model; none where it is of another model or missing."""
    path = shipped.path.with_name("training.json")
    if not path.is_file():
        return {}
    record = read_record(path)
    if record.model_sha256 != shipped.graph.sha256:
        raise TrainingError(
            f"{path} belongs to another model than {shipped.path.name}; run `tinyml train` again, "
            "or remove it to go without the float figures"
        )
    return {"float": record.metrics["float"]}


def _on_board(one: _Tested, board: str, report: Report) -> Answers:
    test = one.dataset.test
    what = f"{one.path.stem} on {board}"
    outputs = run_on_board(
        one.path,
        board,
        [inputs_of(one.graph, test)],
        lambda done: report(what, done, len(test)),
    )
    return answers_of(one.graph, one.dataset, test, outputs[0])
