"""fan-vibration-uci: a cooling fan with weights on its blades, at 17 speeds."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np

from tinyml.data.catalogue import Entry
from tinyml.data.dataset import Dataset, Part, Series, cut, to_counts
from tinyml.data.tables import read_csv, require_numbers

# The copy's header differs from the one that UCI published.
_COLUMNS: Final = ("arrangement", "speed", "x", "y", "z")
_VALIDATION_FROM: Final = 0.82  # of every block by time, after a gap of one window
_OVERLAP: Final = 4  # windows of the training data start every quarter of a window


def read(entry: Entry, files: Mapping[str, Path], _fold: int) -> Dataset:
    """Train on 20, 30 .. 100 % of full speed, test on 25, 35 .. 95 %.

    Each condition was recorded once, so that whatever else differed between recordings can stand
    in for the class: only speeds that were never seen tell.
    """
    table = read_csv(files["accelerometer.csv"], header=_COLUMNS)
    values = table.numbers(*_COLUMNS)
    require_numbers(table, _COLUMNS, values)
    counts = to_counts(values[:, 2:], entry)
    pieces: dict[str, list[Series]] = {"training": [], "validation": [], "test": []}
    for arrangement in range(1, len(entry.labels) + 1):
        for speed in range(20, 101, 5):
            rows = np.flatnonzero((values[:, 0] == arrangement) & (values[:, 1] == speed))
            if speed % 10:
                pieces["test"].append(_series(arrangement, speed, 0, counts[rows]))
                continue
            limit = int(len(rows) * _VALIDATION_FROM)
            training, validation = rows[: limit - entry.window], rows[limit:]
            pieces["training"].append(_series(arrangement, speed, 0, counts[training]))
            pieces["validation"].append(_series(arrangement, speed, limit, counts[validation]))
    return Dataset(entry, *_parts(entry, pieces))


def _series(arrangement: int, speed: int, first: int, counts: np.ndarray) -> Series:
    name = f"arrangement {arrangement}, {speed} %"
    targets = np.full(len(counts), arrangement - 1, np.int64)
    return Series(name, f"{speed} %", first, counts, targets)


def _parts(entry: Entry, pieces: Mapping[str, list[Series]]) -> list[Part]:
    return [
        cut(pieces["training"], entry.window, entry.window // _OVERLAP),
        cut(pieces["validation"], entry.window, entry.window),
        cut(pieces["test"], entry.window, entry.window),
    ]
