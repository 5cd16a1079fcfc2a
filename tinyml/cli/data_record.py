"""tinyml data record: labelled samples from a running node into a data set of the project."""

from __future__ import annotations

import contextlib
from datetime import datetime, timezone
from pathlib import Path
from typing import Final

import click

from tinyml import __version__, boards
from tinyml.cli.choices import emulator_option, toolchain_option
from tinyml.cli.data_import import labels_option, print_entry, summary
from tinyml.cli.nodes import simulated_node
from tinyml.cli.output import json_option, print_json
from tinyml.cli.progress import progress_bars
from tinyml.cli.reading_options import wanted_channels
from tinyml.cli.values import Finite
from tinyml.collect.lines import record_lines
from tinyml.collect.recording import Recorded, Request, record, require_recordable
from tinyml.collect.sensor import Told
from tinyml.data.catalogue import SPLITS, TASKS
from tinyml.data.defaults import Plan
from tinyml.device import Node
from tinyml.device.lines import parsed
from tinyml.device.transport import BAUD, open_transport
from tinyml.errors import NoAnswerError

_ROWS: Final = 3  # of numbers that a port prints, beside no answer


@click.command("record")
@click.argument("port", metavar="PORT|BOARD")
@click.argument("name")
@click.option(
    "--label", default="", help="The class of everything recorded in this run of the command."
)
@click.option("--session", default="", help="A name for this session. Default: date and time.")
@click.option("--group", default="", help="Who or what is recorded: a person, a machine, a site.")
@click.option("--seconds", type=Finite(min=0, min_open=True), help="Stop after this many seconds.")
@click.option(
    "--samples",
    type=click.IntRange(1),
    help="Stop after this many samples. Without it, Ctrl-C stops the recording and keeps it.",
)
@click.option(
    "--channel",
    "channels",
    multiple=True,
    metavar="NAME[:UNIT[:SCALE]]",
    help="A channel of the sensor, its unit, and the value of one count. Repeat for each channel.",
)
@click.option("--rate", type=Finite(min=0, min_open=True), help="Samples per second.")
@click.option(
    "--model",
    type=click.Path(path_type=Path),
    help="The .tflite that the node runs; channels and rate are taken from it. With an "
    "emulated BOARD: the model to build its node with.",
)
@click.option(
    "--lines",
    "as_lines",
    is_flag=True,
    help="PORT prints lines of CSV, JSON or key=value, from any program; it need not be a node.",
)
@click.option(
    "--time",
    "time_column",
    default="",
    metavar="COLUMN",
    help="With --lines: the column with the program's own time. Default: found by its name.",
)
@click.option(
    "--baud",
    type=click.IntRange(1),
    default=BAUD,
    show_default=True,
    help="With --lines: the baud rate of a serial PORT.",
)
@click.option("--note", default="", help="A note that is kept with this recording.")
@click.option(
    "--task",
    type=click.Choice([t for t in TASKS if t != "regression"]),
    help="The task, if the data set is new. Default: classification.",
)
@labels_option
@click.option(
    "--window", type=click.IntRange(1), help="Samples per window, if the data set is new."
)
@click.option(
    "--split",
    type=click.Choice(SPLITS),
    default="session",
    show_default=True,
    help="How training and test data are kept apart, if the data set is new.",
)
@click.option("--title", default="", help="A title for lists and reports. Default: NAME.")
@click.option("--licence", default="not stated", show_default=True, help="The licence of the data.")
@click.option(
    "--project",
    "folder",
    type=click.Path(path_type=Path),
    default=".",
    help="The project's folder, or a folder inside it.",
)
@toolchain_option
@emulator_option
@json_option
def command(
    port: str,
    name: str,
    label: str,
    session: str,
    group: str,
    seconds: float | None,
    samples: int | None,
    channels: tuple[str, ...],
    rate: float | None,
    model: Path | None,
    as_lines: bool,
    time_column: str,
    baud: int,
    note: str,
    task: str | None,
    labels: tuple[str, ...],
    window: int | None,
    split: str,
    title: str,
    licence: str,
    folder: Path,
    as_json: bool,
) -> None:
    """Record the sensor of the node at PORT into data set NAME, which may be new.

    Ctrl-C stops the recording; samples so far are kept, also if the port goes away. With the name
    of an emulated BOARD instead of PORT, a node with a simulated sensor is started there, for
    trying things out. With --lines, PORT may be any board whose program prints a line for each
    sample.
    """
    plan = Plan(
        name=name,
        folder=folder,
        title=title,
        source=f"recorded since {datetime.now(timezone.utc).date()} with tinyml {__version__}",
        licence=licence,
        task=task or "",
        labels=labels,
        window=window or 0,
        split_by=split,
    )
    require_recordable(plan, label)
    request = Request(label, session, group, note, samples, seconds)
    simulated = port in boards.names() and not as_lines
    told = Told(wanted_channels(channels), rate, model, simulated)
    with contextlib.ExitStack() as stack:
        if as_lines:
            transport = stack.enter_context(contextlib.closing(open_transport(port, baud)))
            bars = stack.enter_context(progress_bars())
            found = record_lines(
                transport, port, plan, request, told, time_column=time_column, report=bars
            )
            _show(plan, label, found, as_json=as_json)
            return
        address = port
        if simulated:
            address = stack.enter_context(simulated_node(port, plan, label, model, rate))
        printed: list[str] = []
        node = stack.enter_context(Node(address, on_text=printed.append))
        bars = stack.enter_context(progress_bars())
        try:
            found = record(node, plan, request, told, bars)
        except NoAnswerError as error:
            if sum(parsed(line) is not None for line in printed) < _ROWS:
                raise
            raise NoAnswerError(f"{error}; it prints rows of numbers: add --lines") from error
    _show(plan, label, found, as_json=as_json)


def _show(plan: Plan, label: str, found: Recorded, *, as_json: bool) -> None:
    """What was recorded; raises again what ended it early."""
    if as_json:
        print_json(_to_dict(plan, found))
    else:
        for line in found.notes:
            click.echo(f"note: {line}", err=True)
        print_entry(found.entry)
        click.echo(f"Recorded {found.samples:,} samples of '{label}' into {plan.path}.")
    if found.broken is not None:
        raise type(found.broken)(
            f"{found.broken} The {found.samples:,} samples recorded before that are kept."
        )


def _to_dict(plan: Plan, found: Recorded) -> dict[str, object]:
    return {
        "entry": str(plan.path),
        "recorded_samples": found.samples,
        "lost": found.lost,
        "gaps": found.gaps,
        "restarts": found.restarts,
        "measured_rate_hz": found.measured_rate_hz,
        "device_id": found.device_id,
        "notes": list(found.notes),
        **summary(found.entry),
    }
