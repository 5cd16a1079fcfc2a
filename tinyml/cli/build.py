"""tinyml build: a firmware image from a model."""

from __future__ import annotations

from pathlib import Path

import click

from tinyml import boards
from tinyml.build import application, build_node
from tinyml.cli.choices import toolchain_option
from tinyml.cli.compiling import compile_options
from tinyml.cli.nodes import asked_node
from tinyml.cli.output import json_option, print_json, print_table, progress_console
from tinyml.compiler import Options, compile_model
from tinyml.graph import load

_APPLICATIONS = "; ".join(f"{app.name}: {app.title}" for app in application.listed())


@click.command("build")
@click.argument("model", type=click.Path(path_type=Path))
@click.option(
    "--board",
    help=f"The board to build for. Default: the project's, of a .tflite {boards.DEFAULT}.",
)
@click.option(
    "--app",
    default="node",
    show_default=True,
    help=f"What the image does: {_APPLICATIONS}; or the folder of your own application in C.",
)
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="A folder.")
@compile_options
@toolchain_option
@json_option
def command(
    model: Path, board: str | None, app: str, output: Path, options: Options, as_json: bool
) -> None:
    """Build a firmware image with MODEL for a board.

    MODEL is a .tflite, or the folder of a project: its [node] then says which sensors are read.
    """
    asked = asked_node(model, board)
    target, board = asked.board, asked.board.name
    compiled = compile_model(load(asked.model), core=target.core, options=options)
    with progress_console.status(f"building {app} for {board}"):
        image = build_node(compiled, target, output, app, sensing=asked.sources)
    figures = {
        "model": str(asked.model),
        "sensors": asked.sensors,
        "board": board,
        "app": app,
        "elf": str(image.elf_path),
        "hex": str(image.elf_path.with_suffix(".hex")),
        "bin": str(image.elf_path.with_suffix(".bin")),
        "flash_bytes": image.flash_bytes,
        "flash_model_bytes": image.flash_model_bytes,
        "flash_code_bytes": image.flash_code_bytes,
        "data_bss_bytes": image.data_bss_bytes,
        "arena_bytes": compiled.arena_bytes,
        "board_flash_bytes": target.flash_bytes,
        "board_ram_bytes": target.ram_bytes,
    }
    if as_json:
        print_json(figures)
    else:
        print_table(f"{app} with {compiled.name} for {board}", ("", ""), list(figures.items()))
