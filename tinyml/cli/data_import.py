"""tinyml data import: one's own files become a data set of the project."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import click

from tinyml import __version__
from tinyml.cli.output import json_option, print_json, print_table
from tinyml.cli.progress import progress_bars
from tinyml.cli.reading_options import options_of, reading_options
from tinyml.cli.understood import print_understandings
from tinyml.data.catalogue import MISSING, SPLITS, TASKS, Entry
from tinyml.data.collection import create, require_name
from tinyml.data.defaults import SCALES, Plan
from tinyml.data.importing import read_recordings, understandings


def _separate(context: click.Context, parameter: click.Parameter, value: str) -> tuple[str, ...]:
    del context, parameter
    return tuple(one.strip() for one in value.split(",") if one.strip())


labels_option = click.option(
    "--labels",
    default="",
    metavar="A,B",
    callback=_separate,
    help="The classes in order, separated by commas; for anomaly detection the normal class first.",
)


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
@labels_option
@click.option(
    "--unlabelled",
    is_flag=True,
    help="Import recordings whose classes are not known yet; --labels names the classes, and "
    "`tinyml data label NAME` marks them.",
)
@click.option(
    "--missing",
    type=click.Choice(MISSING),
    help="What to do with missing values. cut: no window spans them. hold: repeat the last value.",
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
@click.option(
    "--scale-by",
    type=click.Choice(SCALES),
    default=SCALES[0],
    show_default=True,
    help="How the value of one count is chosen: so that all values of a channel fit, "
    "or all but the outermost thousandth at both ends, which are then clipped.",
)
@click.option(
    "--clip",
    "clips",
    multiple=True,
    metavar="COLUMN:LOW:HIGH",
    help="Bring values of a column that lie outside to its limits. May be repeated.",
)
@reading_options
@json_option
def command(
    name: str,
    files: tuple[Path, ...],
    folder: Path,
    task: str | None,
    labels: tuple[str, ...],
    unlabelled: bool,
    missing: str | None,
    window: int | None,
    stride: int | None,
    split: str | None,
    leaky: bool,
    title: str,
    licence: str,
    source: str,
    simulated: bool,
    scale_by: str,
    clips: tuple[str, ...],
    as_json: bool,
    **reading: Any,
) -> None:
    """Import FILE... as data set NAME; a project uses it by that name.

    FILE is a table (CSV or another text, Parquet, JSON records), a sound, an Edge Impulse
    acquisition (.json, .cbor), or a folder of such files; a file info.labels in the folder gives
    the labels. `tinyml data inspect FILE` says what a file seems to be, and how to import it.
    """
    options = options_of(reading)
    column, _, unit = reading["target"].partition(":")
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
        labels=labels,
        unlabelled=unlabelled,
        target=column,
        target_unit=unit,
        channels=options.channels,
        window=window or 0,
        stride=stride or 0,
        split_by=split or "",
        missing=missing or "",
        scale_by=scale_by,
        clips=tuple(map(_clip, clips)),
    )
    require_name(plan)
    with progress_bars() as report:
        recordings = read_recordings(files, options, report)
        understood = understandings(recordings)
        entry, notes = create(plan, recordings, leaky=leaky)
    if as_json:
        found = [vars(one) for one in understood]
        print_json({"entry": str(plan.path), "notes": notes, "files": found, **summary(entry)})
        return
    print_understandings(understood)
    for note in notes:
        click.echo(f"note: {note}", err=True)
    print_entry(entry)
    if unlabelled:
        click.echo(f"Wrote {plan.path}. Mark its classes with: tinyml data label {name}")
        return
    click.echo(f'Wrote {plan.path}. To use it, write dataset = "{name}" in tinyml.toml.')


def _clip(text: str) -> tuple[str, float, float]:
    """COLUMN:LOW:HIGH as the user typed it."""
    name, _, limits = text.rpartition(":")
    name, _, low = name.rpartition(":")
    try:
        found = float(low), float(limits)
    except ValueError as error:
        raise click.BadParameter(f"--clip must be COLUMN:LOW:HIGH, not '{text}'") from error
    if not name or not found[0] < found[1]:
        raise click.BadParameter(f"--clip must be COLUMN:LOW:HIGH, not '{text}'")
    return (name, *found)


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
