"""Recording lines that any program prints on a port, as recordings of a data set.

The port is only listened to. Times are the program's own where it prints some, else those at which
lines arrived, which say how many there are a second but not when each was measured.
"""

from __future__ import annotations

import contextlib
import io
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from tinyml.collect.recording import (
    UNKNOWN_LENGTH,
    Recorded,
    Request,
    begun,
    journal_path,
    journal_with,
    keep,
    rate_to_keep,
)
from tinyml.collect.sensor import Sensor, Told
from tinyml.data.catalogue import read_entry
from tinyml.data.collection import require_same_kind
from tinyml.data.defaults import Plan
from tinyml.data.importing import Wanted
from tinyml.data.importing.times import LONGEST_HOLE, grids, resampled
from tinyml.device.lines import LineReader, Row, what_else
from tinyml.device.transport import Transport
from tinyml.errors import DataError, DeviceError, NoAnswerError
from tinyml.progress import Progress, silent

Floats = npt.NDArray[np.float64]

_PATIENCE_S: Final = 10.0  # without a row
_WAIT_S: Final = 0.1  # for the next bytes
_HEARD_BYTES: Final = 2048  # kept to say what it is where there are no rows
_TIME_NAMES: Final = re.compile(
    r"(?:t|time|timestamp|uptime|elapsed)?[ _.]*\(?(us|micros|ms|millis|s|sec|seconds)?\)?",
    re.IGNORECASE,
)
_UNITS: Final = {"us": 1e-6, "micros": 1e-6, "ms": 1e-3, "millis": 1e-3}
_SILENCE_S: Final = 1.0  # and so many usual steps: rows are taken to be missing
_SILENT_ROWS: Final = 20
_UNLIKE: Final = 10  # times may a program's clock and ours differ, which units do by 1000


@dataclass
class _Heard:
    """What has arrived, as whole rows of all columns."""

    reader: LineReader = field(default_factory=LineReader)
    rows: list[Row] = field(default_factory=list)
    first_bytes: bytearray = field(default_factory=bytearray)

    @property
    def elapsed_s(self) -> float:
        return self.rows[-1].arrived_s - self.rows[0].arrived_s if self.rows else 0.0

    @property
    def arrival_hz(self) -> float:
        """Rows a second, by the times at which they arrived; 0 where there are too few."""
        return (len(self.rows) - 1) / self.elapsed_s if self.elapsed_s > 0.2 else 0.0


@dataclass(frozen=True)
class _Columns:
    """Which columns are channels, and which is the time."""

    channels: tuple[Wanted, ...]
    places: tuple[int, ...]  # of the channels
    time: int | None
    unit_s: float  # of the time; 0: to be found by our clock


def record_lines(
    transport: Transport,
    port: str,
    plan: Plan,
    request: Request,
    told: Told,
    *,
    time_column: str = "",
    report: Progress = silent,
) -> Recorded:
    """Record rows until the end that is asked for, Ctrl-C, or the port goes away; keep them.

    Args:
        transport: the open port.
        port: its name, for messages and the data set's entry.
        plan: the data set, which may be new.
        request: what is recorded, and for how long.
        told: what the user knows of the columns and their rate.
        time_column: the column with the program's own time; empty: found by its name.
        report: told how many rows there are.

    Raises DataError where the lines cannot be understood, NoAnswerError where there are none.
    """
    require_same_kind(plan)
    session = replace(begun(request), device=port)
    path = journal_path(plan, session)
    heard = _Heard()

    def check() -> None:
        """Ask for what is not known with the first rows, not after an hour of them."""
        try:
            _columns(heard, plan, told, time_column)
        except DataError:
            path.unlink(missing_ok=True)
            raise

    with journal_with(path) as journal:
        broken = _listen(transport, port, heard, request, journal, report, check)
    if not heard.rows:
        path.unlink(missing_ok=True)
        raise broken or _nothing(port, heard)
    columns = _columns(heard, plan, told, time_column)
    rate_hz, stretches, notes = _stretches(heard, columns, told.rate_hz or _known_hz(plan))
    sensor = Sensor(columns.channels, told.rate_hz or _known_hz(plan))
    kept_hz, odd = rate_to_keep(rate_hz, sensor, "lines come")
    entry = keep(path, plan, sensor, stretches, session, kept_hz)
    silent = _restarts_by_time(heard, columns.time)
    lost = int(sum(np.isnan(values).all(axis=1).sum() for values in stretches))
    gaps = sum(row.damaged_before > 0 for row in heard.rows)
    return Recorded(
        entry=entry,
        samples=len(heard.rows),
        lost=lost,
        gaps=gaps,
        restarts=heard.reader.restarts + silent,
        measured_rate_hz=rate_hz,
        device_id=port,
        notes=(*odd, *notes, *_counted(heard.reader, silent)),
        broken=broken,
    )


