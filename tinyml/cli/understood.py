"""Printing what was understood of table files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import click

from tinyml.data.importing.tables import Understanding

_MOST_FILES: Final = 5
_DELIMITERS: Final = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars", " ": "blanks"}


def print_understandings(found: Sequence[Understanding]) -> None:
    """A line for each file, of many the first few."""
    for one in found[:_MOST_FILES]:
        click.echo(in_words(one))
    if len(found) > _MOST_FILES:
        click.echo(f"and {len(found) - _MOST_FILES} more files")


def in_words(one: Understanding) -> str:
    """What a file seems to be, in one line."""
    parts = [f"{one.file}: {one.format}"]
    if one.profile:
        parts.append(f"format {one.profile}")
    if one.delimiter:
        parts.append(f"separated by {_DELIMITERS.get(one.delimiter, repr(one.delimiter))}")
        parts.append(f"in {one.encoding}")
        parts.append("decimal comma" if one.decimal == "," else "decimal point")
        header = f"names in line {one.header_line}" if one.header_line else "no header"
        parts.append(f"{header}, data from line {one.first_line}")
    if one.time_form:
        parts.append(f"times: {one.time_form}{f' in {one.time_zone}' if one.time_zone else ''}")
    parts.append(f"{one.rows:,} rows")
    if one.sections > 1:
        parts.append(f"{one.sections} recordings")
    if one.damaged_lines:
        parts.append(f"{len(one.damaged_lines)} damaged rows left out")
    return "; ".join(parts)
