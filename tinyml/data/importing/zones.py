"""Time zones: from a clock on the wall to UTC, over the jumps of summer time."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import numpy.typing as npt

from tinyml.errors import DataError

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

_FIXED: Final = re.compile(r"(?:UTC|GMT)?\s*([+-])(\d{1,2}):?(\d{2})?|UTC|GMT|Z")
_HOUR_S: Final = 3600
_STEP_S: Final = 900  # zones change at quarters of an hour


def zone_of(text: str) -> str:
    """The zone that a column's unit names, such as GMT-05:00; empty where it names none."""
    return text.strip() if _FIXED.fullmatch(text.strip()) else ""


def _zone(name: str) -> tzinfo:
    found = _FIXED.fullmatch(name.strip())
    if found:
        if not found[1]:
            return timezone.utc
        span = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
        return timezone(-span if found[1] == "-" else span)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise DataError(
            f"--timezone '{name}' is not known here; write a name such as Europe/Berlin, or +02:00 "
            "(on Windows names need: pip install tzdata)"
        ) from error


def in_utc(local: Floats, name: str, where: str, lines: Rows) -> tuple[Floats, tuple[str, ...]]:
    """Local seconds of the zone ``name`` in UTC, and what a jump of summer time did.

    An hour that comes twice is its first time until the clock goes back in it, then its second.
    DataError where the zone is not known.
    """
    zone = _zone(name)
    first, second = _offsets(local, zone, 0), _offsets(local, zone, 1)
    twice = first > second
    if not twice.any():
        return local - first, _skipped(local, first, second, where, lines)
    chosen = first.copy()
    back = np.flatnonzero(np.diff(local) < 0) + 1
    notes = [
        f"{where}: the hour from {_words(local[run[0]])} on comes twice at the end of summer time"
        for run in _runs(twice)
    ]
    for run in _runs(twice):
        within = back[(back > run[0]) & (back <= run[-1])]
        if len(within):
            chosen[within[0] : run[-1] + 1] = second[within[0] : run[-1] + 1]
        elif run[0] > 0 and local[run[0]] - first[run[0]] < (local - chosen)[run[0] - 1]:
            chosen[run] = second[run]
    return local - chosen, (*notes, *_skipped(local, first, second, where, lines))


def _skipped(
    local: Floats, first: Floats, second: Floats, where: str, lines: Rows
) -> tuple[str, ...]:
    never = np.flatnonzero(first < second)
    if not len(never):
        return ()
    return (
        (
            f"{where} line {lines[never[0]]}: {_words(local[never[0]])} does not exist in "
            "this time zone, because summer time begins then; perhaps the clock does not "
            "change to summer time"
        ),
    )


def _offsets(local: Floats, zone: tzinfo, fold: int) -> Floats:
    """Seconds east of UTC of each local time, looked up once for each quarter of an hour."""
    quarters, which = np.unique(np.floor(local / _STEP_S), return_inverse=True)
    found = []
    for quarter in quarters.tolist():
        wall = datetime(1970, 1, 1) + timedelta(seconds=quarter * _STEP_S)
        offset = wall.replace(tzinfo=zone, fold=fold).utcoffset()
        found.append(offset.total_seconds() if offset is not None else 0.0)
    return np.array(found)[which.reshape(-1)]


def _runs(mask: npt.NDArray[np.bool_]) -> list[Rows]:
    edges = np.flatnonzero(np.diff(mask, prepend=False, append=False))
    return [np.arange(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _words(local_s: float) -> str:
    return (datetime(1970, 1, 1) + timedelta(seconds=float(local_s))).isoformat(" ", "minutes")


def falls_back(step_s: float, usual_s: float) -> bool:
    """Whether a step back in time is that of the end of summer time."""
    return abs(step_s + _HOUR_S - usual_s) <= max(usual_s / 2, 1.0)
