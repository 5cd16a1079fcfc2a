"""Recording a running node's sensor into a data set, with nothing lost that has arrived.

While it records, a journal beside the data set holds all samples so far: should the program be
killed, it can be imported.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from tinyml.collect.sensor import Sensor, Told, sensor_of
from tinyml.data.catalogue import Entry, Session, read_entry
from tinyml.data.collection import extend, require_name, require_same_kind
from tinyml.data.defaults import Plan
from tinyml.data.importing import Recording
from tinyml.data.importing.places import safe
from tinyml.device import Node, NodeInfo, Samples, is_emulated
from tinyml.device.sampling import Take
from tinyml.device.sampling import record as fill
from tinyml.errors import DataError, DeviceError
from tinyml.files import require_writable
from tinyml.full_disk import full_disk, is_full_disk
from tinyml.progress import Progress, silent

_RATE_TOLERANCE: Final = 0.05
UNKNOWN_LENGTH: Final = 10_000_000  # of the progress without an end
_JOURNAL: Final = ".csv.part"


@dataclass(frozen=True)
class Request:
    """What is to be recorded."""

    label: str  # the class of all of it
    session: str = ""  # name of this sitting; empty: date and time
    group: str = ""  # who or what is recorded
    note: str = ""
    samples: int | None = None  # after which it ends
    seconds: float | None = None  # after which it ends, by the node's clock


@dataclass(frozen=True)
class Recorded:
    """What was recorded."""

    entry: Entry  # of the data set, with the new recording
    samples: int
    lost: int  # samples between those, which never arrived
    gaps: int  # stretches of those
    restarts: int  # of the node meanwhile; each begins a new piece
    measured_rate_hz: float  # by the node's clock; 0 where it was too short to tell
    device_id: str
    notes: tuple[str, ...]  # what is odd, in sentences
    broken: DeviceError | None  # what ended it early, if anything did


def require_recordable(plan: Plan, label: str) -> None:
    """DataError, before a node is asked, where nothing can be recorded under this name or label."""
    require_name(plan, new=False)
    if not label:
        raise DataError(
            f"the class of this recording for {plan.name} is not known; give --label CLASS"
        )


def record(
    node: Node, plan: Plan, request: Request, told: Told, report: Progress = silent
) -> Recorded:
    """Record until the end that is asked for, Ctrl-C, or the node goes away; keep what arrived.

    Args:
        node: a node whose own sensor measures.
        plan: the data set, which may be new.
        request: what is recorded, and for how long.
        told: what the user knows of the sensor.
        report: told how many samples there are.

    Raises DataError where the sensor is not known or took no samples, DeviceError where the node
    fails before there were any.
    """
    session = begun(request)
    info = node.info()
    plan = replace(plan, simulated=info.simulated or is_emulated(info.device_id))
    require_same_kind(plan)
    sensor = sensor_of(plan, info, told)
    session = replace(session, device=info.device_id)
    path = journal_path(plan, session)
    take = Take()
    header = ",".join(channel.name for channel in sensor.channels) + "\n"
    with journal_with(path, header) as journal:
        broken = _fill(node, take, request, sensor, journal, report)
    notes = [] if broken else _loss(node, info)
    if not take.samples:
        path.unlink(missing_ok=True)
        raise broken or DataError(
            f"the node at {node.port} took no samples; check that its sensor runs and that no "
            "other program feeds it samples"
        )
    rate_hz, odd = rate_to_keep(take.measured_rate_hz, sensor, "the node's clock says")
    entry = keep(path, plan, sensor, take.stretches(sensor.scales), session, rate_hz)
    if take.lost:
        notes.append(
            f"{take.lost:,} samples were lost in {take.gaps} gaps; no window will span a gap"
        )
    if take.restarts:
        notes.append(
            f"the node restarted {take.restarts} times during the recording; it went on in a new "
            "piece each time, and what the node measured in between is not known"
        )
    return Recorded(
        entry=entry,
        samples=take.samples,
        lost=take.lost,
        gaps=take.gaps,
        restarts=take.restarts,
        measured_rate_hz=take.measured_rate_hz,
        device_id=info.device_id,
        notes=(*odd, *notes),
        broken=broken,
    )


def begun(request: Request) -> Session:
    """The session of a recording that begins now; of no device yet."""
    now = datetime.now(timezone.utc)
    name = request.session or now.strftime("%Y%m%d-%H%M%S")
    started = now.isoformat(timespec="seconds")
    return Session(name, request.group, request.label, "", started, "", request.note, 0)


def journal_path(plan: Plan, session: Session) -> Path:
    """Where samples are kept while they are recorded."""
    return plan.path.with_suffix("") / f"{_free(plan, session)}{_JOURNAL}"


def _free(plan: Plan, session: Session) -> str:
    """A name for the recording that none has in the data set, in whatever case."""
    files = read_entry(plan.path).files if plan.path.is_file() else ()
    names = {file.name.casefold() for file in files}
    stem = f"{safe(session.name)}-{safe(session.label)}"
    candidates = [stem, *(f"{stem}-take{number}" for number in range(2, len(names) + 3))]
    starts = {candidate: f"{candidate}.".casefold() for candidate in candidates}
    return next(name for name in candidates if not any(n.startswith(starts[name]) for n in names))


@contextlib.contextmanager
def journal_with(path: Path, header: str = "") -> Iterator[io.TextIOBase]:
    """The journal, to be written to; DataError or a sentence about the disk where it cannot be."""
    require_writable(path.parent)
    try:
        with path.open("w", encoding="utf-8", newline="\n") as file:
            file.write(header)
            yield file
    except OSError as error:
        if is_full_disk(error):
            raise full_disk(path) from error
        raise


def _fill(
    node: Node,
    take: Take,
    request: Request,
    sensor: Sensor,
    journal: io.TextIOBase,
    report: Progress,
) -> DeviceError | None:
    """Until the end that was asked for, or Ctrl-C; gives what broke it off, if anything did."""
    scales = sensor.scales
    goal = request.samples or round((request.seconds or 0) * sensor.rate_hz) or UNKNOWN_LENGTH

    def listener(found: Samples, lost: int) -> None:
        journal.write(",".join(["nan"] * len(scales)) + "\n" if lost else "")
        np.savetxt(journal, found.counts * scales, fmt="%.9g", delimiter=",")
        journal.flush()
        gaps = f", {take.lost:,} lost" if take.lost else ""
        report(f"record{gaps}", min(take.samples, goal), goal)

    with contextlib.suppress(KeyboardInterrupt):
        try:
            fill(
                node,
                take,
                samples=request.samples,
                seconds=request.seconds,
                listener=listener,
                period_s=1 / sensor.rate_hz if sensor.rate_hz else 0.0,
            )
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


def keep(
    journal: Path,
    plan: Plan,
    sensor: Sensor,
    stretches: Sequence[npt.NDArray[np.float64]],
    session: Session,
    rate_hz: float,
) -> Entry:
    """Put stretches ``[samples][channels]`` into the data set and drop the journal."""
    plan = replace(plan, channels=sensor.channels)
    name = journal.name.removesuffix(_JOURNAL)
    for number, values in enumerate(stretches, 1):
        recording = Recording(
            where="the node",
            name=name if len(stretches) == 1 else f"{name}-{number}",
            channels=tuple(channel.name for channel in sensor.channels),
            units=tuple(channel.unit for channel in sensor.channels),
            rate_hz=rate_hz,
            values=values,
            targets=None,
            session=replace(session, lost=int(np.isnan(values[:, 0]).sum())),
        )
        entry = extend(plan, recording)
    journal.unlink(missing_ok=True)
    return entry


def rate_to_keep(measured: float, sensor: Sensor, who: str) -> tuple[float, list[str]]:
    """The rate to write down, and what is odd about it; ``who`` says the ``measured`` one."""
    if not sensor.rate_hz:
        if not measured:
            raise DataError(
                "the recording is too short to measure its rate; record longer, or give --rate HZ"
            )
        return float(f"{measured:.3g}"), []
    if measured and abs(measured / sensor.rate_hz - 1) > _RATE_TOLERANCE:
        return sensor.rate_hz, [
            f"{who} {measured:.4g} samples per second, not {sensor.rate_hz:g}, "
            "so spectra will be wrong; correct --rate or the node's timer"
        ]
    return sensor.rate_hz, []
