"""tinyml import: a .tflite back out of C."""  # noqa: N999 - the command is called that

from __future__ import annotations

from pathlib import Path

import click

from tinyml.cli.output import json_option, print_json
from tinyml.errors import ExportError
from tinyml.export.arrays import read_model
from tinyml.files import write_atomically
from tinyml.graph import parse


@click.command("import")
@click.argument("source", type=click.Path(path_type=Path))
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="A .tflite.")
@click.option("--name", help="Which array to read, if the source holds several models.")
@json_option
def command(source: Path, output: Path, name: str | None, as_json: bool) -> None:
    """Get the model in SOURCE back as a .tflite.

    SOURCE is a C or C++ file with the model as an array (`xxd -i`, TFLite Micro's tools), or a
    folder that `tinyml export` wrote.
    """
    if output.exists():
        raise ExportError(f"{output} is there already; choose another name")
    data = read_model(source, name)
    graph = parse(data, output.stem)
    write_atomically(output, data)
    if as_json:
        print_json({"file": str(output), "bytes": len(data), "sha256": graph.sha256})
    else:
        click.echo(f"{output}: {len(data):,} bytes, {len(graph.operators)} operators")
