"""Changes over parts of the window: for quantities whose level says nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tinyml.features.arrays import Int64, Samples
from tinyml.features.front_end import FrontEnd, register


@register
@dataclass(frozen=True)
class Changes(FrontEnd):
    """The last sample's change over each of :func:`lags`; the channels of each together."""

    kind: ClassVar[str] = "changes"
    gives: ClassVar[str] = (
        "how much the last sample has changed over a sixth, half and all of the window"
    )
    c_file: ClassVar[str] = "trend"

    @property
    def output_shape(self) -> tuple[int, ...]:
        return (self.channels * len(lags(self.window)),)

    def measured(self, samples: Samples) -> Int64:
        return changes(samples)


def lags(window: int) -> tuple[int, ...]:
    """How many samples back is looked: a sixth of the window, half of it, all of it."""
    return (window // 6, window // 2, window - 1)


def changes(samples: Samples) -> Int64:
    """Changes over each of :func:`lags`, ``[n][lags * channels]``."""
    x = samples.astype(np.int64)
    return np.concatenate([x[:, -1] - x[:, -1 - lag] for lag in lags(x.shape[1])], axis=1)
