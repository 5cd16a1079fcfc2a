"""Dates and times of day in text, in any order of day and month, all rows at once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Final

import numpy as np
import numpy.typing as npt

from tinyml.errors import DataError

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

_DAY_S: Final = 86400.0
_ZONE: Final = re.compile(r"\s*(?:(Z|UTC|GMT)|([+-])(\d{2}):?(\d{2})?)$")
_CLOCK: Final = r"(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?\s*([AaPp])?\.?(?:[Mm]\.?)?"
_TIME_OF_DAY: Final = re.compile(_CLOCK)
_DATE: Final = re.compile(
    rf"(\d{{1,4}})([-/.])(\d{{1,2}})[-/.](\d{{1,4}})\.?(?:(?:[T\s]|,\s?)\s*{_CLOCK})?"
)
_NAMED_MONTHS: Final = tuple(
    f"{date}{clock}"
    for date in (
        "%d-%b-%Y",
        "%d-%b-%y",
        "%d %b %Y",
        "%d/%b/%Y",
        "%b %d, %Y",
        "%d %B %Y",
        "%B %d, %Y",
    )
    for clock in ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", " %I:%M:%S %p", " %I:%M %p")
)
_ORDERS: Final = ("day", "month", "year")
_SMOOTH_S: Final = 2 * _DAY_S  # the longest step of a log in the right order of day and month
_JUMP_S: Final = 25 * _DAY_S  # a step from one month to the next, in the wrong one
_OFTEN_S: Final = _DAY_S / 2  # the usual step of a log that is read by its steps


@dataclass(frozen=True)
class DateOrder:
    """Which of a date's three numbers comes first, as the user says: day, month or year."""

    first: str = ""


@dataclass(frozen=True)
class Dates:
    """What the texts say."""

    seconds: Floats  # since 1970, or of a day that begins with the first row's
    dated: bool
    zoned: bool
    form: str
    notes: tuple[str, ...] = ()


def from_texts(
    texts: Sequence[str], where: str, lines: Rows, order: DateOrder, time_format: str = ""
) -> Dates:
    """The times in seconds; DataError names a bad one, or asks for what the texts do not settle."""
    bare = [text.strip() for text in texts]
    if time_format:
        return _by_format(bare, where, lines, time_format)
    if _TIME_OF_DAY.fullmatch(bare[0]):
        return _times_of_day(bare, where, lines)
    if not _DATE.match(bare[0]):
        for known in _NAMED_MONTHS:
            if _fits(bare[0], known):
                return _by_format(bare, where, lines, known)
    bare, offsets = _without_zones(bare)
    seconds, form = _iso(bare), "ISO 8601"
    if seconds is None:
        seconds, form = _in_order(bare, where, lines, order)
    if offsets is None:
        return Dates(seconds, True, False, form)
    return Dates(seconds - offsets, True, True, form)


def _fits(text: str, form: str) -> bool:
    try:
        datetime.strptime(text, form)
    except ValueError:
        return False
    return True


def _by_format(texts: Sequence[str], where: str, lines: Rows, form: str) -> Dates:
    seconds, zoned = np.zeros(len(texts)), False
    for row, text in enumerate(texts):
        try:
            moment = datetime.strptime(text, form)
        except ValueError as error:
            raise DataError(
                f"{where} line {lines[row]}: {text!r} is not a time in the form {form} "
                "(--time-format; %d day, %m month, %Y year, %H hour, %I hour of 12, %p AM or "
                "PM)"
            ) from error
        zoned = moment.tzinfo is not None
        seconds[row] = (moment if zoned else moment.replace(tzinfo=timezone.utc)).timestamp()
    return Dates(seconds, True, zoned, form)


def _without_zones(texts: list[str]) -> tuple[list[str], Floats | None]:
    """The texts without their zones, and the zones in seconds east; None where there are none."""
    found = [_ZONE.search(text) if ":" in text else None for text in texts]
    if found[0] is None:
        return texts, None
    offsets = np.zeros(len(texts))
    bare = []
    for row, (text, zone) in enumerate(zip(texts, found, strict=True)):
        if zone is None:
            return texts, None
        bare.append(text[: zone.start()])
        if zone[2]:
            seconds = 3600 * int(zone[3]) + 60 * int(zone[4] or 0)
            offsets[row] = -seconds if zone[2] == "-" else seconds
    return bare, offsets


