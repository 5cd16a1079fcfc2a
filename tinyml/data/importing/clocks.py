"""Times as people write them: numbers of any unit, dates in any order, zones, times of day."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Final

import numpy as np
import numpy.typing as npt

from tinyml.data.importing.dates import DateOrder, from_texts
from tinyml.data.importing.recording import Options
from tinyml.data.importing.tables.numbers import looks_like_number, parse, style_of
from tinyml.data.importing.tables.table import Table
from tinyml.data.importing.zones import in_utc, zone_of
from tinyml.errors import DataError

Floats = npt.NDArray[np.float64]

UNITS: Final = {
    "s": 1.0,
    "ms": 1e-3,
    "us": 1e-6,
    "ns": 1e-9,
    "min": 60.0,
    "h": 3600.0,
    "excel": 86400.0,
}
EXCEL: Final = "excel"  # days since 1900, as spreadsheets count them
_EXCEL_1970: Final = 25569
_MATLAB_CENTURY: Final = (730_486.0, 767_010.0)  # days since the year 0 of 2000 and 2100
_JULIAN_CENTURY: Final = (2_451_544.5, 2_488_069.5)
_EXCEL_2000: Final = 36526
_EXCEL_2100: Final = 73051
# Seconds since 1970 between these are dates of sensors: 2000 to 2100.
_FIRST_DATE_S: Final = 946684800.0
_LAST_DATE_S: Final = 4102444800.0
_UNSET_S: Final = 631152000.0  # 1990: before it a clock was never set
_NAMED_UNITS: Final = (
    ("ms", r"ms|msec|millis\w*|milliseconds?"),
    ("us", r"us|µs|usec|micros\w*|microseconds?"),
    ("ns", r"ns|nanos\w*|nanoseconds?"),
    ("s", r"s|sec|secs|seconds?"),
    ("min", r"min|mins|minutes?"),
    ("h", r"h|hr|hrs|hours?"),
)
_PLAIN_NAMES: Final = re.compile(r"t|time|zeit|temps|tiempo|tempo|elapsed|uptime", re.I)
_COMPACT: Final = ((8, "%Y%m%d"), (12, "%Y%m%d%H%M"), (14, "%Y%m%d%H%M%S"))


@dataclass(frozen=True)
class Moments:
    """The time of each row."""

    seconds: Floats  # since 1970 where dated, in UTC unless ``local``; else since some start
    dated: bool
    local: bool  # dated, but nothing says in which time zone
    zone: str  # as named, or "UTC"; empty where nothing says so
    form: str  # how the times are written, in words
    unit: str  # of numbers
    notes: tuple[str, ...] = ()


def moments_of(table: Table, options: Options) -> Moments:
    """The times in the columns that ``options`` names; DataError where two readings are left."""
    names = options.time
    columns = [table.column(name) for name in names]
    told = options.timezone or next((z for c in columns if (z := zone_of(c.unit))), "")
    if len(columns) == 1 and columns[0].numbers is not None:
        return _from_numbers(table, names[0], columns[0].unit, options)
    cells = [table.texts(name) for name in names]
    texts = cells[0] if len(cells) == 1 else [" ".join(row) for row in zip(*cells, strict=True)]
    if len(columns) == 1 and all(looks_like_number(text) for text in texts[:20]):
        values, bad = parse(texts, style_of(options.decimal or table.understood.decimal, ()))
        if bad:
            raise _no_time(table, int(bad[0]), texts[bad[0]])
        return _of_numbers(values, table, names[0], columns[0].unit, options)
    found = from_texts(
        texts, table.where, table.lines, DateOrder(options.date_order), options.time_format
    )
    seconds, zone, notes = found.seconds, "UTC" if found.zoned else "", list(found.notes)
    if found.dated and not found.zoned and told:
        seconds, said = in_utc(seconds, told, table.where, table.lines)
        zone, notes = told, [*notes, *said]
    unset = int((seconds < _UNSET_S).sum()) if found.dated else 0
    if unset:
        notes.append(_unset(unset, table.where))
    local = found.dated and not zone
    if local:
        notes.append(_zoneless(table.where))
    return Moments(seconds, found.dated, local, zone, found.form, "", tuple(notes))


def _zoneless(where: str) -> str:
    return (
        f"{where}: the time zone of its times is not known; they are kept as local "
        "times (give it with --timezone, such as Europe/Berlin, +02:00 or UTC)"
    )


def _from_numbers(table: Table, name: str, unit: str, options: Options) -> Moments:
    column = table.column(name)
    if column.bad_row >= 0:
        raise _no_time(table, column.bad_row, column.bad_cell)
    values = table.numbers(name)
    bad = np.flatnonzero(np.isnan(values))
    if len(bad):
        raise _no_time(table, int(bad[0]), "")
    return _of_numbers(values, table, name, unit, options)


def _no_time(table: Table, row: int, cell: str) -> DataError:
    return DataError(
        f"{table.where} line {table.lines[row]}: {cell!r} is not a time; give "
        "--skip-bad-rows to leave out rows without a time"
    )


def _of_numbers(
    values: Floats, table: Table, name: str, column_unit: str, options: Options
) -> Moments:
    """Numbers as times: of a calendar, since 1970, or since a start."""
    compact = None if options.time_unit else calendar_of(values)
    if compact is not None:
        local = not options.timezone
        notes: tuple[str, ...] = (_zoneless(table.where),) if local else ()
        if options.timezone:
            compact, notes = in_utc(compact, options.timezone, table.where, table.lines)
        return Moments(compact, True, local, options.timezone, "digits of a date", "", notes)
    if options.time_unit == EXCEL:
        return _of_days(values, table, options)
    unit, notes = _unit(values, table, name, column_unit, options)
    seconds = values * UNITS[unit]
    latest = float(seconds.max(initial=0.0))
    if options.time_unit and latest > _LAST_DATE_S:
        raise _beyond(table.where, latest)
    dated = latest >= _FIRST_DATE_S
    unset = int((seconds < _UNSET_S).sum()) if dated else 0
    if unset:
        notes = (*notes, _unset(unset, table.where))
    form = "seconds since 1970" if dated else "numbers since a start"
    return Moments(seconds, dated, False, "UTC" if dated else "", form, unit, notes)


def _of_days(values: Floats, table: Table, options: Options) -> Moments:
    """Days since the last day of 1899, as spreadsheets count them, of a clock on the wall."""
    # They are kept to about a millisecond.
    seconds = np.round((values - _EXCEL_1970) * UNITS[EXCEL], 3)
    if not options.timezone:
        return Moments(seconds, True, True, "", "days", EXCEL, (_zoneless(table.where),))
    seconds, notes = in_utc(seconds, options.timezone, table.where, table.lines)
    return Moments(seconds, True, False, options.timezone, "days", EXCEL, notes)


def _beyond(where: str, latest_s: float) -> DataError:
    return DataError(
        f"{where}: a time of {latest_s:.0f} s is not a possible date; say what the "
        "numbers count with --time-unit, such as ms"
    )


def _unset(count: int, where: str) -> str:
    return (
        f"{where}: {count} rows have times of 1970, because the clock was not set; "
        "they become a recording without a start"
    )


def _unit(
    values: Floats, table: Table, name: str, column_unit: str, options: Options
) -> tuple[str, tuple[str, ...]]:
    """What the numbers count: as told, by their size where they are dates, or by the name."""
    if options.time_unit:
        return options.time_unit, ()
    latest = float(values.max(initial=0.0))
    since_1970 = [
        unit
        for unit in ("s", "ms", "us", "ns")
        if _FIRST_DATE_S <= latest * UNITS[unit] <= _LAST_DATE_S
    ]
    if since_1970 and latest > 1e8:
        return since_1970[0], ()
    words = re.split(r"[\W_]+", name.lower())
    for unit, pattern in _NAMED_UNITS:
        if re.fullmatch(pattern, column_unit.lower()) or re.fullmatch(pattern, words[-1]):
            said = (
                f"{table.where}: '{name}' is read in {unit}, as its name says (--time-unit "
                "changes this)"
            )
            return unit, (() if unit == "s" else (said,))
    if _looks_like_days(values, name):
        raise DataError(
            f"{table.where}: the numbers in '{name}' look like a spreadsheet's days since 1900; "
            "give --time-unit excel, or --time-unit s if they are seconds"
        )
    if _looks_like_day_numbers(values, name):
        raise DataError(
            f"{table.where}: the numbers in '{name}' look like days as MATLAB or astronomers count "
            "them; write them as dates, or give --time-unit s if they are seconds"
        )
    if _PLAIN_NAMES.fullmatch(name) or _fractional(values):
        return "s", ()
    step = float(np.median(np.abs(np.diff(values)))) if len(values) > 1 else 0.0
    raise DataError(
        f"{table.where}: the unit of the numbers in '{name}' is not known. They "
        f"increase by {step:g}: {step and 1 / step:.4g} Hz if seconds, "
        f"{step and 1000 / step:.4g} Hz if milliseconds. Give --time-unit s, ms, us "
        "or ns"
    )


def _looks_like_days(values: Floats, name: str) -> bool:
    """Whether numbers are days of this century as spreadsheets count them, in a column of dates."""
    inside = bool(values.min() >= _EXCEL_2000) and bool(values.max() <= _EXCEL_2100)
    rises = bool((np.diff(values) < 1.5).all())
    return inside and rises and _fractional(values) and looks_like_time_name(name)


def _looks_like_day_numbers(values: Floats, name: str) -> bool:
    """Whether numbers are days of this century since the year 0, or Julian days."""
    spans = (_MATLAB_CENTURY, _JULIAN_CENTURY)
    inside = any(low <= values.min() and values.max() <= high for low, high in spans)
    rises = bool((np.diff(values) < 1.5).all())
    return inside and rises and _fractional(values) and looks_like_time_name(name)


def _fractional(values: Floats) -> bool:
    """Whether times have fractions: then they are seconds."""
    steps = np.diff(values[:1000])
    return bool(len(steps)) and bool((steps != np.round(steps)).any())


def calendar_of(values: Floats) -> Floats | None:
    """Seconds by digits such as 20240131 or 20240131235959; None where they are none."""
    if not len(values) or (values != np.round(values)).any() or (values < 0).any():
        return None
    for digits, form in _COMPACT:
        if values.min() >= 10 ** (digits - 1) and values.max() < 10**digits:
            texts = [f"{value:.0f}" for value in values.tolist()]
            try:
                found = [datetime.strptime(t, form).replace(tzinfo=timezone.utc) for t in texts]
            except ValueError:
                return None
            if all(1990 <= moment.year <= 2100 for moment in found):
                return np.array([moment.timestamp() for moment in found])
    return None


def looks_like_time_name(name: str) -> bool:
    """Whether a column of this name is likely the time."""
    words = re.split(r"[\W_]+", name.lower())
    known = {"t", "time", "timestamp", "date", "datetime", "ts", "epoch", "utc", "zeit", "datum",
             "when", "created", "clock", "recorded", "received"}  # fmt: skip
    units = any(re.fullmatch(p, words[-1]) for u, p in _NAMED_UNITS if u not in ("h", "min"))
    # One letter is too little, but t.
    return bool(known & set(words)) or (units and len(words[-1]) > 1)


def counts_up(values: Floats) -> bool:
    """Whether a column goes up by the same step in every row: a clock or a counter."""
    if len(values) < 8 or np.isnan(values).any():
        return False
    steps = np.diff(values)
    return bool(steps[0] > 0) and bool((np.abs(steps - steps[0]) <= 1e-6 * abs(steps[0])).all())
