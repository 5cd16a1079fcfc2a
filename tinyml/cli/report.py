"""tinyml report: one self-contained HTML file from a store."""

from __future__ import annotations

import webbrowser
from pathlib import Path

import click

from tinyml.cli.output import json_option, print_json
from tinyml.collect import Store
from tinyml.report import write_report


@click.command("report")
@click.argument("store")
@click.option(
    "-o", "--output", default="report.html", show_default=True, type=click.Path(path_type=Path),
    help="The file to write.",
)  # fmt: skip
@click.option("--run", "run_id", help="The id of the run to report. Default: the newest run.")
@click.option(
    "--model", "models", multiple=True, type=click.Path(path_type=Path),
    help="The .tflite that made the records, to show class names and units instead of raw "
    "outputs. Needed only if the store does not know the model, and it is neither in the model "
    "zoo nor in the project of this folder. May be repeated.",
)  # fmt: skip
@click.option("--open", "show", is_flag=True, help="Open the report in a browser.")
@json_option
def command(
    store: str,
    output: Path,
    run_id: str | None,
    models: tuple[Path, ...],
    show: bool,
    as_json: bool,
) -> None:
    """Write an HTML report about STORE (an SQLite file or postgresql:// URL) that opens offline."""
    with Store(store, create=False) as opened:
        written = write_report(opened, output, run_id, models, Path())
    if as_json:
        print_json(
            {
                "report": str(output),
                "run_id": written.document.run_id if written.document else None,
                "records": written.records,
                "missing_in_store": written.missing,
            }
        )
    else:
        click.echo(
            f"{output}: {written.records} records; {written.missing} are missing in the whole store"
        )
    if show:
        webbrowser.open(output.resolve().as_uri())
