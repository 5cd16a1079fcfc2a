"""tinyml data record: labelled samples from a running node into a data set of the project."""

from __future__ import annotations

import contextlib
import io
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Final

import click
import numpy as np

from tinyml import __version__, boards
from tinyml.cli.choices import emulator_option, toolchain_option
from tinyml.cli.data_import import print_entry, summary
from tinyml.cli.nodes import SIMULATED_HZ, emulated_node
from tinyml.cli.output import json_option, print_json
from tinyml.cli.progress import progress_bars
from tinyml.cli.reading_options import wanted_channels
from tinyml.cli.values import Finite
from tinyml.collect import ModelFinder
from tinyml.data.catalogue import SPLITS, TASKS, Session, read_entry
from tinyml.data.collection import extend, require_name, require_same_kind
from tinyml.data.defaults import Plan
from tinyml.data.importing import Recording, Wanted
from tinyml.data.importing.places import safe
from tinyml.device import Node, NodeInfo, Samples, is_emulated
from tinyml.device.record import EMULATED_NUMBER
from tinyml.device.sampling import Take, record
from tinyml.emulator import Emulator
from tinyml.errors import DataError, DeviceError
from tinyml.files import require_writable
from tinyml.full_disk import full_disk, is_full_disk
from tinyml.resources import folder as bundled

_RATE_TOLERANCE: Final = 0.05
_UNKNOWN_LENGTH: Final = 10_000_000  # of the progress bar without an end


