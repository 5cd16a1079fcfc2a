"""skab-pump: a water pump's vibration, current, pressure and flow, with faults, once a second."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from tinyml.data.catalogue import Entry
from tinyml.data.dataset import Dataset, Series, cut, to_counts
from tinyml.data.tables import read_csv, require_numbers
from tinyml.errors import DataError

_CALIBRATION_ROWS: Final = 400
_TUNING: Final = frozenset(f"valve1/{number}.csv" for number in range(11))
# The second of each pair begins with seconds of the first, in part with another label.
_OVERLAPS: Final = {
    "other/3.csv": "other/2.csv",
    "other/4.csv": "other/3.csv",
    "other/11.csv": "other/10.csv",
    "other/13.csv": "other/12.csv",
}
# Their first rows are not normal, so that nothing could be calibrated with them.
_NOT_NORMAL: Final = frozenset({"other/2.csv", "other/13.csv"})
# Its hours drift further from its first minutes than faults do from theirs.
_LEFT_OUT: Final = _NOT_NORMAL | {"anomaly-free/anomaly-free.csv"}


@dataclass(frozen=True)
class _Experiment:
    """One experiment's rows in the order of time."""

    seconds: npt.NDArray[np.int64]
    values: npt.NDArray[np.float64]  # [rows][channels]
    anomalies: npt.NDArray[np.int64]


def read(entry: Entry, files: Mapping[str, Path], _fold: int) -> Dataset:
    """Normal rows train, labelled rows of some experiments set the threshold, others test.

    Levels drift from day to day, so each experiment is normalised by its first 400 rows, as who
    installs a guard would let it calibrate.
    """
    experiments = {name: _read_experiment(entry, path) for name, path in files.items()}
    pieces: dict[str, list[Series]] = {"training": [], "validation": [], "test": []}
    for name in sorted(experiments):
        if name in _LEFT_OUT:
            continue
        experiment = _without_shared(experiments[name], experiments.get(_OVERLAPS.get(name, "")))
        part = "validation" if name in _TUNING else "test"
        if name in _TUNING:
            pieces["training"] += _series(entry, name, experiment, 0, _CALIBRATION_ROWS)
        pieces[part] += _series(entry, name, experiment, _CALIBRATION_ROWS, len(experiment.seconds))
    return Dataset(entry, *(cut(found, entry.window, 1) for found in pieces.values()))


def _read_experiment(entry: Entry, path: Path) -> _Experiment:
    table = read_csv(path, delimiter=";")
    names = tuple(channel.name for channel in entry.channels)
    values = table.numbers(*names)
    require_numbers(table, names, values)
    try:
        seconds = [
            int(datetime.fromisoformat(text).replace(tzinfo=timezone.utc).timestamp())
            for text in table.text("datetime")
        ]
    except ValueError as error:
        raise DataError(f"{table.where} has a time that cannot be read ({error})") from error
    labelled = "anomaly" in table.cells
    anomalies = table.numbers("anomaly")[:, 0] if labelled else np.zeros(len(seconds))
    return _Experiment(np.array(seconds, np.int64), values, anomalies.astype(np.int64))


def _without_shared(experiment: _Experiment, earlier: _Experiment | None) -> _Experiment:
    if earlier is None:
        return experiment
    kept = ~np.isin(experiment.seconds, earlier.seconds)
    return _Experiment(
        experiment.seconds[kept], experiment.values[kept], experiment.anomalies[kept]
    )


def _series(entry: Entry, name: str, experiment: _Experiment, first: int, end: int) -> list[Series]:
    """Rows ``first`` to ``end``; a second that is missing now and then makes no hole."""
    start = experiment.values[:_CALIBRATION_ROWS]
    # A flow meter that stands still has no deviation.
    deviation = np.maximum(start.std(axis=0), 1e-6)
    counts = to_counts((experiment.values - start.mean(axis=0)) / deviation, entry)
    return [Series(name, name, first, counts[first:end], experiment.anomalies[first:end])]