def _listen(
    transport: Transport,
    port: str,
    heard: _Heard,
    request: Request,
    journal: io.TextIOBase,
    report: Progress,
    check: Callable[[], None],
) -> DeviceError | None:
    """Until the end that was asked for, or Ctrl-C; gives what broke it off, if anything did."""
    goal = request.samples or UNKNOWN_LENGTH
    last_news = time.monotonic()
    with contextlib.suppress(KeyboardInterrupt):
        while not _is_done(heard, request):
            try:
                data = transport.read(_WAIT_S)
            except DeviceError as error:
                return error
            now = time.monotonic()
            heard.first_bytes += data[: _HEARD_BYTES - len(heard.first_bytes)]
            for row in _limited(heard, heard.reader.put(data, now), request.samples):
                _write(journal, heard, row)
                last_news = now
                if len(heard.rows) == 1:
                    check()
            report("record", min(len(heard.rows), goal), goal)
            usual_s = heard.elapsed_s / max(len(heard.rows) - 1, 1)
            if now - last_news > max(_PATIENCE_S, 3 * usual_s):
                return _nothing(port, heard)
    return None


def _is_done(heard: _Heard, request: Request) -> bool:
    if request.samples is not None and len(heard.rows) >= request.samples:
        return True
    return request.seconds is not None and heard.elapsed_s >= request.seconds


def _limited(heard: _Heard, rows: Iterator[Row], most: int | None) -> Iterator[Row]:
    for row in rows:
        if most is None or len(heard.rows) < most:
            heard.rows.append(row)
            yield row


def _write(journal: io.TextIOBase, heard: _Heard, row: Row) -> None:
    if len(heard.rows) == 1:
        names = heard.reader.header or [f"column{n}" for n in range(1, len(row.values) + 1)]
        journal.write(",".join(f'"{name}"' for name in names) + "\n")
    if row.damaged_before or row.restarted:
        journal.write(",".join(["nan"] * len(row.values)) + "\n")
    journal.write(",".join(f"{value!r}" for value in row.values) + "\n")
    journal.flush()


def _nothing(port: str, heard: _Heard) -> DeviceError:
    """Why there are no rows, or no more."""
    if heard.rows:
        return NoAnswerError(f"{port} has sent no more rows; check that the program still runs.")
    if not heard.first_bytes:
        return NoAnswerError(
            f"nothing arrived at {port} in {_PATIENCE_S:.0f} s; check that the program runs and "
            "prints, and that no serial monitor has the port"
        )
    what = what_else(bytes(heard.first_bytes))
    if what:
        return NoAnswerError(f"{port}: {what}")
    sample = heard.reader.other[0] if heard.reader.other else repr(bytes(heard.first_bytes[:40]))
    return NoAnswerError(
        f"{port} sends lines, but none that repeats with numbers in it; the first is {sample!r}. "
        "Print one line for each sample: 1.5,2.5 or x=1.5 y=2.5 or JSON"
    )


def _columns(heard: _Heard, plan: Plan, told: Told, time_column: str) -> _Columns:
    """The columns by the program's header or keys, the data set, and the user."""
    reader = heard.reader
    wanted = told.channels
    if plan.path.is_file():
        entry = read_entry(plan.path)
        wanted = tuple(Wanted(c.name, c.unit, c.scale) for c in entry.channels)
    names = reader.header
    if not names:
        names = _told_names(reader.columns, told.channels or wanted)
    own_time = time_column or next((name for name in names if _is_time(heard, names, name)), "")
    if own_time and own_time not in names:
        raise DataError(f"the lines have no column '{own_time}'; they have {', '.join(names)}")
    channels = wanted or tuple(Wanted(name) for name in names)
    channels = tuple(channel for channel in channels if channel.name != own_time)
    unknown = [channel.name for channel in channels if channel.name not in names]
    if unknown or not channels:
        lacking = f"no column '{unknown[0]}'" if unknown else "no column beside the time"
        raise DataError(f"the lines have {lacking}; they have {', '.join(names)}")
    said = _TIME_NAMES.fullmatch(own_time) if own_time else None
    unit_s = 0.0 if said is None or not said[1] else _UNITS.get(said[1].lower(), 1.0)
    places = tuple(names.index(channel.name) for channel in channels)
    return _Columns(channels, places, names.index(own_time) if own_time else None, unit_s)


def _told_names(columns: int, channels: Sequence[Wanted]) -> tuple[str, ...]:
    if len(channels) != columns:
        named = f", not the {len(channels)} that are named" if channels else ""
        raise DataError(
            f"the lines have {columns} numbers and no names{named}; name each in its order, the "
            "time as well: --channel t --channel x:g --time t"
        )
    return tuple(channel.name for channel in channels)


