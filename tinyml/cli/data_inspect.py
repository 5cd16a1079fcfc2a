"""tinyml data inspect: what files seem to be, and the command that imports them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tinyml.cli.output import json_option, print_json, print_table
from tinyml.cli.reading_options import options_of, reading_options
from tinyml.data.importing import profile
from tinyml.data.importing.inspecting import Inspection, inspect
from tinyml.files import write_atomically
from tinyml.report.recordings_picture import draw
from tinyml.shell import quoted


@click.command("inspect")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="FILE...")
@click.option("--formats", is_flag=True, help="List the known formats and where each is described.")
@click.option(
    "--picture",
    type=click.Path(path_type=Path),
    help="Also draw the first recordings into this .svg.",
)
@reading_options
@json_option
@click.pass_context
def command(
    context: click.Context,
    /,
    files: tuple[Path, ...],
    formats: bool,
    picture: Path | None,
    as_json: bool,
    **reading: Any,
) -> None:
    """Say what FILE seems to be, and print the command that imports it.

    Nothing is written. If a file can be read in more than one way, the answer names the option
    that says which; give it here as well, to see what becomes of the file then.
    """
    if formats:
        _print_formats(as_json)
        return
    if not files:
        raise click.UsageError("Missing argument 'FILE...'.")
    found = inspect(files, options_of(reading), _as_typed(context))
    if picture is not None and found.recordings:
        write_atomically(picture, draw(found.recordings))
    if as_json:
        print_json({"files": found.files, "notes": found.notes, "import": found.arguments,
                    "why": found.why or None})  # fmt: skip
        return
    _print(found)


def _print_formats(as_json: bool) -> None:
    known = [profile.profile(name) for name in profile.names()]
    if as_json:
        print_json({p.name: {"title": p.title, "described_at": p.described_at} for p in known})
        return
    print_table(
        "Formats (--as)",
        ("name", "format", "described at"),
        [(p.name, p.title, p.described_at) for p in known],
    )


def _as_typed(context: click.Context) -> list[str]:
    """The reading options that the user gave, for the import."""
    own = {"files", "formats", "picture", "as_json"}
    typed: list[str] = []
    for parameter in context.command.params:
        name = parameter.name or ""
        source = context.get_parameter_source(name)
        if name in own or source is not click.core.ParameterSource.COMMANDLINE:
            continue
        value = context.params[name]
        if isinstance(parameter, click.Option) and parameter.is_flag:
            # Several flags may share a name: that of the value was typed.
            typed += parameter.opts[:1] if parameter.flag_value == value else []
            continue
        for one in value if isinstance(value, tuple) else (value,):
            typed += [parameter.opts[0], str(one)]
    return typed


def _print(found: Inspection) -> None:
    for file in found.files:
        click.echo(f"{file['file']}: {_facts(file)}")
    columns = [c for file in found.files[:1] for c in file["columns"]]
    if columns:
        print_table(
            f"Columns of {found.files[0]['file']}",
            ("column", "unit", "kind", "minimum", "mean", "maximum", "missing"),
            [_row(column) for column in columns],
        )
    for note in found.notes:
        click.echo(f"note: {note}")
    if found.arguments is None:
        click.echo(f"No import yet: {found.why}")
    else:
        click.echo(f"To import it: tinyml {' '.join(map(quoted, found.arguments))}")


def _row(column: dict[str, Any]) -> tuple[object, ...]:
    values = [column.get(key) for key in ("minimum", "mean", "maximum")]
    shown = ["-" if value is None else value for value in values]
    return (column["name"], column["unit"] or "-", column["kind"], *shown, column["missing"])


def _facts(file: dict[str, Any]) -> str:
    parts = [str(file["format"])]
    names = {
        "profile": "format",
        "encoding": "encoding",
        "delimiter": "delimiter",
        "decimal": "decimal mark",
        "header_line": "names in line",
        "first_line": "data from line",
        "time_form": "times",
        "time_zone": "zone",
    }
    parts += [f"{words} {file[key]!r}" for key, words in names.items() if file.get(key)]
    if file.get("rows"):
        parts.append(f"{file['rows']:,} rows")
    if file.get("rate_hz"):
        parts.append(f"{file['rate_hz']:g} samples per second")
    if file.get("recordings", 1) > 1:
        parts.append(f"{file['recordings']} recordings")
    if file.get("missing_samples"):
        parts.append(f"{file['missing_samples']:,} samples missing")
    if file.get("damaged_lines"):
        parts.append(f"{len(file['damaged_lines'])} damaged rows")
    return "; ".join(parts)
