"""kws01-mlperf-tiny: ready-made features of 1000 spoken words, to check an engine with."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from tinyml.data.catalogue import Entry
from tinyml.data.dataset import Dataset, Part, nothing
from tinyml.data.tables import read_csv
from tinyml.errors import DataError


def read(entry: Entry, files: Mapping[str, Path], _fold: int) -> Dataset:
    """int8 feature maps as they are, in the order of the list of labels."""
    table = read_csv(files["y_labels.csv"], header=("file", "classes", "class"), headless=True)
    names = table.text("file")
    shape = (entry.window, len(entry.channels))
    windows = []
    for name in names:
        content = np.frombuffer(files[name].read_bytes(), np.int8)
        if content.size != shape[0] * shape[1]:
            raise DataError(f"{files[name]} has {content.size} bytes, not {shape[0] * shape[1]}")
        windows.append(content.reshape(shape))
    test = Part(
        windows=np.stack(windows).astype(np.int16),
        targets=table.numbers("class")[:, 0].astype(np.int64),
        groups=np.full(len(names), "test"),
        recordings=np.array(names),
        spans=np.tile(np.array([0, entry.window - 1], np.int64), (len(names), 1)),
    )
    return Dataset(entry, nothing(entry), nothing(entry), test)
