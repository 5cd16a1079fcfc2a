"""Level and changes: for slow quantities, where slopes say more than levels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tinyml.features.arrays import Int64, Samples
from tinyml.features.front_end import FrontEnd, register
from tinyml.features.kinds.changes import changes, lags


@register
@dataclass(frozen=True)
class Trend(FrontEnd):
    """The last sample, then its change over each of :func:`lags`; the channels of each together."""

    kind: ClassVar[str] = "trend"
    gives: ClassVar[str] = (
        "the last sample, and its changes over a sixth, half and all of the window"
    )

    @property
    def output_shape(self) -> tuple[int, ...]:
        return (self.channels * (1 + len(lags(self.window))),)

    def measured(self, samples: Samples) -> Int64:
        return np.concatenate([samples[:, -1].astype(np.int64), changes(samples)], axis=1)
