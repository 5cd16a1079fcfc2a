"""energy-appliances: what a house's appliances use, every ten minutes for 4.5 months."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

import numpy as np

from tinyml.data.catalogue import Entry
from tinyml.data.dataset import Dataset, Series, cut, split_by_time, to_counts
from tinyml.data.tables import read_csv, require_numbers
from tinyml.errors import DataError

_MEASURED: Final = ("Appliances", "lights")
_FRACTIONS: Final = (0.7, 0.8)  # of the rows by time: the ends of training and validation
_AHEAD: Final = 1  # steps of ten minutes


def read(entry: Entry, files: Mapping[str, Path], _fold: int) -> Dataset:
    """Past consumption and the time of day and week, to the next ten minutes' consumption.

    The columns of temperature and humidity are left out: without lags they do not generalise in
    time, and with lags they add nothing.
    """
    table = read_csv(files["energydata_complete.csv"])
    values = table.numbers(*_MEASURED)
    require_numbers(table, _MEASURED, values)
    try:
        times = [datetime.fromisoformat(text) for text in table.text("date")]
    except ValueError as error:
        raise DataError(f"{table.where} has a time that cannot be read ({error})") from error
    angle = np.array([time.hour + time.minute / 60 for time in times]) * (2 * np.pi / 24)
    weekend = np.array([time.weekday() >= 5 for time in times], float)
    counts = to_counts(np.column_stack([values, np.sin(angle), np.cos(angle), weekend]), entry)
    parts = []
    for chosen in split_by_time(np.arange(len(values)), _FRACTIONS):
        # The target lies ahead, and must not be of the next part.
        seen, ahead = chosen[:-_AHEAD], chosen[_AHEAD:]
        series = Series("calendar", "house", int(seen[0]), counts[seen], values[ahead, 0])
        parts.append(cut([series], entry.window, 1))
    return Dataset(entry, *parts)
