"""airqo-kampala: hourly means of low-cost PM2.5 sensors beside reference monitors."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

import numpy as np

from tinyml.data.catalogue import Entry
from tinyml.data.dataset import Dataset, Part, Series, cut, to_counts
from tinyml.data.day import hour_of_day
from tinyml.errors import DataError

_MEASURED: Final = ("pm2_5", "s2_pm2_5", "pm10", "s2_pm10", "humidity", "temp")
_FRACTIONS: Final = (0.7, 0.8)  # of the rows by time: the ends of training and validation
_HOUR_S: Final = 3600


def read(entry: Entry, files: Mapping[str, Path], _fold: int) -> Dataset:
    """Join the published files, which interleave in time, and split again by time.

    Rows without humidity or temperature (26 of 13,665) are left out; a second sensor at 0 (4.4 %)
    stays, since a device in the field meets dead sensors, too.
    """
    rows = _rows(files["train_set.csv"])
    answers = _rows(files["test_solution.csv"])
    for row, answer in zip(_rows(files["test_set.csv"]), answers, strict=True):
        rows.append({**row, **answer})
    kept = [row for row in rows if all(row[name] for name in _MEASURED)]
    try:
        times = [datetime.fromisoformat(row["created_at"]) for row in kept]
        values = np.array([[float(row[name]) for name in _MEASURED] for row in kept])
        targets = np.array([float(row[entry.target_name]) for row in kept])
    except ValueError as error:
        raise DataError(f"{entry.name}: a row cannot be read ({error})") from error
    values = np.column_stack([values, hour_of_day(np.array([time.hour for time in times]))])
    hours = np.array([int(time.timestamp()) // _HOUR_S for time in times])
    sites = np.array([row["site"] for row in kept])
    missing = tuple(sum(not row[name] for row in rows) for name in _MEASURED)
    parts = _split(entry, to_counts(values, entry), targets, hours, sites)
    return Dataset(entry, *parts, missing=(*missing, 0, 0))  # of the hour nothing is missing


def _split(
    entry: Entry,
    counts: np.ndarray,
    targets: np.ndarray,
    hours: np.ndarray,
    sites: np.ndarray,
) -> list[Part]:
    """By hour over all sites together, so that no hour of one site predicts that of another."""
    ordered = np.sort(hours)
    limits = [int(ordered[int(len(ordered) * fraction)]) for fraction in _FRACTIONS]
    which = np.digitize(hours, limits)
    parts: list[Part] = []
    for number in range(3):
        chosen = np.flatnonzero(which == number)
        chosen = chosen[np.lexsort((sites[chosen], hours[chosen]))]
        series = [
            Series("calendar", str(sites[i]), int(hours[i]), counts[i : i + 1], targets[i : i + 1])
            for i in chosen
        ]
        parts.append(cut(series, entry.window, 1))
    return parts


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
