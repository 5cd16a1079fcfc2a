"""soil-moisture-simpact: hourly water content at 13 probes in a park, nine weeks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np

from tinyml.data.catalogue import Entry
from tinyml.data.dataset import Dataset, Series, cut, split_by_time, to_counts
from tinyml.data.tables import read_csv, require_numbers

_FRACTIONS: Final = (0.6, 0.7)  # of the rows by time: the ends of training and validation
_AHEAD_HOURS: Final = 6


def read(entry: Entry, files: Mapping[str, Path], _fold: int) -> Dataset:
    """Each probe's last hours to its value six hours later; probes are the groups."""
    table = read_csv(files["sopivot+idx.csv"])
    probes = [name for name in table.cells if name.startswith("SENS")]
    values = table.numbers(*probes)
    require_numbers(table, probes, values)
    parts = []
    for chosen in split_by_time(np.arange(len(values)), _FRACTIONS):
        seen, ahead = chosen[:-_AHEAD_HOURS], chosen[_AHEAD_HOURS:]
        pieces = [
            Series(
                "calendar",
                probe,
                int(seen[0]),
                to_counts(values[seen, i : i + 1], entry),
                values[ahead, i],
            )
            for i, probe in enumerate(probes)
        ]
        parts.append(cut(pieces, entry.window, 1))
    return Dataset(entry, *parts)
