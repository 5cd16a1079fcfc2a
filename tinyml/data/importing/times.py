"""Times of samples: from a column to a regular grid, with its holes."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from tinyml.data.importing.asking import UnsettledError
from tinyml.data.importing.zones import falls_back
from tinyml.errors import DataError

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

LONGEST_HOLE: Final = 1000  # samples; beyond it a new recording begins
_NEAR: Final = 0.25  # of an interval: so far may a sample be from its place
_MOST_INTERPOLATED: Final = 100  # samples for a recorded one
_STRAY_SHARE: Final = 0.05  # of all intervals
_LONGEST_BRIDGE: Final = 3  # usual steps of a column that are interpolated over
_SAME_TICK: Final = 0.02  # of a tick of the clock
_HOUR_S: Final = 3600.0
_DAY_S: Final = 86400.0
_EARLY_S: Final = 4 * 3600.0
_FEWEST_STEPS: Final = 16
_SELDOM: Final = 0.1  # of all steps
_NONE: Final = -1


@dataclass(frozen=True)
class Grid:
    """A regular stretch."""

    start_s: float
    rows: Rows  # of the table, one a sample; -1 where there is none


def require_rising(
    seconds: Floats, where: str, lines: Rows, *, equal: bool = False, local: bool = False
) -> None:
    """DataError where time stands still or goes back.

    ``equal`` lets it stand still; ``local`` says that the times are of a clock on the wall.
    """
    steps = np.diff(seconds)
    wrong = ~(steps >= 0 if equal else steps > 0)
    if not wrong.any():
        return
    row = int(np.argmax(wrong))
    here = f"{where} line {lines[row + 1]}"
    step, usual = float(steps[row]), float(np.median(steps))
    if step == 0:
        count = int((steps == 0).sum())
        raise DataError(
            f"{here}: {count} duplicate times: two rows have the same time. Leave out "
            "--time and give --rate HZ if the clock is coarser than the rows, --resample "
            "HZ to use their mean, or --session with the column that tells sensors apart"
        )
    if local and falls_back(step, usual):
        raise DataError(
            f"{here}: the clock goes back by an hour, as at the end of summer time; give "
            "its zone with --timezone, such as Europe/Berlin"
        )
    raise DataError(
        f"{here}: time does not increase, from {seconds[row]:.6f} to {seconds[row + 1]:.6f} s; "
        "sort the rows, or name the column that tells recordings apart with --session"
    )


def skipped_hour(seconds: Floats) -> int:
    """The row after an hour that a wall clock skips early on a Sunday; -1 where it skips none."""
    steps = np.diff(seconds)
    usual = float(np.median(steps)) if len(steps) else 0.0
    if not 0 < usual <= _HOUR_S / 2:
        return -1
    early = seconds[1:] % _DAY_S < _EARLY_S
    # 1 January 1970 was a Thursday.
    sunday = (seconds[1:] // _DAY_S + 4) % 7 == 0
    found = np.flatnonzero((np.abs(steps - _HOUR_S - usual) <= usual / 2) & early & sunday)
    return int(found[0]) + 1 if len(found) else -1


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
    rounded = _rounded(seconds)
    if rounded:
        return float(f"{1 / rounded:.6g}"), [Grid(float(seconds[0]), np.arange(len(seconds)))]
    interval = interval_of(seconds)
    in_intervals = np.diff(seconds) / interval
    steps = np.maximum(np.round(in_intervals), 1).astype(np.int64)
    stray = float((np.abs(in_intervals - steps) > _NEAR).mean())
    if stray > _STRAY_SHARE:
        raise UnsettledError(
            f"{where}: times are irregular: {stray:.0%} of the steps are not a multiple "
            f"of the usual {interval:.4g} s; give --resample HZ to interpolate to a "
            "regular rate",
            ("--resample", f"{_round(1 / interval):g}"),
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


def _round(value: float) -> float:
    """To two digits."""
    return float(f"{value:.2g}")


def _rounded(seconds: Floats) -> float:
    """The interval of samples whose times are only rounded to what the clock shows; 0 if not so.

    Every time is then within one tick of the clock of a straight line, and no tick is without a
    sample: 90 s with a clock of minutes gives steps of 1, 2, 1, 2 minutes.
    """
    steps = np.diff(seconds)
    tick, longest = float(steps.min()), float(steps.max())
    if not 0 < tick < longest <= 2 * tick + 1e-9:
        return 0.0
    ticks = steps / tick
    if (np.abs(ticks - np.round(ticks)) > _SAME_TICK).any() or len(steps) < _FEWEST_STEPS:
        return 0.0
    places = np.arange(len(seconds)) - len(steps) / 2
    interval = float((places * (seconds - seconds.mean())).sum() / (places**2).sum())
    away = seconds - interval * places
    regular = float(np.ptp(away)) <= tick * (1 + _SAME_TICK)
    # Steps of two ticks that come seldom are samples that are missing, not rounding.
    often = float((np.round(ticks) == 2).mean())
    return interval if regular and _SELDOM < often < 1 - _SELDOM else 0.0


def resampled(
    seconds: Floats, values: Floats, rate_hz: float, where: str
) -> list[tuple[float, Floats, Rows]]:
    """Start, values and rows of regular stretches at ``rate_hz``, between long holes.

    Each value is the mean of its column's samples within its interval, and where there is at most
    one, interpolated between neighbours of the same column, unless those are further apart than
    three of the column's usual steps: then it is the one sample, or missing. ``rows`` holds the
    nearest row of each sample. DataError where nearly all would be interpolated.
    """
    usual = _usual_step(seconds)
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
        count = int((own[-1] - own[0]) * rate_hz + 1e-6) + 1
        times = own[0] + np.arange(count) / rate_hz
        columns = [_resampled(times, own, column, rate_hz, usual) for column in values[part].T]
        nearest = np.searchsorted((own[1:] + own[:-1]) / 2, times)
        found.append((float(own[0]), np.stack(columns, axis=-1), part[nearest]))
    return found


def _usual_step(seconds: Floats) -> float:
    """The usual time between two samples; of bursts the mean."""
    steps = np.diff(seconds)
    rising = steps[steps > 0]
    return interval_of(np.cumsum(rising)) if len(rising) > 1 else float(steps.max(initial=1.0))


def _resampled(times: Floats, own: Floats, column: Floats, rate_hz: float, usual: float) -> Floats:
    """One column at ``times``."""
    there = ~np.isnan(column)
    known, values = own[there], column[there]
    if not len(known):
        return np.full(len(times), np.nan)
    slot = np.clip(np.round((known - times[0]) * rate_hz).astype(np.int64), 0, len(times) - 1)
    sums = np.bincount(slot, values, len(times))
    counts = np.bincount(slot, minlength=len(times))
    means = sums / np.maximum(counts, 1)
    # A column may come more seldom than the rows.
    step = max(usual, _usual_step(known)) if len(known) > 1 else usual
    after = np.searchsorted(known, times - 1e-9)
    before = np.searchsorted(known, times + 1e-9, side="right") - 1
    inside = (after < len(known)) & (before >= 0)
    gap = known[np.minimum(after, len(known) - 1)] - known[np.maximum(before, 0)]
    near = inside & (gap <= _LONGEST_BRIDGE * step)
    line = np.interp(times, known, values)
    # Several samples in one interval are averaged: taking one would fold what is fast onto it.
    alone = np.where(near, line, np.where(counts > 0, means, np.nan))
    return np.where(counts > 1, means, alone)