def _iso(texts: Sequence[str]) -> Floats | None:
    """Seconds by ISO 8601; None where a text is of another form."""
    if not re.match(r"\d{4}-\d{2}-\d{2}", texts[0]):
        return None
    try:
        moments = np.array(texts, "datetime64[ns]")
    except ValueError:
        return None
    if np.isnat(moments).any():
        return None
    # A float of seconds since 1970 keeps a quarter of a microsecond.
    return moments.astype(np.int64) / 1e9


def _times_of_day(texts: Sequence[str], where: str, lines: Rows) -> Dates:
    seconds = np.zeros(len(texts))
    for row, text in enumerate(texts):
        found = _TIME_OF_DAY.fullmatch(text)
        if found is None:
            raise _bad(where, int(lines[row]), text)
        seconds[row] = _clock_s(found.groups())
    # At midnight the clock starts again.
    days = np.cumsum(np.diff(seconds, prepend=seconds[0]) < -_DAY_S / 2)
    return Dates(seconds + _DAY_S * days, False, False, "time of day")


def _clock_s(fields: Sequence[str | None]) -> float:
    hour, minute, second, fraction, half = fields
    if hour is None:
        return 0.0
    hours = int(hour)
    if half:
        hours = hours % 12 + (12 if half in "Pp" else 0)
    return 3600 * hours + 60 * int(minute or 0) + float(f"{second or 0}.{fraction or 0}")


def _bad(where: str, line: int, text: str) -> DataError:
    return DataError(
        f"{where} line {line}: {text!r} is not a number or a time such as "
        "2026-03-01T12:00:00; give its form with --time-format, such as '%d/%m/%Y "
        "%H:%M'"
    )


def _in_order(
    texts: Sequence[str], where: str, lines: Rows, order: DateOrder
) -> tuple[Floats, str]:
    """Seconds of dates whose order of day and month is told, or settled by the dates."""
    fields = np.zeros((len(texts), 3), np.int64)
    clocks = np.zeros(len(texts))
    mark, wide = "/", False
    for row, text in enumerate(texts):
        found = _DATE.fullmatch(text)
        if found is None:
            raise _bad(where, int(lines[row]), text)
        a, mark, b, c, *clock = found.groups()
        fields[row] = int(a), int(b), int(c)
        clocks[row] = _clock_s(clock)
        wide = wide or len(a) > 2 or len(c) > 2
    readings = {
        name: seconds
        for name in _ORDERS
        if (seconds := _read(fields, clocks, name, wide)) is not None
    }
    if order.first:
        if order.first not in readings:
            raise DataError(f"{where}: its dates do not fit --{order.first}-first")
        return readings[order.first], f"{order.first} first"
    left = _settled(readings, mark)
    if len(left) > 1:
        options = " or ".join(f"--{name}-first" for name in left)
        raise DataError(
            f"{where} line {lines[0]}: {texts[0]!r} can be read in more than one way, and "
            f"no row decides which; give {options}"
        )
    if not left:
        raise _bad(where, int(lines[0]), texts[0])
    return readings[left[0]], f"{left[0]} first"


def _read(fields: Rows, clocks: Floats, order: str, wide: bool) -> Floats | None:
    """Seconds in this order, None where a row is no date then."""
    day, month, year = {"day": (0, 1, 2), "month": (1, 0, 2), "year": (2, 1, 0)}[order]
    days, months, years = fields[:, day], fields[:, month], fields[:, year]
    if wide and years.min() < 100:
        return None
    years = np.where(years < 100, years + 2000, years)
    if months.min() < 1 or months.max() > 12 or days.min() < 1 or days.max() > 31:
        return None
    begun = (years - 1970).astype("datetime64[Y]").astype("datetime64[M]") + (months - 1)
    date = begun.astype("datetime64[D]") + (days - 1)
    if (date.astype("datetime64[M]") != begun).any():
        return None
    return date.astype(np.int64) * _DAY_S + clocks


def _settled(readings: dict[str, Floats], mark: str) -> list[str]:
    """The orders that are left."""
    left = list(readings)
    if mark == "." and "day" in left and "year" in left:
        left.remove("year")
    if mark == "." and "day" in left and "month" in left:
        left.remove("month")  # no country writes dots after a month that comes first
    if len(left) < 2:
        return left
    steps = {name: np.abs(np.diff(readings[name])) for name in left}
    often = [name for name in left if len(steps[name]) and np.median(steps[name]) < _OFTEN_S]
    smooth = [name for name in often if steps[name].max() <= _SMOOTH_S]
    jumping = [name for name in left if len(steps[name]) and steps[name].max() >= _JUMP_S]
    if len(smooth) == 1 and len(smooth) + len(jumping) == len(left):
        return smooth
    return left