def _is_time(heard: _Heard, names: Sequence[str], name: str) -> bool:
    """Whether a column is called as a time is, and goes on as one does."""
    match = _TIME_NAMES.fullmatch(name)
    if match is None or not name:
        return False
    place = list(names).index(name)
    values = np.array([row.values[place] for row in heard.rows])
    steps = np.diff(values)[[not row.restarted for row in heard.rows[1:]]]
    falls = int((steps < 0).sum())  # where the program began again without a word
    return bool(len(steps) and falls <= max(1, len(steps) // 50) and (steps > 0).any())


def _stretches(
    heard: _Heard, columns: _Columns, wanted_hz: float
) -> tuple[float, list[Floats], list[str]]:
    """The measured rate, the channels' values in regular stretches, and notes."""
    pieces = _pieces(heard, columns.time)
    if columns.time is None:
        return heard.arrival_hz, [_by_order(piece, columns) for piece in pieces], []
    unit_s = columns.unit_s or _unit_by_our_clock(pieces, columns.time)
    found: list[Floats] = []
    notes: list[str] = []
    rates: list[tuple[int, float]] = []
    for piece in pieces:
        seconds = np.array([row.values[columns.time] for row in piece]) * unit_s
        values = np.array([[row.values[place] for place in columns.places] for row in piece])
        rising = np.concatenate([[True], np.diff(seconds) > 0])
        seconds, values = seconds[rising], values[rising]
        if len(seconds) < 2:
            continue
        rate_hz, regular, note = _regular(seconds, values, wanted_hz)
        rates.append((len(seconds), rate_hz))
        found += regular
        notes += note
    if not found:
        raise DataError("the recording is too short to say how fast it is; record longer")
    return max(rates)[1], found, list(dict.fromkeys(notes))


def _pieces(heard: _Heard, time_place: int | None) -> list[Sequence[Row]]:
    """Rows between restarts of the program, and of rows without a time between long silences."""
    silence_s = max(_SILENCE_S, _SILENT_ROWS / heard.arrival_hz) if heard.arrival_hz else np.inf

    def begins(before: Row, row: Row) -> bool:
        if time_place is None:
            return row.restarted or row.arrived_s - before.arrived_s > silence_s
        return row.restarted or row.values[time_place] < before.values[time_place]

    rows = heard.rows
    inner = [n for n, (before, row) in enumerate(pairwise(rows), 1) if begins(before, row)]
    return [rows[a:b] for a, b in pairwise([0, *inner, len(rows)])]


def _by_order(rows: Sequence[Row], columns: _Columns) -> Floats:
    """One row after the other; each line that lacked a piece is a missing one."""
    values: list[list[float]] = []
    for number, row in enumerate(rows):
        lost = min(row.damaged_before, LONGEST_HOLE) if number else 0
        values += [[np.nan] * len(columns.places)] * lost
        values.append([row.values[place] for place in columns.places])
    return np.array(values)


def _unit_by_our_clock(pieces: Sequence[Sequence[Row]], place: int) -> float:
    """What the program's time counts, in seconds: it has gone as far as ours has."""
    longest = max(pieces, key=len)
    ours = longest[-1].arrived_s - longest[0].arrived_s
    own = longest[-1].values[place] - longest[0].values[place]
    for unit_s in (1.0, 1e-3, 1e-6):
        if ours > 0 and 1 / _UNLIKE < own * unit_s / ours < _UNLIKE:
            return unit_s
    raise DataError(
        f"the column of times went on by {own:g} in {ours:.3g} s; that is neither seconds, "
        "milliseconds nor microseconds. Name another column with --time, or take it as a channel "
        "under another name"
    )


def _regular(
    seconds: Floats, values: Floats, wanted_hz: float
) -> tuple[float, list[Floats], list[str]]:
    try:
        rate_hz, found = grids(seconds, "the lines")
    except DataError:
        mean_hz = (len(seconds) - 1) / float(seconds[-1] - seconds[0])
        rate_hz = wanted_hz or float(f"{mean_hz:.3g}")
        parts = resampled(seconds, values, rate_hz, "the lines")
        note = f"times are irregular; values are interpolated to {rate_hz:g} samples a second"
        return rate_hz, [part for _, part, *_ in parts], [note]
    whole = np.concatenate([values, np.full((1, values.shape[1]), np.nan)])
    return rate_hz, [whole[grid.rows] for grid in found], []


def _known_hz(plan: Plan) -> float:
    return read_entry(plan.path).sample_rate_hz if plan.path.is_file() else 0.0


def _restarts_by_time(heard: _Heard, place: int | None) -> int:
    """How often the program began again without a word, so that its time fell."""
    if place is None:
        return 0
    return sum(
        not row.restarted and row.values[place] < before.values[place]
        for before, row in pairwise(heard.rows)
    )


def _counted(reader: LineReader, silent: int) -> list[str]:
    """What was heard beside rows, in sentences."""
    found = []
    if restarts := reader.restarts + silent:
        found.append(f"the program began again {restarts} times; each begins a new piece")
    if reader.damaged:
        found.append(f"{reader.damaged:,} lines lacked a piece; no window spans them")
    if reader.others:
        found.append(f"{reader.others:,} lines were text, the first is {reader.other[0]!r}")
    return found
