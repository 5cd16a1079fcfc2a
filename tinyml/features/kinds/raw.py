"""The samples themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tinyml.features.arrays import Int64, Samples
from tinyml.features.front_end import FrontEnd, register


@register
@dataclass(frozen=True)
class Raw(FrontEnd):
    """The samples in their order; offsets and multipliers are those of one time."""

    kind: ClassVar[str] = "raw"
    gives: ClassVar[str] = "the samples"

    @property
    def output_shape(self) -> tuple[int, ...]:
        return (self.window, self.channels)

    @property
    def scaling_count(self) -> int:
        return self.channels

    def measured(self, samples: Samples) -> Int64:
        return samples.reshape(len(samples), -1).astype(np.int64)
