"""tinyml verify: every layer on a board against the oracle."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Final

import click

from tinyml import boards
from tinyml.bench.litert import Opinion, compare, installed
from tinyml.bench.verify import Verification, verify
from tinyml.cli.arrays import read_array
from tinyml.cli.choices import emulator_option, toolchain_option
from tinyml.cli.compiling import compile_options
from tinyml.cli.output import json_option, print_json
from tinyml.cli.progress import progress_bars
from tinyml.compiler import Options
from tinyml.errors import UnsupportedModelError, VerificationError
from tinyml.graph import Oracle, load
from tinyml.graph.ir import Array
from tinyml.graph.samples import random_inputs

_OUTPUTS_ALONE: Final = (
    " Only outputs were compared here: give --board another board to see which layer differs first."
)


@click.command("verify")
@click.argument("model", type=click.Path(path_type=Path))
@click.option("--board", default=boards.DEFAULT, show_default=True, help="An emulated board.")
@click.option(
    "--input",
    "inputs",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A .npy file to read, batch on axis 0. Repeat for each input. Default: random inputs.",
)
@click.option(
    "--samples",
    type=click.IntRange(1),
    default=3,
    show_default=True,
    help="The number of random samples.",
)
@click.option(
    "--seed",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="The seed of the random samples.",
)
@compile_options
@toolchain_option
@emulator_option
@json_option
def command(
    model: Path,
    board: str,
    inputs: tuple[Path, ...],
    samples: int,
    seed: int,
    options: Options,
    as_json: bool,
) -> None:
    """Check that a board computes every layer of MODEL (.tflite) as TFLite Micro does.

    Every layer's output is compared bit for bit with the oracle, which computes as TFLite Micro.
    Where the board's emulator cannot stop between layers, the model's outputs alone are compared.
    """
    graph = load(model)
    arrays = [read_array(path) for path in inputs] or random_inputs(graph, samples, seed)
    with progress_bars() as report:
        result = verify(graph, boards.load(board), arrays, report, options=options)
    opinions = _second_opinion(model, arrays) if result.divergence is None else []
    if as_json:
        print_json(
            {
                **asdict(result),
                "equal": result.divergence is None,
                "litert": [asdict(opinion) for opinion in opinions],
            }
        )
    elif result.divergence is None:
        click.echo(_equality_in_words(result))
        click.echo(_in_words(opinions))
    _fail_on_divergence(result)


def _second_opinion(model: Path, arrays: list[Array]) -> list[Opinion]:
    """What LiteRT's reference kernels say of the first sample; nothing where it cannot."""
    if not installed():
        return []
    graph = load(model)
    try:
        return compare(model.read_bytes(), Oracle(graph).samples(arrays)[0])
    except UnsupportedModelError:
        return []


def _equality_in_words(result: Verification) -> str:
    what = f"all {result.layers} layers equal" if result.layers else "the outputs equal"
    text = (
        f"{result.model} on {result.board}: {what} the oracle, bit for bit "
        f"({result.samples} samples, {result.tensors_compared} tensors compared)."
    )
    if result.layers == 0:
        text += " Its emulator does not stop between layers, so they were not compared one by one."
    return text


def _in_words(opinions: list[Opinion]) -> str:
    if not opinions:
        return "LiteRT was not compared: it is not installed, or cannot run this model."
    parts = [f"LiteRT's reference kernels agree on {sum(not o.steps for o in opinions)} of "
             f"{len(opinions)} operators"]  # fmt: skip
    for opinion in opinions:
        if opinion.steps:
            why = opinion.why or "this difference is not known; please report it"
            parts.append(
                f"operator {opinion.operator} ({opinion.op}) differs by up to {opinion.steps}: "
                f"{why}"
            )
    return "; ".join(parts) + "."


def _fail_on_divergence(result: Verification) -> None:
    first = result.divergence
    if first is not None:
        raise VerificationError(
            f"{result.model} on {result.board} differs from the oracle: operator {first.operator} "
            f"({first.op}), tensor '{first.tensor}', element {list(first.index)}: "
            f"{first.board:g} on the board, {first.oracle:g} expected; {first.differing} of "
            f"{first.elements} elements differ. {first.likely_cause.capitalize()}."
            + (_OUTPUTS_ALONE if result.layers == 0 else "")
        )