@dataclass(frozen=True)
class _Sensor:
    """What the node measures."""

    channels: tuple[Wanted, ...]  # each with a scale
    rate_hz: float  # 0: as measured


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
@click.option("--note", default="", help="A note that is kept with this recording.")
@click.option(
    "--task",
    type=click.Choice([t for t in TASKS if t != "regression"]),
    help="The task, if the data set is new. Default: classification.",
)
@click.option(
    "--labels",
    default="",
    metavar="A,B",
    help="The classes in order, separated by commas; for anomaly detection the normal class first.",
)
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
    note: str,
    task: str | None,
    labels: str,
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
    trying things out.
    """
    now = datetime.now(timezone.utc)
    simulated = port in boards.names()
    plan = Plan(
        name=name,
        folder=folder,
        title=title,
        source=f"recorded since {now.date()} with tinyml {__version__}",
        licence=licence,
        task=task or "",
        labels=tuple(one.strip() for one in labels.split(",") if one.strip()),
        window=window or 0,
        split_by=split,
    )
    require_name(plan, new=False)
    if not label:
        raise DataError(f"the class of this recording for {name} is not known; give --label CLASS")
    take, told = Take(), wanted_channels(channels)
    with contextlib.ExitStack() as stack:
        address = port
        if simulated:
            rate = rate or _known_rate(plan) or SIMULATED_HZ
            which = _place_of(label, plan)
            address = stack.enter_context(_simulated(port, model, folder, which, rate))
        node = stack.enter_context(Node(address))
        info = node.info()
        plan = replace(plan, simulated=info.simulated or is_emulated(info.device_id))
        require_same_kind(plan)
        sensor = _sensor(plan, info, told, rate, model, simulated=simulated)
        session = session or now.strftime("%Y%m%d-%H%M%S")
        session_of = Session(
            session, group, label, "", now.isoformat(timespec="seconds"), info.device_id, note, 0
        )
        path = plan.path.with_suffix("") / f"{_free(plan, session, label)}.csv.part"
        with _journal(path, sensor) as write:
            broken = _record(node, take, samples, seconds, sensor, write)
        loss = [] if broken else _loss(node, info)
    entry_samples = take.samples
    if not entry_samples:
        path.unlink(missing_ok=True)
        raise broken or DataError(
            f"the node at {port} took no samples; check that its sensor runs and that no "
            "other program feeds it samples"
        )
    rate_hz, notes = _rate(take, sensor)
    for recording in _recordings(path, sensor, take, rate_hz, session_of):
        entry = extend(replace(plan, channels=sensor.channels), recording)
    path.unlink(missing_ok=True)
    notes += loss
    if take.lost:
        notes.append(
            f"{take.lost:,} samples were lost in {take.gaps} gaps; no window will span a gap"
        )
    found = {
        "entry": str(plan.path),
        "recorded_samples": entry_samples,
        "lost": take.lost,
        "gaps": take.gaps,
        "measured_rate_hz": take.measured_rate_hz,
        "device_id": info.device_id,
        "notes": notes,
    }
    if as_json:
        print_json({**found, **summary(entry)})
    else:
        for line in notes:
            click.echo(f"note: {line}", err=True)
        print_entry(entry)
        click.echo(f"Recorded {entry_samples:,} samples of '{label}' into {plan.path}.")
    if broken is not None:
        raise type(broken)(f"{broken} The {entry_samples:,} samples recorded before that are kept.")


@contextlib.contextmanager
def _simulated(
    board_name: str, model: Path | None, folder: Path, which: int, rate_hz: float
) -> Iterator[str]:
    """A node on an emulated board that simulates the sensor ``which``; gives its port."""
    board = boards.load(board_name)
    own = folder / "model.tflite"
    shipped = bundled("models") / "pump-simulated" / "model.tflite"
    path = model or (own if own.is_file() else shipped)
    with tempfile.TemporaryDirectory(prefix="tinyml-record-") as temporary:
        image = emulated_node(board, path, Path(temporary), simulated_hz=rate_hz)
        # The last byte chooses what is simulated: see firmware/sensors/simulated.c.
        number = EMULATED_NUMBER + os.urandom(3) + bytes([which])
        with Emulator(board, image, device_id=number) as emulator:
            yield emulator.serial_path


def _known_rate(plan: Plan) -> float:
    """Of the data set; 0 where it is new."""
    return read_entry(plan.path).sample_rate_hz if plan.path.is_file() else 0.0


def _place_of(label: str, plan: Plan) -> int:
    """Which of the classes it is, so that each has a sensor of its own simulated."""
    known = read_entry(plan.path).labels if plan.path.is_file() else plan.labels
    return (known.index(label) if label in known else len(known)) % 256


def _sensor(
    plan: Plan,
    info: NodeInfo,
    told: tuple[Wanted, ...],
    rate: float | None,
    model: Path | None,
    *,
    simulated: bool,
) -> _Sensor:
    """By the data set, the user, or the model that the node runs."""
    said_hz = 1e6 / info.sample_period_us if info.sample_period_us else 0.0
    if plan.path.is_file():
        entry = read_entry(plan.path)
        known = tuple(Wanted(c.name, c.unit, c.scale) for c in entry.channels)
        sensor = _Sensor(known, entry.sample_rate_hz)
    elif told:
        sensor = _Sensor(tuple(replace(c, scale=c.scale or 1.0) for c in told), rate or said_hz)
    elif simulated:
        names = [f"simulated{number}" for number in range(1, info.channels + 1)]
        sensor = _Sensor(tuple(Wanted(name, "1", 1.0) for name in names), said_hz)
    else:
        sensor = _by_model(plan, info, model, rate)
    if len(sensor.channels) != info.channels:
        raise DataError(
            f"the node's sensor has {info.channels} channels, but {len(sensor.channels)} "
            f"are named: {', '.join(c.name for c in sensor.channels)}"
        )
    return sensor


def _by_model(plan: Plan, info: NodeInfo, model: Path | None, rate: float | None) -> _Sensor:
    finder = ModelFinder([model] if model else [], plan.folder)
    found = finder.find(info.model_hash)
    settings = found.settings if found is not None else None
    if settings is None:
        raise DataError(
            "say what the node measures: give --channel NAME:UNIT:SCALE for each of its "
            f"{info.channels} channels and --rate HZ, or give --model with the .tflite that "
            f"it runs, {info.model} ({info.model_hash})"
        )
    columns = zip(
        settings.channel_names, settings.channel_units, settings.channel_scales, strict=True
    )
    return _Sensor(tuple(Wanted(*column) for column in columns), rate or settings.sample_rate_hz)


def _free(plan: Plan, session: str, label: str) -> str:
    """A name for the recording that none has in the data set, in whatever case."""
    files = read_entry(plan.path).files if plan.path.is_file() else ()
    names = {file.name.casefold() for file in files}
    stem = f"{safe(session)}-{safe(label)}"
    candidates = [stem, *(f"{stem}-take{number}" for number in range(2, len(names) + 3))]
    starts = {candidate: f"{candidate}.".casefold() for candidate in candidates}
    return next(name for name in candidates if not any(n.startswith(starts[name]) for n in names))


@contextlib.contextmanager
def _journal(path: Path, sensor: _Sensor) -> Iterator[io.TextIOBase]:
    """A file that has everything so far, should this be killed: it can be imported."""
    require_writable(path.parent)
    try:
        with path.open("w", encoding="utf-8", newline="\n") as file:
            file.write(",".join(channel.name for channel in sensor.channels) + "\n")
            yield file
    except OSError as error:
        if is_full_disk(error):
            raise full_disk(path) from error
        raise


def _record(
    node: Node,
    take: Take,
    samples: int | None,
    seconds: float | None,
    sensor: _Sensor,
    journal: io.TextIOBase,
) -> DeviceError | None:
    """Until the end that was asked for, or Ctrl-C; gives what broke it off, if anything did."""
    scales = _scales(sensor)
    goal = samples or round((seconds or 0) * sensor.rate_hz) or _UNKNOWN_LENGTH
    with progress_bars() as report:

        def listener(found: Samples, lost: int) -> None:
            journal.write(",".join(["nan"] * len(scales)) + "\n" if lost else "")
            np.savetxt(journal, found.counts * scales, fmt="%.9g", delimiter=",")
            journal.flush()
            gaps = f", {take.lost:,} lost" if take.lost else ""
            report(f"record{gaps}", min(take.samples, goal), goal)

        with contextlib.suppress(KeyboardInterrupt):
            try:
                record(node, take, samples=samples, seconds=seconds, listener=listener)
            except DeviceError as error:
                return error
    return None


def _loss(node: Node, before: NodeInfo) -> list[str]:
    """What the node itself did not measure meanwhile, in words; nothing where it has gone."""
    try:
        after = node.info()
    except DeviceError:
        return []
    if after.boot_id != before.boot_id:
        return []
    missed = after.missed_samples - before.missed_samples
    failed = after.failed_readings - before.failed_readings
    late = f"the node missed {missed:,} samples: it is too slow for this rate"
    return [late] * (missed > 0) + [f"the node's sensor failed {failed:,} times"] * (failed > 0)


def _scales(sensor: _Sensor) -> np.ndarray:
    return np.array([channel.scale for channel in sensor.channels])


def _rate(take: Take, sensor: _Sensor) -> tuple[float, list[str]]:
    """The rate to write down, and what is odd about it."""
    measured = take.measured_rate_hz
    if not sensor.rate_hz:
        if not measured:
            raise DataError(
                "the recording is too short to measure its rate; record longer, or give --rate HZ"
            )
        return float(f"{measured:.3g}"), []
    if measured and abs(measured / sensor.rate_hz - 1) > _RATE_TOLERANCE:
        return sensor.rate_hz, [
            (
                f"the node's clock says {measured:.4g} samples per second, not "
                f"{sensor.rate_hz:g}, so spectra will be wrong; correct --rate or the node's "
                "timer"
            )
        ]
    return sensor.rate_hz, []


def _recordings(
    path: Path, sensor: _Sensor, take: Take, rate_hz: float, session: Session
) -> Iterator[Recording]:
    stretches = take.stretches(_scales(sensor))
    for number, values in enumerate(stretches, 1):
        name = path.name.removesuffix(".csv.part")
        yield Recording(
            where="the node",
            name=name if len(stretches) == 1 else f"{name}-{number}",
            channels=tuple(channel.name for channel in sensor.channels),
            units=tuple(channel.unit for channel in sensor.channels),
            rate_hz=rate_hz,
            values=values,
            targets=None,
            session=replace(session, lost=int(np.isnan(values[:, 0]).sum())),
        )
