"""tinyml data import: one's own files become a data set of the project."""

from __future__ import annotations

import math
from datetime import datetime, timezone
from pathlib import Path

import click

from tinyml import __version__
from tinyml.cli.output import json_option, print_json, print_table
from tinyml.cli.progress import progress_bars
from tinyml.cli.values import Finite
from tinyml.data.catalogue import MISSING, SPLITS, TASKS, Entry
from tinyml.data.collection import create, require_name
from tinyml.data.defaults import Plan
from tinyml.data.importing import Options, Wanted, read_recordings
from tinyml.data.importing.recording import MISSING_CELLS
from tinyml.data.importing.spans import UNITS as UNITS_OF_SPANS
from tinyml.data.importing.times import UNITS


@click.command("import")
@click.argument("name")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE..."
)
@click.option(
    "--project",
    "folder",
    type=click.Path(path_type=Path),
    default=".",
    help="The project's folder. The data set is written to datasets/ there (in a clone "
    "of tinyml: own-datasets/).",
)
@click.option(
    "--task",
    type=click.Choice(TASKS),
    help="The task to learn. Default: classification with --label, --label-from or "
    "folders of classes; regression with --target.",
)
@click.option(
    "--label",
    default="",
    help="The column with the class. Default: the class is taken from the files' folders or names.",
)
@click.option(
    "--label-from",
    default="",
    metavar="HOW",
    help="Take the class from each file's path: its folder, its name (up to the first "
    "dot), or a regular expression with (brackets) around the class.",
)
@click.option(
    "--labels",
    default="",
    metavar="A,B",
    help="The classes in order, separated by commas; for anomaly detection the normal class first.",
)
@click.option(
    "--leave-out",
    multiple=True,
    metavar="CLASS",
    help="A class whose recordings are not imported. May be repeated.",
)
@click.option(
    "--spans",
    type=click.Choice(UNITS_OF_SPANS),
    help="What the spans in an Edge Impulse label file count. Default: found from the data.",
)
@click.option(
    "--target",
    default="",
    metavar="COLUMN[:UNIT]",
    help="The column with the value to predict, and its unit.",
)
@click.option("--time", default="", metavar="COLUMN", help="The column with the time of each row.")
@click.option(
    "--time-unit",
    type=click.Choice(sorted(UNITS)),
    help="What the numbers in --time count. Default: s.",
)
@click.option("--rate", type=Finite(min=0, min_open=True), help="Samples per second.")
@click.option(
    "--resample",
    type=Finite(min=0, min_open=True),
    help="Resample all recordings to this many samples per second.",
)
@click.option(
    "--channel",
    "channels",
    multiple=True,
    metavar="COLUMN[:UNIT[:SCALE]]",
    help="A column to use, its unit, and the value of one count. Repeat for more. "
    "Default: all columns.",
)
@click.option(
    "--session",
    default="",
    metavar="COLUMN",
    help="The column that says which recording a row belongs to.",
)
@click.option(
    "--session-from",
    default="",
    metavar="PATTERN",
    help="Take the session from each file's path (as --label-from does).",
)
@click.option(
    "--group", default="", metavar="COLUMN", help="The column with the person, machine or site."
)
@click.option(
    "--group-from",
    default="",
    metavar="PATTERN",
    help="Take the group from each file's path (as --label-from does).",
)
@click.option(
    "--delimiter",
    default="",
    help="The character between the cells of a CSV. Default: found from its header.",
)
@click.option(
    "--decimal",
    type=click.Choice([".", ","]),
    default=".",
    show_default=True,
    help="The decimal sign in the numbers of a CSV.",
)
@click.option("--encoding", default="", help="The encoding of a CSV. Default: UTF-8.")
@click.option(
    "--missing-value",
    multiple=True,
    metavar="CELL",
    help="A cell with this text is a missing value, too. May be repeated.",
)
@click.option(
    "--missing",
    type=click.Choice(MISSING),
    help="What to do with missing values. cut: no window spans them. hold: repeat the last value.",
)
@click.option(
    "--sound-channel",
    type=click.IntRange(1),
    help="Which channel of a sound to use, counted from 1.",
)
@click.option(
    "--sound-full-scale",
    type=Finite(min=0, min_open=True),
    default=1.0,
    show_default=True,
    help="The value of full scale in sounds with float samples.",
)
@click.option(
    "--keep-cut-sounds",
    is_flag=True,
    help="Use what is there of a sound that is shorter than its header says.",
)
@click.option("--window", type=click.IntRange(1), help="Samples per window.")
@click.option(
    "--stride",
    type=click.IntRange(1),
    help="Samples from the start of one window to the start of the next.",
)
@click.option(
    "--split",
    type=click.Choice(SPLITS),
    help="How training and test data are kept apart. given: the files lie in folders "
    "training, validation and testing.",
)
@click.option(
    "--force-leaky-split",
    "leaky",
    is_flag=True,
    help="Import even if the split lets test data leak into training.",
)
@click.option("--title", default="", help="A title for lists and reports. Default: NAME.")
@click.option("--licence", default="not stated", show_default=True, help="The licence of the data.")
@click.option("--source", default="", help="Where the data come from. Default: the files' names.")
@click.option(
    "--simulated", is_flag=True, help="Mark the data as simulated: no sensor measured them."
)
@json_option
def command(
    name: str,
    files: tuple[Path, ...],
    folder: Path,
    task: str | None,
    label: str,
    label_from: str,
    labels: str,
    leave_out: tuple[str, ...],
    spans: str | None,
    target: str,
    time: str,
    time_unit: str | None,
    rate: float | None,
    resample: float | None,
    channels: tuple[str, ...],
    session: str,
    session_from: str,
    group: str,
    group_from: str,
    delimiter: str,
    decimal: str,
    encoding: str,
    missing_value: tuple[str, ...],
    missing: str | None,
    sound_channel: int | None,
    sound_full_scale: float,
    keep_cut_sounds: bool,
    window: int | None,
    stride: int | None,
    split: str | None,
    leaky: bool,
    title: str,
    licence: str,
    source: str,
    simulated: bool,
    as_json: bool,
) -> None:
    """Import FILE... as data set NAME; a project uses it by that name.

    FILE is a CSV, Parquet or sound file, an Edge Impulse acquisition (.json, .cbor), or a folder of
    such files; a file info.labels in the folder gives the labels.
    """
    wanted = tuple(wanted_channel(channel) for channel in channels)
    column, _, unit = target.partition(":")
    today = datetime.now(timezone.utc).date()
    named = ", ".join(path.name for path in files[:3]) + (" ..." if len(files) > 3 else "")
    plan = Plan(
        name=name,
        folder=folder,
        title=title,
        source=source or f"{named}, imported on {today} by tinyml {__version__}",
        licence=licence,
        simulated=simulated,
        task=task or "",
        labels=tuple(one.strip() for one in labels.split(",") if one.strip()),
        target=column,
        target_unit=unit,
        channels=wanted,
        window=window or 0,
        stride=stride or 0,
        split_by=split or "",
        missing=missing or "",
    )
    options = Options(
        channels=wanted,
        spans=spans or "",
        left_out=leave_out,
        label=label,
        target=column,
        time=time,
        time_unit=time_unit or "",
        session=session,
        group=group,
        label_from=label_from,
        session_from=session_from,
        group_from=group_from,
        rate_hz=rate or 0.0,
        resample_hz=resample or 0.0,
        delimiter=delimiter.replace("\\t", "\t"),
        decimal=decimal,
        encoding=encoding,
        missing_cells=frozenset((*MISSING_CELLS, *missing_value)),
        sound_channel=None if sound_channel is None else sound_channel - 1,
        sound_full_scale=sound_full_scale,
        keep_cut_sounds=keep_cut_sounds,
    )
    require_name(plan)
    with progress_bars() as report:
        recordings = read_recordings(files, options, report)
        entry, notes = create(plan, recordings, leaky=leaky)
    if as_json:
        print_json({"entry": str(plan.path), "notes": notes, **summary(entry)})
        return
    for note in notes:
        click.echo(f"note: {note}", err=True)
    print_entry(entry)
    click.echo(f'Wrote {plan.path}. To use it, write dataset = "{name}" in tinyml.toml.')


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
    return Wanted(name, unit, count)


def summary(entry: Entry) -> dict[str, object]:
    """What there is now, for JSON."""
    sessions = [file.session for file in entry.files if file.session is not None]
    return {
        "name": entry.name,
        "task": entry.task,
        "labels": list(entry.labels),
        "channels": [vars(channel) for channel in entry.channels],
        "sample_rate_hz": entry.sample_rate_hz,
        "window": entry.window,
        "split": entry.split,
        "recordings": len(entry.files),
        "sessions": len({session.name for session in sessions}),
        "lost_samples": sum(session.lost for session in sessions),
    }


def print_entry(entry: Entry) -> None:
    """The same for people."""
    assert entry.reading is not None
    print_table(
        entry.title,
        ("channel", "unit", "one count"),
        [(channel.name, channel.unit, f"{channel.scale:g}") for channel in entry.channels],
    )
    found = summary(entry)
    click.echo(
        f"{entry.task}{(f' of {chr(44).join(entry.labels)}' if entry.labels else '')}; "
        f"{found['recordings']} recordings in {found['sessions']} sessions; "
        f"{entry.sample_rate_hz:g} samples per second; windows of {entry.window} every "
        f"{entry.reading.stride}; split {entry.split}"
    )
