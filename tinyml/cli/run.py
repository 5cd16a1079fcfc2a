"""tinyml run: inference on an emulated board."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from tinyml import boards
from tinyml.bench.runner import run_on_board
from tinyml.cli.arrays import read_array, write_array
from tinyml.cli.choices import emulator_option, toolchain_option
from tinyml.cli.output import json_option, print_json
from tinyml.cli.progress import progress_bars
from tinyml.errors import ModelError
from tinyml.graph import load
from tinyml.model import Description

_SHOWN: Final = 10  # results that are printed as text


@click.command("run")
@click.argument("model", type=click.Path(path_type=Path))
@click.option("--board", default=boards.DEFAULT, show_default=True, help="An emulated board.")
@click.option(
    "--input",
    "inputs",
    required=True,
    multiple=True,
    type=click.Path(path_type=Path),
    help="A .npy file to read, batch on axis 0. Repeat for each input of the model.",
)
@click.option(
    "--output",
    "outputs",
    required=True,
    multiple=True,
    type=click.Path(path_type=Path),
    help="A .npy file to write. Repeat for each output of the model.",
)
@toolchain_option
@emulator_option
@json_option
def command(
    model: Path, board: str, inputs: tuple[Path, ...], outputs: tuple[Path, ...], as_json: bool
) -> None:
    """Run MODEL (.tflite) on a board: inputs from .npy files, outputs to .npy files.

    Inputs are those of the model itself: what its front end computes from samples. A board whose
    emulator has no debugger gets them over its serial port. If tinyml trained the model, it also
    prints what the outputs mean: classes with their scores, or values with their unit.
    """
    graph, target = load(model), boards.load(board)
    if len(outputs) != len(graph.outputs):
        raise ModelError(
            f"{model.name} has {len(graph.outputs)} outputs, but {len(outputs)} files were given"
        )
    arrays = [read_array(path) for path in inputs]
    with progress_bars() as report:
        results = run_on_board(graph, target, arrays, report)
    for path, result in zip(outputs, results, strict=True):
        write_array(path, result)
    meaning = Description.of(graph).meaning
    said = [meaning.result(one.reshape(-1).tolist()) for one in results[0]] if meaning else []
    if as_json:
        print_json(
            {
                "model": str(model),
                "board": board,
                "samples": len(results[0]),
                "outputs": [str(path) for path in outputs],
                "results": [None if one is None else one.to_dict() for one in said],
            }
        )
    else:
        click.echo(f"{len(results[0])} samples on {board}: {', '.join(map(str, outputs))}")
        for number, one in enumerate(said[:_SHOWN], 1):
            click.echo(f"sample {number}: {one or 'not an output of this model'}")
        if len(said) > _SHOWN:
            click.echo(f"... and {len(said) - _SHOWN:,} more; --json prints all")
