"""The data catalogue: fetching, reading, windowing and splitting data without leakage."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from tinyml.data import (
    air_quality,
    airqo,
    energy,
    esc10,
    fan,
    har,
    kws,
    occupancy,
    own,
    pump,
    skab,
    soil,
)
from tinyml.data.catalogue import Channel, Entry, entry, names, shipped
from tinyml.data.dataset import Dataset, Part, joined
from tinyml.data.fetch import Progress, fetch, is_here
from tinyml.errors import DataError

__all__ = [
    "Channel",
    "Dataset",
    "Entry",
    "Part",
    "entry",
    "fetch",
    "is_here",
    "joined",
    "load",
    "names",
    "shipped",
]

# From an entry, its files by name and the fold that tests (0 without folds) to the data.
_READERS: Final[dict[str, Callable[[Entry, Mapping[str, Path], int], Dataset]]] = {
    "air-quality-uci": lambda found, files, _: air_quality.read(found, files),
    "airqo-kampala": lambda found, files, _: airqo.read(found, files),
    "energy-appliances": lambda found, files, _: energy.read(found, files),
    "esc10": esc10.read,
    "fan-vibration-uci": lambda found, files, _: fan.read(found, files),
    "har-smartwatch": lambda found, files, _: har.read(found, files),
    "kws01-mlperf-tiny": lambda found, files, _: kws.read(found, files),
    "occupancy-uci": lambda found, files, _: occupancy.read(found, files),
    "pump-simulated": lambda found, files, _: pump.simulate(found),
    "skab-pump": lambda found, files, _: skab.read(found, files),
    "soil-moisture-simpact": lambda found, files, _: soil.read(found, files),
}


def load(
    name: str,
    progress: Progress | None = None,
    fold: int = 0,
    *,
    near: Path | None = None,
    leaky: bool = False,
) -> Dataset:
    """The data set ``name``, fetched if need be; ``progress`` follows its download.

    Of a data set with folds, ``fold`` tests; 0 is the last one. One's own are looked for from the
    folder ``near`` on, as :func:`entry` does; a split that leaks is refused unless ``leaky``.
    Raises DataError where there is none of that name, or it cannot be had or read.
    """
    found = entry(name, near)
    if not 0 <= fold <= found.folds:
        raise DataError(f"{name} has {found.folds} folds; there is no fold {fold}")
    files = fetch(found, progress)
    if found.reading is not None:
        return own.read(found, files, leaky=leaky)
    return _READERS[name](found, files, fold or found.folds)
