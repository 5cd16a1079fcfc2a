"""tinyml data label: classes of stretches of one's own recordings, marked by a person."""

from __future__ import annotations

import webbrowser
from pathlib import Path

import click

from tinyml import data
from tinyml.cli.output import progress_console
from tinyml.data.labels import path_of
from tinyml.graph import Graph, load
from tinyml.labelling import Work
from tinyml.labelling.suggesting import require_fitting


@click.command("label")
@click.argument("name")
@click.option(
    "--model",
    type=click.Path(path_type=Path),
    help="A .tflite that proposes classes; nothing is saved until you accept it.",
)
@click.option("--terminal", is_flag=True, help="Label in the terminal instead of a browser.")
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=0,
    help="The TCP port of the page. Default: any free one.",
)
@click.option("--open", "opens", is_flag=True, help="Open the page in the default browser.")
def command(name: str, model: Path | None, terminal: bool, port: int, opens: bool) -> None:
    """Mark stretches of the recordings of data set NAME, and say what class they are.

    Serves a page on this computer alone, whose address has a secret; Ctrl-C ends it. Every mark is
    saved at once, in NAME.labels.csv beside the data set.
    """
    work = Work(data.entry(name))
    graph = load(model) if model is not None else None
    if graph is not None:
        require_fitting(graph, work.entry)
    if terminal:
        _in_terminal(work, graph)
    else:
        _on_page(work, graph, port, opens)
    done = sum(status.share > 0.999 for status in work.statuses())
    click.echo(f"{done} of {len(work.names)} recordings are labelled; see {path_of(work.entry)}")


def _in_terminal(work: Work, graph: Graph | None) -> None:
    from rich.console import Console  # noqa: PLC0415 - its size is the terminal's now

    from tinyml.labelling.terminal import Terminal  # noqa: PLC0415 - the other view needs none

    try:
        Terminal(work, input, Console(), graph).run()
    except KeyboardInterrupt:
        click.echo("")


def _on_page(work: Work, graph: Graph | None, port: int, opens: bool) -> None:
    from tinyml.labelling.page import LabelPage  # noqa: PLC0415 - an extra
    from tinyml.serve.local import require_installed  # noqa: PLC0415

    require_installed()
    site = LabelPage(work, graph, port).site
    click.echo(f"Label {work.entry.name} at {site.url}")
    progress_console.print("Ctrl-C ends it. The address is a secret: it lets others change labels.")
    if opens:
        webbrowser.open(site.url)
    site.run()
