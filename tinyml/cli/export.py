"""tinyml export: a model for TFLite Micro and other ecosystems."""

from __future__ import annotations

from pathlib import Path

import click

from tinyml.cli.output import json_option, print_json
from tinyml.compiler import compile_model, identifier_of
from tinyml.export import tflm_files
from tinyml.features import ModelSettings
from tinyml.files import write_atomically, write_folder
from tinyml.graph import load


@click.command("export")
@click.argument("model", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "form",
    required=True,
    type=click.Choice(["tflite", "tflm", "c"]),
    help="tflite: the file alone. tflm: C array, operators and settings for TFLite Micro. "
    "c: this toolkit's own engine, self-contained.",
)
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="A folder.")
@click.option("--name", help="What the model is called in C.")
@click.option("--core", default="portable", help="For c: the core to compile for.")
@json_option
def command(
    model: Path, form: str, output: Path, name: str | None, core: str, as_json: bool
) -> None:
    """Write MODEL (.tflite) into a folder, ready to be built there."""

    graph = load(model)
    identifier = identifier_of(name or graph.name)
    if form == "c":
        files = dict(compile_model(graph, core=core, name=identifier).files)
    elif form == "tflm":
        files = tflm_files(graph, model.read_bytes(), identifier, ModelSettings.of(graph.metadata))
    else:
        files = {}
        write_atomically(output / f"{identifier}.tflite", model.read_bytes())
    write_folder(output, files)
    written = sorted(files) or [f"{identifier}.tflite"]
    if as_json:
        print_json({"folder": str(output), "files": written})
    else:
        click.echo(f"{output}: " + ", ".join(written))
