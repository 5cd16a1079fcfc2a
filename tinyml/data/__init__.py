"""The data catalogue: fetching, reading, windowing and splitting data without leakage."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from tinyml.data import airqo, occupancy, pump
from tinyml.data.catalogue import Channel, Entry, entry, names
from tinyml.data.dataset import Dataset, Part
from tinyml.data.fetch import Progress, fetch, is_here

__all__ = ["Channel", "Dataset", "Entry", "Part", "entry", "fetch", "is_here", "load", "names"]

_READERS: Final[dict[str, Callable[[Entry, Mapping[str, Path]], Dataset]]] = {
    "airqo-kampala": airqo.read,
    "occupancy-uci": occupancy.read,
    "pump-simulated": lambda found, files: pump.simulate(found),
}


def load(name: str, progress: Progress | None = None) -> Dataset:
    """The data set ``name``, fetched if need be; ``progress`` follows its download.

    Raises DataError where there is none of that name, or it cannot be had or read.
    """
    found = entry(name)
    return _READERS[name](found, fetch(found, progress))
