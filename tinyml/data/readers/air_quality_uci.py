"""air-quality-uci: five metal-oxide gas sensors beside a reference analyser, hourly, one year."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Final

import numpy as np

from tinyml.data.catalogue import Entry
from tinyml.data.dataset import Dataset, Series, cut, split_by_time, to_counts
from tinyml.data.day import hour_of_day
from tinyml.data.tables import read_csv
from tinyml.errors import DataError

_MISSING: Final = -200  # in every numeric column
_FRACTIONS: Final = (0.5, 0.6)  # of the complete rows by time: the ends of training and validation
_COMPUTED: Final = ("hour_sin", "hour_cos")  # from the time, after what is measured
_HOUR_S: Final = 3600


def read(entry: Entry, files: Mapping[str, Path], _fold: int) -> Dataset:
    """Hours where the target and all inputs are there, in the order of time.

    The last part is winter and has drifted: a random split hides that.
    """
    # Every line ends in two empty cells.
    table = read_csv(files["AirQualityUCI.csv"], delimiter=";")
    measured = [channel.name for channel in entry.channels if channel.name not in _COMPUTED]
    values = table.numbers(*measured, entry.target_name, decimal=",")
    kept = (values != _MISSING).all(axis=1)
    try:
        hours = np.array([
            _hour(date, time)
            for date, time in zip(table.text("Date"), table.text("Time"), strict=True)
        ])  # fmt: skip
    except ValueError as error:
        raise DataError(f"{table.where} has a time that cannot be read ({error})") from error
    targets, hours = values[kept, -1], hours[kept]
    counts = to_counts(np.column_stack([values[kept, :-1], hour_of_day(hours)]), entry)
    parts = []
    for chosen in split_by_time(hours, _FRACTIONS):
        # Where hours are missing, no window spans them.
        breaks = np.flatnonzero(np.diff(hours[chosen]) != 1) + 1
        pieces = [
            Series("calendar", "box", int(hours[run[0]]), counts[run], targets[run])
            for run in np.split(chosen, breaks)
        ]
        parts.append(cut(pieces, entry.window, 1))
    missing = (values[:, :-1] == _MISSING).sum(axis=0)
    # Of the hour nothing is missing.
    return Dataset(entry, *parts, missing=(*(int(count) for count in missing), 0, 0))


def _hour(date: str, time: str) -> int:
    moment = datetime.strptime(f"{date} {time}", "%d/%m/%Y %H.%M.%S")
    return int(moment.replace(tzinfo=timezone.utc).timestamp()) // _HOUR_S
