"""tinyml evaluate: float and int8 figures side by side, on the host or on a board."""

from __future__ import annotations

from collections.abc import Callable
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
    Evaluation,
    baseline,
    evaluate,
    inputs_of,
    judge,
    predictions,
    read_record,
    settings_of,
)


@click.command("evaluate")
@click.argument("target", default=".", type=click.Path(path_type=Path))
@click.option("--on", "board", help="Also run every test sample on this board.")
@json_option
def command(target: Path, board: str | None, as_json: bool) -> None:
    """Evaluate TARGET: a project's folder, a .tflite, or models/NAME of the zoo.

    The float figures are those of the training record, where it belongs to this very model.
    """
    model = _model_path(target)
    graph = load(model)
    settings = settings_of(graph)
    with progress_bars() as report:
        dataset = data.load(
            settings.dataset, lambda name, n, total: report(f"fetch {name}", n, total)
        )
        found = _float_figures(model, graph)
        found["int8"] = evaluate(graph, dataset, progress=lambda n, total: report("int8", n, total))
        found["baseline"] = baseline(dataset)
        if board is not None:
            found["on_device"] = _on_board(model, graph, dataset, board, report)
    if as_json:
        print_json(
            {
                "model": str(model),
                "model_sha256": graph.sha256,
                "dataset": dataset.entry.name,
                "simulated": dataset.entry.simulated,
                "board": board,
                **{name: figures.to_dict() for name, figures in found.items()},
            }
        )
        return
    print_evaluations(dataset.entry.title, found, dataset.entry.target_unit)
    click.echo(f"baseline: {dataset.entry.baseline}")


def _model_path(target: Path) -> Path:
    if target.suffix == ".tflite":
        return target
    if not target.exists() and target.parts[:1] == ("models",):
        target = folder("models").parent / target
    if not target.is_dir():
        raise ProjectError(f"{target} is neither a project's folder nor a .tflite")
    model = project.find(target).model_path
    if not model.is_file():
        raise ProjectError(f"{model} is not there yet; run `tinyml train {target}` first")
    return model


def _float_figures(model: Path, graph: Graph) -> dict[str, Evaluation]:
    """Those of the record beside the model; none where it is of another model or missing."""
    path = model.with_name("training.json")
    if not path.is_file():
        return {}
    record = read_record(path)
    if record.model_sha256 != graph.sha256:
        raise TrainingError(
            f"{path} belongs to another model than {model.name}; run `tinyml train` again, or "
            "remove it to go without the float figures"
        )
    return {"float": record.metrics["float"]}


def _on_board(
    model: Path, graph: Graph, dataset: Dataset, board: str, report: Callable[[str, int, int], None]
) -> Evaluation:
    samples = len(dataset.test)
    outputs = run_on_board(
        model,
        board,
        [inputs_of(graph, dataset.test)],
        lambda done: report(f"on {board}", done, samples),
    )
    return judge(dataset, dataset.test, predictions(graph, outputs[0]))
