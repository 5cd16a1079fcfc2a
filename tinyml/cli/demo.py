"""tinyml demo: all of it, on an emulated board."""

from __future__ import annotations

import importlib.util
import webbrowser
from dataclasses import asdict
from pathlib import Path

import click

from tinyml import boards
from tinyml.cli.choices import emulator_option, toolchain_option
from tinyml.cli.output import json_option, print_json
from tinyml.cli.progress import progress_bars
from tinyml.demo import PROJECT, run_demo
from tinyml.install import extra_command


@click.command("demo")
@click.option(
    "-o", "--output", default="demo", show_default=True, type=click.Path(path_type=Path),
    help="The folder for the model, the records and the report. It must be new or "
"belong to an earlier demo.",
)  # fmt: skip
@click.option("--board", default=boards.DEFAULT, show_default=True, help="An emulated board.")
@click.option("--project", default=PROJECT, show_default=True, help="A project of the model zoo.")
@click.option(
    "--pretrained",
    is_flag=True,
    help="Use the model that comes with tinyml instead of training one; TensorFlow is not needed.",
)
@click.option(
    "--samples", type=click.IntRange(1), help="Feed only this many test samples to the board."
)
@click.option("--epochs", type=click.IntRange(1), help="Train for this many epochs.")
@click.option("--open", "show", is_flag=True, help="Open the report in a browser.")
@toolchain_option
@emulator_option
@json_option
def command(
    output: Path,
    board: str,
    project: str,
    pretrained: bool,
    samples: int | None,
    epochs: int | None,
    show: bool,
    as_json: bool,
) -> None:
    """Train, compile, build, emulate, feed, collect and report: all steps in one command."""
    if not pretrained and importlib.util.find_spec("tensorflow") is None:
        click.echo(
            "TensorFlow is not installed, so the demo runs the model that comes with "
            f"tinyml; to train one, type: {extra_command('train')}",
            err=True,
        )
        pretrained = True
    with progress_bars() as report:
        result = run_demo(
            output,
            board,
            project=project,
            pretrained=pretrained,
            samples=samples,
            epochs=epochs,
            progress=report,
        )
    if as_json:
        values = asdict(result)
        print_json({k: str(v) if isinstance(v, Path) else v for k, v in values.items()})
    else:
        click.echo(
            f"{result.equal_samples} of {result.samples} samples gave the same output on "
            f"{board} and on the host, bit for bit: {result.metric} {result.board:.4g} on "
            f"the board, {result.host:.4g} on the host.\nReport: {result.report}"
        )
    if show:
        webbrowser.open(result.report.resolve().as_uri())
