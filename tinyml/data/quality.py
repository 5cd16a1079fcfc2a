"""What makes training data useless, said before hours are spent on it."""

from __future__ import annotations

from typing import Final

import numpy as np

from tinyml.data.dataset import Dataset
from tinyml.errors import DataError

FEWEST_WINDOWS: Final = 10  # of a class
CLIPPED_SHARE: Final = 0.05  # of a channel's samples
_LIMITS: Final = np.iinfo(np.int16)


def require_trainable(dataset: Dataset) -> None:
    """DataError that names a channel that tells nothing, or a class of which there is too little.

    Looks at the training part only.
    """
    _require_channels(dataset)
    entry, targets = dataset.entry, dataset.training.targets
    if entry.task == "regression":
        if targets.min() == targets.max():
            raise DataError(
                f"{entry.name}: '{entry.target_name}' is {targets[0]:g} {entry.target_unit} "
                f"in all {len(targets):,} training windows, so there is nothing to learn; "
                "record while it changes"
            )
        return
    # An anomaly detector learns from the first, the normal class alone.
    learnt = entry.labels[:1] if entry.task == "anomaly" else entry.labels
    for index, label in enumerate(learnt):
        count = int((targets == index).sum())
        if count < FEWEST_WINDOWS:
            raise DataError(
                f"{entry.name}: class '{label}' has {count} training windows, but at least "
                f"{FEWEST_WINDOWS} are needed; record more of it, or leave the class out"
            )


def _require_channels(dataset: Dataset) -> None:
    samples = dataset.training.windows.reshape(-1, len(dataset.entry.channels))
    for number, channel in enumerate(dataset.entry.channels):
        values = samples[:, number]
        where = f"{dataset.entry.name}: channel '{channel.name}'"
        if values.min() == values.max():
            raise DataError(
                f"{where} is {values[0] * channel.scale:g} {channel.unit} in every training "
                "window: the sensor is dead or the column is wrong; correct that, or leave "
                "the channel out"
            )
        clipped = float(((values == _LIMITS.min) | (values == _LIMITS.max)).mean())
        if clipped > CLIPPED_SHARE:
            raise DataError(
                f"{where} is at the end of its range in {clipped:.0%} of its samples, so "
                "their true values are lost; record it again with less gain, or give it a "
                "larger scale"
            )
