"""tinyml export: a model for TFLite Micro and other ecosystems."""

from __future__ import annotations

from pathlib import Path

import click

from tinyml import boards
from tinyml.boards import Board
from tinyml.cli.choices import emulator_option, toolchain_option
from tinyml.cli.compiling import compile_options
from tinyml.cli.output import json_option, print_json
from tinyml.compiler import Options, identifier_of
from tinyml.emulator import require_counting
from tinyml.errors import BoardError, EmulatorError, ToolMissingError
from tinyml.export import FORMATS, Engine, Measured, Source, export_model
from tinyml.graph import Graph, load


@click.command("export")
@click.argument("model", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "form",
    required=True,
    type=click.Choice(list(FORMATS)),
    help="; ".join(f"{name}: {form.title}" for name, form in FORMATS.items()) + ".",
)
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="A folder.")
@click.option(
    "--engine",
    type=click.Choice([engine.value for engine in Engine]),
    help="What runs the model: tinyml's engine (generated C) or TensorFlow Lite Micro "
    "as packaged for that ecosystem.",
)
@click.option(
    "--name",
    help="The model's name in C. Default: the name of its file (of its folder for a model.tflite).",
)
@click.option("--core", help="The core to compile for. Default: portable C for any core.")
@click.option("--board", help="Compile for this board's core, and measure the cost on it.")
@click.option("--replace", is_flag=True, help="Write even if the folder is not empty.")
@compile_options
@toolchain_option
@emulator_option
@json_option
def command(
    model: Path,
    form: str,
    output: Path,
    engine: str | None,
    name: str | None,
    core: str | None,
    board: str | None,
    replace: bool,
    options: Options,
    as_json: bool,
) -> None:
    """Write MODEL (.tflite) into a folder as a project that builds with that ecosystem's tools."""

    if board is not None and core is not None:
        raise click.UsageError("give either --board or --core")
    target = None if board is None else boards.load(board)
    if target is not None:
        try:
            require_counting(target)
        except (BoardError, EmulatorError, ToolMissingError) as error:
            hint = f"with --core {target.core} the same is written, but not measured"
            raise type(error)(f"{error}; {hint}") from error
    chosen = target.core if target else boards.core(core or "portable").name
    graph = load(model)
    measured = _measure(graph, target, options) if target else None
    called = identifier_of(name) if name else identifier_of(_name_of(model), "model")
    source = Source(graph, model.read_bytes(), called, chosen, measured, options)
    written = export_model(source, form, output, engine=engine, replace=replace)
    if as_json:
        print_json({"format": form, "folder": str(output), "core": chosen, "files": written})
    else:
        where = f"; read {output / 'README.md'} next" if "README.md" in written else ""
        click.echo(f"{output}: {len(written)} file{'s' * (len(written) > 1)}{where}")


def _name_of(model: Path) -> str:
    """That of the file, or of the folder where all models are called alike."""
    return model.resolve().parent.name if model.stem == "model" else model.stem


def _measure(graph: Graph, board: Board, options: Options) -> Measured:
    from tinyml.bench.measure import measure  # noqa: PLC0415 - heavy

    figures = measure(graph, board, options=options)
    return Measured(
        board.name,
        figures.instructions,
        figures.stack_bytes,
        figures.flash_model_bytes,
        figures.flash_code_bytes,
    )
