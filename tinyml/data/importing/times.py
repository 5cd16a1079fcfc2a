"""Times of samples: from a column to a regular grid, with its holes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from tinyml.data.tables import is_number
from tinyml.errors import DataError

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

UNITS: Final = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}
LONGEST_HOLE: Final = 1000  # samples; beyond it a new recording begins
_NEAR: Final = 0.25  # of an interval: so far may a sample be from its place
_MOST_INTERPOLATED: Final = 100  # samples for a recorded one
_STRAY_SHARE: Final = 0.05  # of all intervals
_NONE: Final = -1


@dataclass(frozen=True)
class Grid:
    """A regular stretch."""

    start_s: float
    rows: Rows  # of the table, one a sample; -1 where there is none


def seconds_of(
    cells: Sequence[str], unit: str, where: str, first_line: int, decimal: str = "."
) -> Floats:
    """Times in seconds from numbers in ``unit`` or ISO 8601 texts; DataError names a bad one."""
    texts = [cell.strip().replace(decimal, ".") for cell in cells]
    numbers = is_number(texts[0])
    times = []
    for row, text in enumerate(texts):
        try:
            times.append(float(text) * UNITS[unit or "s"] if numbers else _timestamp(text))
        except ValueError as error:
            wanted = "a number" if numbers else "a number or a time such as 2026-03-01T12:00:00"
            raise DataError(f"{where} line {first_line + row}: {text!r} is not {wanted}") from error
    return np.array(times, np.float64)


def _timestamp(text: str) -> float:
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    # The zone does not matter for intervals, but the reader's summer time would.
    return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp()


def require_rising(seconds: Floats, where: str, lines: Sequence[int]) -> None:
    """DataError where time stands still or goes back."""
    steps = np.diff(seconds)
    if len(seconds) < 2 or (steps > 0).all():
        return
    row = int(np.argmax(~(steps > 0)))
    raise DataError(
        f"{where} line {lines[row + 1]}: time does not increase, from "
        f"{seconds[row]:.6f} to {seconds[row + 1]:.6f} s; sort the rows, or name the "
        "column that tells recordings apart with --session"
    )


def interval_of(seconds: Floats) -> float:
    """The usual time between two samples: the mean of those near the median."""
    steps = np.diff(seconds)
    median = float(np.median(steps))
    near = steps[np.abs(steps - median) < median / 2]
    return float(near.mean())


def grids(seconds: Floats, where: str) -> tuple[float, list[Grid]]:
    """The rate in Hz, and the rows on regular grids of it, one for each stretch.

    DataError where the times are not regular.
    """
    if len(seconds) < 2:
        raise DataError(f"{where} has only one row; the rate needs at least two")
    interval = interval_of(seconds)
    in_intervals = np.diff(seconds) / interval
    steps = np.maximum(np.round(in_intervals), 1).astype(np.int64)
    stray = float((np.abs(in_intervals - steps) > _NEAR).mean())
    if stray > _STRAY_SHARE:
        raise DataError(
            f"{where}: times are irregular: {stray:.0%} of the steps are not a multiple "
            f"of the usual {interval:.4g} s; give --resample HZ to interpolate to a "
            "regular rate"
        )
    found = []
    edges = [0, *(np.flatnonzero(steps > LONGEST_HOLE) + 1).tolist(), len(seconds)]
    for first, end in pairwise(edges):
        slots = np.concatenate([[0], np.cumsum(steps[first : end - 1])]).astype(np.int64)
        rows = np.full(int(slots[-1]) + 1, _NONE, np.int64)
        rows[slots] = np.arange(first, end)
        found.append(Grid(float(seconds[first]), rows))
    # Stamps of microseconds over a few seconds say no more.
    return float(f"{1 / interval:.6g}"), found


def resampled(
    seconds: Floats, values: Floats, rate_hz: float, where: str
) -> list[tuple[float, Floats, Rows]]:
    """Start, values and rows of regular stretches at ``rate_hz``, between long holes.

    Each sample is the mean of those within its interval, and where there are none interpolated
    between its neighbours, unless those are further apart than three usual steps: then missing.
    DataError where nearly all would be interpolated.
    """
    usual = interval_of(seconds)
    if rate_hz * usual > _MOST_INTERPOLATED:
        raise DataError(
            f"{where} has {1 / usual:.4g} samples per second; --resample {rate_hz:g} is "
            f"more than {_MOST_INTERPOLATED} times that: what was not recorded cannot be "
            "added"
        )
    found = []
    breaks = np.flatnonzero(np.diff(seconds) > LONGEST_HOLE * max(usual, 1 / rate_hz)) + 1
    for part in np.split(np.arange(len(seconds)), breaks):
        own = seconds[part]
        count = int((own[-1] - own[0]) * rate_hz) + 1
        times = own[0] + np.arange(count) / rate_hz
        after = np.minimum(np.searchsorted(own, times), len(own) - 1)
        before = np.searchsorted(own, times + 1e-9, side="right") - 1
        hole = (own[after] - own[before]) > 3 * usual
        columns = [_interpolated(times, own, column, rate_hz) for column in values[part].T]
        whole = np.where(hole[:, np.newaxis], np.nan, np.stack(columns, axis=-1))
        found.append((float(own[0]), whole, part[before]))
    return found


def _interpolated(times: Floats, own: Floats, column: Floats, rate_hz: float) -> Floats:
    there = ~np.isnan(column)
    if not there.any():
        return np.full(len(times), np.nan)
    slot = np.round((own[there] - times[0]) * rate_hz).astype(np.int64)
    slot = np.clip(slot, 0, len(times) - 1)
    sums = np.bincount(slot, column[there], len(times))
    counts = np.bincount(slot, minlength=len(times))
    line = np.interp(times, own[there], column[there])
    # Several samples in one interval are averaged: taking one would fold what is fast onto it.
    return np.where(counts > 1, sums / np.maximum(counts, 1), line)
