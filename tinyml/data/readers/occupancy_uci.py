"""occupancy-uci: a room occupied or empty, from one-minute CO2, temperature and humidity."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import datetime, timezone
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np

from tinyml.data.catalogue import Entry
from tinyml.data.dataset import Dataset, Series, cut, to_counts
from tinyml.errors import DataError

_COLUMNS: Final = (
    "row", "date", "Temperature", "Humidity", "Light", "CO2", "HumidityRatio", "Occupancy",
)  # fmt: skip
_TRAINING_FRACTION: Final = 0.8  # of datatraining, by time
_LONGEST_GAP_S: Final = 150  # the minutes wobble by a second; more than this is a hole


def read(entry: Entry, files: Mapping[str, Path], _fold: int) -> Dataset:
    """The three files as they are: minutes are never shuffled over them."""
    stem = {Path(name).stem: path for name, path in files.items()}
    early, late = _read_series(entry, "datatraining", stem["datatraining"], split=True)
    tests = [
        series
        for name in ("datatest", "datatest2")
        for pieces in _read_series(entry, name, stem[name], split=False)
        for series in pieces
    ]
    return Dataset(
        entry,
        cut(early, entry.window, 1),
        cut(late, entry.window, 1),
        cut(tests, entry.window, 1),
    )


def _read_series(entry: Entry, name: str, path: Path, *, split: bool) -> list[list[Series]]:
    """The file's minutes without holes; in two lists, before and after the limit, if ``split``."""
    rows = _rows(path)
    try:
        seconds = [_seconds(row["date"]) for row in rows]
        values = np.array([[float(row[c.name]) for c in entry.channels] for row in rows])
        targets = np.array([int(row["Occupancy"]) for row in rows], np.int64)
    except (KeyError, ValueError) as error:
        raise DataError(f"{path} has a row that cannot be read ({error})") from error
    counts = to_counts(values, entry)
    limits = [0, int(len(rows) * _TRAINING_FRACTION), len(rows)] if split else [0, len(rows)]
    holes = [i for i in range(1, len(rows)) if seconds[i] - seconds[i - 1] > _LONGEST_GAP_S]
    found = []
    for start, end in pairwise(limits):
        edges = [start, *(hole for hole in holes if start < hole < end), end]
        found.append([Series(name, name, a, counts[a:b], targets[a:b]) for a, b in pairwise(edges)])
    return found


def _seconds(date: str) -> float:
    # The zone does not matter for gaps, but the reader's summer time would.
    return datetime.fromisoformat(date).replace(tzinfo=timezone.utc).timestamp()


def _rows(path: Path) -> list[dict[str, str]]:
    # The header names one column less than the rows have: the first is an unnamed row number.
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        next(reader, None)
        return [dict(zip(_COLUMNS, row, strict=False)) for row in reader]
