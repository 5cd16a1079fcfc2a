"""Readers of the catalogue's data sets, one file each: ``datasets/<name>.toml`` is read here by
the module ``<name>`` with underscores for dashes, whose ``read(entry, files, fold)`` gives the
:class:`~tinyml.data.dataset.Dataset`.

``files`` are the entry's files by name, fetched and checked; ``fold`` is the fold that tests (0
where the data set has none).
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path

from tinyml.data.catalogue import Entry
from tinyml.data.dataset import Dataset


def read(entry: Entry, files: Mapping[str, Path], fold: int) -> Dataset:
    """The data set ``entry`` of the catalogue; DataError where its files cannot be read."""
    module = importlib.import_module(f"{__name__}.{entry.name.replace('-', '_')}")
    dataset: Dataset = module.read(entry, files, fold)
    return dataset
