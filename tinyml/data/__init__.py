"""The data catalogue: fetching, reading, windowing and splitting data without leakage."""

from __future__ import annotations

from pathlib import Path

from tinyml.data import own, readers
from tinyml.data.catalogue import Channel, Entry, entry, names, shipped
from tinyml.data.dataset import Dataset, Part, joined
from tinyml.data.fetch import fetch, is_here
from tinyml.errors import DataError
from tinyml.progress import Progress, silent

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


def load(
    name: str,
    progress: Progress = silent,
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
        raise DataError(f"{name} has {found.folds} folds, counted from 0; there is no fold {fold}")
    files = fetch(found, progress)
    if found.reading is not None:
        return own.read(found, files, leaky=leaky)
    return readers.read(found, files, fold or found.folds)
