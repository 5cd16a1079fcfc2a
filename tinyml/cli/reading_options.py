"""Options that say what is in a file; the commands that import and inspect share them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

import click

from tinyml.cli.values import Finite
from tinyml.data.importing import Options, Wanted
from tinyml.data.importing.clocks import UNITS
from tinyml.data.importing.spans import UNITS as UNITS_OF_SPANS

_Command = TypeVar("_Command", bound=Callable[..., Any])

_OPTIONS: Final = (
    click.option(
        "--as",
        "profile",
        default="",
        metavar="FORMAT",
        help="The known format of the files, such as toa5, hobo or ttn, or a .toml that describes "
        "it. Default: recognised from the file. `tinyml data inspect --formats` lists them.",
    ),
    click.option(
        "--label",
        default="",
        help="The column with the class. Default: the class is taken from the files' folders or "
        "names.",
    ),
    click.option(
        "--label-from",
        default="",
        metavar="HOW",
        help="Take the class from each file's path: its folder, its name (up to the first dot), or "
        "a regular expression with (brackets) around the class.",
    ),
    click.option(
        "--leave-out",
        multiple=True,
        metavar="CLASS",
        help="A class whose recordings are not imported. May be repeated.",
    ),
    click.option(
        "--spans",
        type=click.Choice(UNITS_OF_SPANS),
        help="What the spans in an Edge Impulse label file count. Default: found from the data.",
    ),
    click.option(
        "--target",
        default="",
        metavar="COLUMN[:UNIT]",
        help="The column with the value to predict, and its unit.",
    ),
    click.option(
        "--time",
        multiple=True,
        metavar="COLUMN",
        help="The column with the time of each row. Repeat it if date and time are in two columns.",
    ),
    click.option(
        "--time-unit",
        type=click.Choice(list(UNITS)),
        help="What the numbers in --time count. Default: found from their size or the column's "
        "name.",
    ),
    click.option(
        "--time-format",
        default="",
        metavar="FORMAT",
        help="How the times are written, such as '%d/%m/%Y %H:%M:%S' (the letters of strptime).",
    ),
    click.option("--day-first", "date_order", flag_value="day", help="Dates such as 31/12/2026."),
    click.option(
        "--month-first", "date_order", flag_value="month", help="Dates such as 12/31/2026."
    ),
    click.option("--year-first", "date_order", flag_value="year", help="Dates such as 26/12/31."),
    click.option(
        "--timezone",
        default="",
        metavar="ZONE",
        help="The time zone of times without a zone, such as Europe/Berlin, +02:00 or UTC.",
    ),
    click.option("--rate", type=Finite(min=0, min_open=True), help="Samples per second."),
    click.option(
        "--resample",
        type=Finite(min=0, min_open=True),
        help="Resample all recordings to this many samples per second.",
    ),
    click.option(
        "--channel",
        "channels",
        multiple=True,
        metavar="COLUMN[:UNIT[:SCALE]]",
        help="A column to use, its unit, and the value of one count. Repeat for more. "
        "Default: all columns of numbers.",
    ),
    click.option(
        "--session",
        default="",
        metavar="COLUMN",
        help="The column that says which recording a row belongs to.",
    ),
    click.option(
        "--session-from",
        default="",
        metavar="PATTERN",
        help="Take the session from each file's path (as --label-from does).",
    ),
    click.option(
        "--group", default="", metavar="COLUMN", help="The column with the person, machine or site."
    ),
    click.option(
        "--group-from",
        default="",
        metavar="PATTERN",
        help="Take the group from each file's path (as --label-from does).",
    ),
    click.option(
        "--long",
        default="",
        metavar="NAME,VALUE[,UNIT]",
        help="The columns of a table with one value per row: the name of the channel, its value, "
        "and its unit.",
    ),
    click.option(
        "--no-header",
        is_flag=True,
        help="The first line is data; the columns are called c1, c2 and so on.",
    ),
    click.option(
        "--columns",
        default="",
        metavar="A,B,C",
        help="Names for all columns, for a file without a header or with a wrong one.",
    ),
    click.option(
        "--skip-bad-rows",
        is_flag=True,
        help="Leave out damaged rows: too few or too many cells, or a cell that is not a number.",
    ),
    click.option(
        "--delimiter",
        default="",
        help="The character between the cells of a text table. Default: found from the rows.",
    ),
    click.option(
        "--decimal",
        type=click.Choice([".", ","]),
        help="The decimal mark of a text table. Default: found from the numbers.",
    ),
    click.option(
        "--encoding",
        default="",
        help="The encoding of a text table. Default: found from the mark at its start, or UTF-8.",
    ),
    click.option(
        "--missing-value",
        multiple=True,
        metavar="CELL",
        help="A cell with this text or number is a missing value, too. May be repeated.",
    ),
    click.option(
        "--sound-channel",
        type=click.IntRange(1),
        help="Which channel of a sound to use, counted from 1.",
    ),
    click.option(
        "--sound-full-scale",
        type=Finite(min=0, min_open=True),
        default=1.0,
        show_default=True,
        help="The value of full scale in sounds with float samples.",
    ),
    click.option(
        "--keep-cut-sounds",
        is_flag=True,
        help="Use what is there of a sound that is shorter than its header says.",
    ),
)


def reading_options(command: _Command) -> _Command:
    """Adds the options to a command, which gets them as keywords for :func:`options_of`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def options_of(given: dict[str, Any]) -> Options:
    """What the user says of the files."""
    long = [part.strip() for part in given["long"].split(",")] if given["long"] else []
    if long and len(long) not in (2, 3):
        raise click.BadParameter("--long must be NAME,VALUE or NAME,VALUE,UNIT")
    name, value, unit = (*long, "", "", "")[:3]
    sound_channel = given["sound_channel"]
    return Options(
        channels=wanted_channels(given["channels"]),
        label=given["label"],
        target=given["target"].partition(":")[0],
        time=tuple(given["time"]),
        time_unit=given["time_unit"] or "",
        time_format=given["time_format"],
        date_order=given["date_order"] or "",
        timezone=given["timezone"],
        session=given["session"],
        group=given["group"],
        label_from=given["label_from"],
        session_from=given["session_from"],
        group_from=given["group_from"],
        rate_hz=given["rate"] or 0.0,
        resample_hz=given["resample"] or 0.0,
        delimiter=given["delimiter"].replace("\\t", "\t"),
        decimal=given["decimal"] or "",
        encoding=given["encoding"],
        missing=tuple(given["missing_value"]),
        no_header=given["no_header"],
        columns=tuple(c.strip() for c in given["columns"].split(",")) if given["columns"] else (),
        skip_bad_rows=given["skip_bad_rows"],
        profile=given["profile"],
        long_name=name,
        long_value=value,
        long_unit=unit,
        spans=given["spans"] or "",
        left_out=given["leave_out"],
        sound_channel=None if sound_channel is None else sound_channel - 1,
        sound_full_scale=given["sound_full_scale"],
        keep_cut_sounds=given["keep_cut_sounds"],
    )


def wanted_channels(texts: Sequence[str]) -> tuple[Wanted, ...]:
    """The channels as the user typed them."""
    return tuple(wanted_channel(text) for text in texts)


def wanted_channel(text: str) -> Wanted:
    """COLUMN[:UNIT[:SCALE]] as the user typed it."""
    name, _, rest = text.partition(":")
    unit, _, scale = rest.partition(":")
    try:
        count = float(scale) if scale else 0.0
    except ValueError as error:
        raise click.BadParameter(
            f"'{scale}' is not a number; the scale is the value of one count"
        ) from error
    if not 0 <= count < math.inf:
        raise click.BadParameter(f"the scale must be above 0, not {scale}")
    return Wanted(name, unit, count, full=text)
