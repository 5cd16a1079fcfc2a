"""From an understood table to recordings: times, channels, sessions, sections, regular samples."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from typing import Final

import numpy as np
import numpy.typing as npt

from tinyml.data.catalogue import Session
from tinyml.data.importing import clocks, profile, roles, tables, times
from tinyml.data.importing.clocks import Moments
from tinyml.data.importing.long import widened
from tinyml.data.importing.places import PARQUET, Source, safe
from tinyml.data.importing.profile import Profile
from tinyml.data.importing.recording import Floats, Options, Recording, Wanted, same_rate
from tinyml.data.importing.tables import Table
from tinyml.errors import DataError

_YEAR_10000: Final = 253_402_300_800  # in seconds since 1970
_EARLIEST_S: Final = 631152000.0  # 1990: a clock that shows an earlier date was never set
_ACQUISITION: Final = re.compile(rb'"(payload|protected|signature)"\s*:')  # of Edge Impulse
_HEAD_BYTES: Final = 4096
_SAME_STEP: Final = 0.5  # of the usual step: so far off is the step into a new section


@dataclass(frozen=True)
class _Whole:
    """A file's table with what was found in it."""

    source: Source
    options: Options
    table: Table
    moments: Moments | None
    wanted: tuple[Wanted, ...]
    values: Floats  # [rows][channels]
    target: Floats | None  # [rows]
    labels: Sequence[str] | None


def read_table(source: Source, options: Options, session: Session) -> list[Recording]:
    """The recordings of a table: one for each session that a column names, and each section."""
    whole = _understood(source, options)
    table, notes = whole.table, whole.table.understood.notes
    found: list[Recording] = []
    for name, rows in _by_session(table, whole.options.session).items():
        one = session if not whole.options.session else replace(session, name=name)
        if whole.options.group:
            one = replace(one, group=_single(table, whole.options.group, rows, name))
        found += _recordings(whole, rows, one)
    if whole.moments is not None:
        notes += [note for note in whole.moments.notes if note not in notes]
    table.understood.rate_hz = found[0].rate_hz
    return [replace(r, notes=tuple(notes), understood=table.understood) for r in found]


def known_profile(source: Source, options: Options) -> Profile | None:
    """The profile of a file: as told, or recognised."""
    if options.profile:
        return profile.profile(options.profile)
    return None if source.kind in PARQUET else profile.recognised(source.path)


def _understood(source: Source, options: Options) -> _Whole:
    known = known_profile(source, options)
    table = tables.read(source.path, options, known)
    if known is not None:
        options = known.applied(options, table.columns)
        table.understood.profile = known.name
        if not options.profile:
            table.understood.notes.append(
                f"{table.where}: read as {known.title} (--as {known.name})"
            )
    if options.long_name:
        table = widened(table, options)
    wanted, notes = roles.channels_of(table, options)
    table.understood.notes += notes
    values = np.stack([table.numbers(channel.name) for channel in wanted], axis=-1)
    target = table.numbers(options.target) if options.target else None
    names = [channel.name for channel in wanted]
    table.understood.notes += roles.sentinel_notes(table.where, names, values)
    table, values, target = _without_empty_rows(table, options, values, target)
    moments = None
    if options.time:
        table, values, target = _with_times(table, options, values, target)
        moments = clocks.moments_of(table, options)
        one = table.understood
        one.time, one.time_form = list(options.time), moments.form
        one.time_unit, one.time_zone = moments.unit, moments.zone
    labels = table.texts(options.label) if options.label else None
    return _Whole(source, options, table, moments, wanted, values, target, labels)


def _without_empty_rows(
    table: Table, options: Options, values: Floats, target: Floats | None
) -> tuple[Table, Floats, Floats | None]:
    """Without rows that hold nothing but a time: an event of the logger, not a measurement."""
    if not options.time or not len(values):
        return table, values, target
    empty = np.array(np.isnan(values).all(axis=1))
    if target is not None:
        empty &= np.isnan(target)
    return _kept(table, ~empty, values, target) if empty.any() else (table, values, target)


def _with_times(
    table: Table, options: Options, values: Floats, target: Floats | None
) -> tuple[Table, Floats, Floats | None]:
    """Without rows that have no time, where those may be left out."""
    if not options.skip_bad_rows:
        return table, values, target
    there = np.ones(len(table), bool)
    for name in options.time:
        column = table.column(name)
        if column.numbers is not None:
            there &= ~np.isnan(column.numbers)
        else:
            there &= np.array([bool(text) for text in column.texts or ()])
    table.understood.damaged_lines += table.lines[~there].tolist()
    return _kept(table, there, values, target) if not there.all() else (table, values, target)


