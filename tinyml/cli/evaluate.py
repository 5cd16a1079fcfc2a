"""tinyml evaluate: float and int8 figures side by side, on the host or on a board."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tinyml.bench.evaluation import Result, evaluate_models, project_of, to_dict
from tinyml.cli.choices import emulator_option, toolchain_option
from tinyml.cli.figures import print_evaluations, print_groups_left_out
from tinyml.cli.output import json_option, print_json
from tinyml.cli.progress import progress_bars
from tinyml.errors import VerificationError
from tinyml.judge.error_bar import ErrorBar
from tinyml.judge.metrics import Evaluation
from tinyml.train.leave_out import leave_one_out


@click.command("evaluate")
@click.argument("target", default=".", type=click.Path(path_type=Path))
@click.option("--on", "board", help="Also run every test sample on this board.")
@click.option(
    "--samples",
    type=click.IntRange(1),
    help="Use only this many test samples, spread evenly, for every figure.",
)
@click.option(
    "--leave-one-out",
    "left_out",
    is_flag=True,
    help="Also train once without each site or machine and test on that one. Needs TensorFlow.",
)
@toolchain_option
@emulator_option
@json_option
def command(
    target: Path, board: str | None, samples: int | None, left_out: bool, as_json: bool
) -> None:
    """Evaluate TARGET: a project's folder, a .tflite, or models/NAME of the zoo.

    Every figure is computed now, on the same test samples. In a project with folds, each fold's
    model is tested on its own test data and all answers count together; a single .tflite is
    tested on its own fold only. Without LiteRT and TensorFlow, the float figures are taken from
    the training record. The command fails if the board's outputs differ from the host's in any
    bit.
    """
    groups = {}
    with progress_bars() as report:
        if left_out:
            groups = leave_one_out(project_of(target), report)
        found = evaluate_models(target, board, samples, report)
    if as_json:
        print_json({**to_dict(found), **_left_out_to_dict(groups)})
    else:
        _print(found, groups)
    if found.agreement and not found.agreement.equal:
        raise VerificationError(
            f"{found.agreement.board} answers {found.agreement.differing:,} of "
            f"{found.agreement.samples:,} samples differently from the host; run `tinyml "
            f"verify {found.shipped.path}` to see which layer differs"
        )


def _left_out_to_dict(groups: dict[str, dict[str, Evaluation]]) -> dict[str, Any]:
    if not groups:
        return {}
    return {
        "leave_one_out": {
            group: {way: figures.to_dict() for way, figures in found.items()}
            for group, found in groups.items()
        }
    }


def _print(found: Result, groups: dict[str, dict[str, Evaluation]]) -> None:
    entry = found.shipped.dataset.entry
    print_evaluations(entry.title, found.figures, entry.target_unit)
    if groups:
        print_groups_left_out(groups, entry.target_unit)
    click.echo(f"baseline: {entry.baseline}; forest: {_classical_in_words(entry.task)}")
    if found.calibration:
        errors = (f"{way} {error:.3f}" for way, error in found.calibration.items())
        click.echo(f"expected calibration error: {', '.join(errors)}")
    if found.error_bar:
        click.echo(_error_bar_in_words(found.error_bar))
    if found.agreement and found.agreement.equal:
        click.echo(
            f"{found.agreement.board} and the host gave the same outputs for all "
            f"{found.agreement.samples:,} samples, bit for bit."
        )


def _classical_in_words(task: str) -> str:
    if task == "anomaly":
        return "T2 and Q statistics of principal components of the same features"
    return "a random forest of 200 trees on the same features"


def _error_bar_in_words(bar: ErrorBar) -> str:
    optimistic = (
        "; the model was also trained on the validation data, so this bar is too narrow"
        if bar.validation_was_trained_on
        else ""
    )
    return (
        f"error bar: +-{bar.half_width:.4g} {bar.unit} holds for {bar.level:.0%} of the "
        f"validation data and {bar.test_coverage:.1%} of the test data{optimistic}"
    )
