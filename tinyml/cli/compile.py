"""tinyml compile: a model becomes C."""

from __future__ import annotations

from pathlib import Path

import click

from tinyml import boards
from tinyml.cli.compiling import compile_options
from tinyml.cli.output import json_option, print_json, print_table
from tinyml.compiler import Options, compile_model
from tinyml.graph import load


@click.command("compile")
@click.argument("model", type=click.Path(path_type=Path))
@click.option("--board", help="The board to compile for.")
@click.option("--core", help="The core to compile for, if your board is not in `tinyml boards`.")
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="A folder.")
@click.option("--name", help="The model's name in C. Default: the name of its file.")
@compile_options
@json_option
def command(
    model: Path,
    board: str | None,
    core: str | None,
    output: Path,
    name: str | None,
    options: Options,
    as_json: bool,
) -> None:
    """Compile MODEL (.tflite) to C with an exact arena, for use in any project."""

    if (board is None) == (core is None):
        raise click.UsageError("give either --board or --core")
    target = boards.core(str(core)).name if board is None else boards.load(board).core
    compiled = compile_model(load(model), core=target, name=name, options=options)
    compiled.write(output)
    figures = {
        "model": str(model),
        "core": target,
        "folder": str(output),
        "arena_bytes": compiled.arena_bytes,
        "arena_bound_bytes": compiled.plan.bound_bytes,
        "state_bytes": compiled.state_bytes,
        "flash_model_bytes": compiled.constant_bytes,
        "macs": compiled.macs,
        "passes": compiled.optimized.did,
        "files": sorted(compiled.files),
    }
    if as_json:
        print_json(figures)
    else:
        rows = [(key, value) for key, value in figures.items() if key not in ("files", "passes")]
        rows += [(f"pass: {name}", did) for name, did in compiled.optimized.did.items()]
        print_table(f"{compiled.name}, compiled for {target}", ("", ""), rows)