def _kept(
    table: Table, kept: npt.NDArray[np.bool_], values: Floats, target: Floats | None
) -> tuple[Table, Floats, Floats | None]:
    rows = np.flatnonzero(kept)
    if not len(rows):
        raise DataError(f"{table.where} has no row with a value")
    starts = np.unique(np.searchsorted(rows, table.starts))
    found = table.take(rows)
    found.starts = starts[(starts > 0) & (starts < len(rows))]
    return found, values[rows], None if target is None else target[rows]


def _by_session(table: Table, column: str) -> dict[str, times.Rows]:
    """Rows of each session, in their order."""
    if not column:
        return {"": np.arange(len(table))}
    names, which = np.unique(np.array(table.texts(column)), return_inverse=True)
    found = {
        str(name).strip(): np.flatnonzero(which.reshape(-1) == i) for i, name in enumerate(names)
    }
    if "" in found:
        line = table.lines[found[""][0]]
        raise DataError(f"{table.where} line {line} has an empty session in column '{column}'")
    return dict(sorted(found.items(), key=lambda item: int(item[1][0])))


def _single(table: Table, column: str, rows: times.Rows, session: str) -> str:
    cells = table.texts(column)
    names = {cells[row].strip() for row in rows}
    if len(names) > 1:
        raise DataError(
            f"{table.where}: column '{column}' names {len(names)} groups in one session"
            f"{f' ({session})' if session else ''}; name the column that tells sessions apart with "
            "--session"
        )
    return str(names.pop())


def _recordings(whole: _Whole, rows: times.Rows, session: Session) -> list[Recording]:
    """One session's rows, in regular stretches."""
    options, table = whole.options, whole.table
    name = whole.source.name if not options.session else f"{whole.source.name}-{safe(session.name)}"
    parts = _sections(whole, rows)
    own_sessions = len(parts) > 1 and not (options.session or options.session_from)
    if len(parts) > 1:
        table.understood.sections = len(parts)
        each = ", each one a session (--session-from changes this)" if own_sessions else ""
        table.understood.notes.append(
            f"{table.where}: empty lines or repeated headers separate {len(parts)} recordings{each}"
        )
    stretches = [
        (number, *stretch)
        for number, part in enumerate(parts, 1)
        for stretch in _regular(whole, part)
    ]
    found = []
    for number, (section, rate_hz, start_s, samples, targets, lost) in enumerate(stretches, 1):
        own = session
        if own_sessions:
            own = replace(session, name=f"{session.name}-{section}")
        found.append(
            Recording(
                where=table.where,
                name=name if len(stretches) == 1 else f"{name}-{number}",
                channels=tuple(channel.name for channel in whole.wanted),
                units=tuple(channel.unit for channel in whole.wanted),
                rate_hz=rate_hz,
                values=samples,
                targets=targets,
                session=replace(own, started=_date(start_s, whole.moments, table.where), lost=lost),
            )
        )
    return found


def _date(start_s: float, moments: Moments | None, where: str) -> str:
    """When a recording began; empty where its times count from a start of their own."""
    if moments is None or not moments.dated or start_s < _EARLIEST_S:
        return ""
    if start_s >= _YEAR_10000:
        raise DataError(
            f"{where}: its times would be after the year 9999, so their unit or their beginning "
            "is another; give --time-unit s, which takes them as they are"
        )
    moment = datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(seconds=start_s)
    return (moment.replace(tzinfo=None) if moments.local else moment).isoformat(timespec="seconds")


def _sections(whole: _Whole, rows: times.Rows) -> list[times.Rows]:
    """The rows between boundaries; none where time goes on over it as it does elsewhere."""
    starts = whole.table.starts
    if whole.moments is None:
        # Without times nobody knows how long a damaged stretch was.
        starts = np.union1d(starts, whole.table.gaps).astype(np.int64)
    edges = np.unique(np.searchsorted(rows, starts))
    edges = edges[(edges > 0) & (edges < len(rows))]
    if whole.moments is not None and len(edges):
        steps = np.diff(whole.moments.seconds[rows])
        usual = float(np.median(steps))
        edges = edges[np.abs(steps[edges - 1] - usual) > _SAME_STEP * abs(usual)]
    parts = np.split(rows, edges)
    if whole.moments is not None and len(parts) > 1:
        # What a damaged row left behind is no recording.
        parts = [part for part in parts if len(part) > 1] or parts
    return parts


_Stretch = tuple[float, float, Floats, "list[str] | Floats | None", int]


