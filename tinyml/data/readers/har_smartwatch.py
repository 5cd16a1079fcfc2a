"""har-smartwatch: what 23 people do, by a watch's accelerometer and gyroscope."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np

from tinyml.data.catalogue import Entry
from tinyml.data.dataset import Dataset, Series, cut, to_counts
from tinyml.data.tables import read_csv, require_numbers
from tinyml.errors import DataError

_CLASSES: Final = ("SEATED", "STANDING_UP", "WALKING", "TURNING", "SITTING_DOWN")
_VALIDATION: Final = frozenset({"s17", "s18"})
_TEST: Final = frozenset({"s19", "s20", "s21", "s22", "s23"})
_DECIMATION: Final = 2  # 100 Hz to 50 Hz
_STRIDE: Final = 50  # samples: one second
_PURITY: Final = 0.6  # of a window must be of one class


def read(entry: Entry, files: Mapping[str, Path], _fold: int) -> Dataset:
    """Split by person: nobody is in two parts. Pairs of samples are averaged."""
    pieces: dict[str, list[Series]] = {"training": [], "validation": [], "test": []}
    names = [channel.name for channel in entry.channels]
    for file in sorted(name for name in files if "/" in name):
        person = file.partition("/")[0]
        table = read_csv(files[file])
        values = table.numbers(*names)
        require_numbers(table, names, values)
        unknown = sorted(set(table.text("label")) - set(_CLASSES))
        if unknown:
            raise DataError(f"{table.where} has the unknown label '{unknown[0]}'")
        targets = np.array([_CLASSES.index(label) for label in table.text("label")], np.int64)
        length = len(values) // _DECIMATION * _DECIMATION
        slow = values[:length].reshape(-1, _DECIMATION, len(names)).mean(axis=1)
        part = "test" if person in _TEST else "validation" if person in _VALIDATION else "training"
        series = Series(file, person, 0, to_counts(slow, entry), targets[:length:_DECIMATION])
        pieces[part].append(series)
    return Dataset(
        entry, *(cut(found, entry.window, _STRIDE, _PURITY) for found in pieces.values())
    )
