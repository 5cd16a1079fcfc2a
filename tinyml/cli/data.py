"""tinyml data: list, fetch and show data sets."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from tinyml import data
from tinyml.cli.data_import import command as import_command
from tinyml.cli.data_inspect import command as inspect_command
from tinyml.cli.data_label import command as label_command
from tinyml.cli.data_record import command as record_command
from tinyml.cli.output import json_option, print_json, print_table
from tinyml.cli.progress import progress_bars
from tinyml.data import Dataset, Entry, Part
from tinyml.errors import DataError
from tinyml.files import write_atomically
from tinyml.report.data_picture import draw


@click.group("data")
def command() -> None:
    """List, fetch, show, inspect, import, record and label data sets.

    Your own data sets are found in datasets/ of the current folder and of the folders above it.
    """


command.add_command(import_command)
command.add_command(inspect_command)
command.add_command(record_command)
command.add_command(label_command)


@command.command("list")
@json_option
def list_command(as_json: bool) -> None:
    """List the data sets with source, licence and split."""
    entries, broken = _entries()
    if as_json:
        print_json([{**_plain(found), "is_here": data.is_here(found)} for found in entries])
    else:
        print_table(
            "Data sets",
            ("name", "task", "simulated", "channels", "window", "here"),
            [
                (e.name, e.task, e.simulated, len(e.channels), e.window, data.is_here(e))
                for e in entries
            ],
        )
    if broken:
        total = len(entries) + len(broken)
        raise DataError(f"{len(broken)} of {total} data sets cannot be listed: {'; '.join(broken)}")


def _entries() -> tuple[list[Entry], list[str]]:
    """All data sets that can be read, and what is wrong with each of the others."""
    entries, broken = [], []
    for name in data.names():
        try:
            entries.append(data.entry(name))
        except DataError as error:
            broken.append(str(error))
    return entries, broken


@command.command("get")
@click.argument("name")
@json_option
def get_command(name: str, as_json: bool) -> None:
    """Fetch the files of data set NAME and check them.

    An interrupted download goes on where it stopped when the command is run again.
    """
    found = data.entry(name)
    with progress_bars() as report:
        files = data.fetch(found, report)
    if as_json:
        print_json({file: str(path) for file, path in files.items()})
    elif not files:
        click.echo(f"{name} is simulated on this machine, so there is nothing to fetch.")
    else:
        print_table(f"{name}: downloaded and checked", ("file", "path"), list(files.items()))


@command.command("show")
@click.argument("name")
@click.option(
    "--picture",
    type=click.Path(path_type=Path),
    help="Also draw example windows, their spectra and the number of windows per class "
    "into this .svg.",
)
@json_option
def show_command(name: str, picture: Path | None, as_json: bool) -> None:
    """Show what is in data set NAME: channels, parts, targets, licence."""
    with progress_bars() as report:
        dataset = data.load(name, report)
    if picture is not None:
        write_atomically(picture, draw(dataset))
    summary = _summary(dataset)
    if as_json:
        print_json(summary)
        return
    entry = dataset.entry
    click.echo(f"{entry.title}\n")
    for key in ("source", "licence", "split", "baseline"):
        click.echo(f"{key}: {summary[key]}")
    click.echo()
    print_table(
        f"Channels in the {summary['channels_in']} data",
        ("channel", "unit", "minimum", "mean", "maximum", "missing values"),
        [
            tuple("not counted" if value is None else value for value in channel.values())
            for channel in summary["channel_ranges"]
        ],
    )
    columns = list(summary["parts"]["training"]["targets"])
    print_table(
        f"Parts: windows of {entry.window} samples, {entry.sample_rate_hz:.4g} samples per second",
        ("part", "windows", *columns, "groups"),
        [
            (part, v["windows"], *v["targets"].values(), len(v["groups"]))
            for part, v in summary["parts"].items()
        ],
    )


def _plain(entry: Entry) -> dict[str, Any]:
    """As JSON takes it."""
    return {**asdict(entry), "place": str(entry.place) if entry.place else None}


def _summary(dataset: Dataset) -> dict[str, Any]:
    parts = dataset.parts
    shown = "training" if dataset.entry.training else "test"
    counts = parts[shown].windows.reshape(-1, len(dataset.entry.channels))
    return {
        **_plain(dataset.entry),
        "sha256": dataset.sha256,
        "channels_in": shown,
        "channel_ranges": [
            {
                "name": channel.name,
                "unit": channel.unit,
                "minimum": float(counts[:, i].min() * channel.scale),
                "mean": float(counts[:, i].mean() * channel.scale),
                "maximum": float(counts[:, i].max() * channel.scale),
                "missing_values": dataset.missing[i] if dataset.missing else None,
            }
            for i, channel in enumerate(dataset.entry.channels)
        ],
        "parts": {
            name: {
                "windows": len(part),
                "targets": _targets(dataset, part),
                "groups": sorted(set(part.groups.tolist())),
            }
            for name, part in parts.items()
        },
    }


def _targets(dataset: Dataset, part: Part) -> dict[str, float]:
    """Windows of each class, or the mean and extremes of the target."""
    if dataset.entry.task == "classification":
        return {
            label: int((part.targets == index).sum())
            for index, label in enumerate(dataset.entry.labels)
        }
    values = part.targets
    return {
        "minimum": float(values.min()),
        "mean": float(values.mean()),
        "maximum": float(values.max()),
    }