def _regular(whole: _Whole, rows: times.Rows) -> list[_Stretch]:
    """Rate, start, samples, targets and the count of missing samples of each regular stretch."""
    options, table = whole.options, whole.table
    if len(rows) < 2:
        raise DataError(f"{table.where} has only one row; a recording needs at least two")
    rows, seconds = _times_of(whole, rows)
    if options.resample_hz:
        return _resampled(whole, rows, seconds)
    try:
        rate_hz, grids = times.grids(seconds, table.where)
    except DataError as error:
        raise DataError(f"{error}{_several(whole)}") from error
    if options.rate_hz:
        if not same_rate(rate_hz, options.rate_hz):
            raise DataError(
                f"{table.where}: its times say {rate_hz:.4g} samples per second, but --rate says "
                f"{options.rate_hz:g}; leave out --rate, correct --time-unit, or give --resample"
            )
        rate_hz = options.rate_hz
    found = []
    for grid in grids:
        samples = _sampled(whole.values, rows, grid.rows)
        targets = _targets(whole, np.where(grid.rows < 0, -1, rows[grid.rows]))
        found.append((rate_hz, grid.start_s, samples, targets, int((grid.rows < 0).sum())))
    return found


def _sampled(values: Floats, rows: times.Rows, places: times.Rows) -> Floats:
    """The values of each sample; of a large file without holes they are not copied."""
    first = int(rows[places[0]])
    straight = np.arange(first, first + len(places))
    if places.min() >= 0 and np.array_equal(rows[places], straight):
        return values[first : first + len(places)]
    samples = values[rows[places]]
    samples[places < 0] = np.nan
    return samples


def _times_of(whole: _Whole, rows: times.Rows) -> tuple[times.Rows, Floats]:
    """The rows in the order of their times, and those in seconds."""
    options, table = whole.options, whole.table
    if whole.moments is None:
        if not options.rate_hz:
            raise DataError(
                f"{table.where}: the sample rate is not known; name the column of times with "
                "--time, or give --rate HZ"
            )
        return rows, np.arange(len(rows)) / options.rate_hz
    seconds = whole.moments.seconds[rows]
    if (np.diff(seconds) < 0).all():
        table.understood.notes.append(
            f"{table.where}: the newest row comes first, so the order was reversed"
        )
        rows, seconds = rows[::-1], seconds[::-1]
    try:
        times.require_rising(
            seconds,
            table.where,
            table.lines[rows],
            equal=bool(options.resample_hz),
            local=whole.moments.local,
        )
    except DataError as error:
        raise DataError(f"{error}{_several(whole)}") from error
    if whole.moments.local and (row := times.skipped_hour(seconds)) >= 0:
        note = (
            f"{table.where} line {table.lines[rows[row]]}: the clock skips an hour on a Sunday, as "
            "at the start of summer time; --timezone, such as Europe/Berlin, closes the gap"
        )
        table.understood.notes += [note] if note not in table.understood.notes else []
    return rows, seconds


def _several(whole: _Whole) -> str:
    """A hint at a column that may tell several sensors apart."""
    options = whole.options
    names = [] if options.session else roles.kinds_of_rows(whole.table)
    known = {options.label, options.group, *options.time}
    name = next((name for name in names if name not in known), "")
    return f"; if '{name}' tells sensors apart, give --session {name}" if name else ""


def _resampled(whole: _Whole, rows: times.Rows, seconds: Floats) -> list[_Stretch]:
    """At the rate that is asked for: channels and target alike."""
    values = whole.values[rows]
    if whole.target is not None:
        values = np.concatenate([values, whole.target[rows, np.newaxis]], axis=1)
    rate_hz, count = whole.options.resample_hz, len(whole.wanted)
    found = []
    for start_s, samples, nearest in times.resampled(seconds, values, rate_hz, whole.table.where):
        targets = samples[:, count] if whole.target is not None else _targets(whole, rows[nearest])
        lost = int(np.isnan(samples[:, :count]).all(axis=1).sum())
        found.append((rate_hz, start_s, samples[:, :count], targets, lost))
    return found


def _targets(whole: _Whole, rows: times.Rows) -> list[str] | Floats | None:
    """Class or value of each sample; none where its row is -1."""
    if whole.target is not None:
        return np.where(rows >= 0, whole.target[rows], np.nan)
    if whole.labels is not None:
        labels = whole.labels
        first = int(rows[0])
        if (
            rows.min() >= 0
            and int(rows[-1]) - first + 1 == len(rows)
            and (np.diff(rows) == 1).all()
        ):
            return [label.strip() for label in labels[first : first + len(rows)]]
        return [labels[row].strip() if row >= 0 else "" for row in rows]
    return None


def is_table(source: Source) -> bool:
    """Whether a file is a table; JSON is one where it holds records."""
    if source.kind != ".json":
        return True
    with source.path.open("rb") as file:
        if _ACQUISITION.search(file.read(_HEAD_BYTES)):
            return False
    try:
        return tables.from_json.records_of(tables.from_json.documents_of(source.path)) is not None
    except DataError:
        return False
