"""How commands print: tables for people, JSON for programs."""

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final

import click
from rich.console import Console
from rich.table import Table

# Progress and notes go to stderr, so that stdout stays a clean table or JSON document.
progress_console: Final = Console(stderr=True)
_console: Final = Console()

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")


def print_json(value: Any) -> None:
    """Print ``value`` as one JSON document."""
    click.echo(json.dumps(value, indent=2))


def print_table(
    title: str, columns: Sequence[str], rows: Iterable[Sequence[object]], *, caption: str = ""
) -> None:
    """Print a table; numbers are aligned to the right."""
    rows = [list(row) for row in rows]
    table = Table(
        title=title, title_justify="left", caption=caption or None, caption_justify="left"
    )
    for index, column in enumerate(columns):
        cells = [row[index] for row in rows if row[index] != "-"]  # which stands for none
        numeric = bool(cells) and all(isinstance(cell, (int, float)) for cell in cells)
        # Folded: what does not fit is never left out.
        table.add_column(column, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(_cell(value) for value in row))
    _console.print(table)


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:.4g}"
    return str(value)
