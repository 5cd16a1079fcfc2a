"""The spectrum in bands: for vibrations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tinyml.features.arrays import Int64, Samples
from tinyml.features.banded import Banded
from tinyml.features.front_end import register


@register
@dataclass(frozen=True)
class Spectral(Banded):
    """log2 of the energy of each channel's spectrum between ``bands``, in 1/256."""

    kind: ClassVar[str] = "spectral"
    gives: ClassVar[str] = "energies of the spectrum in bands"

    def measured(self, samples: Samples) -> Int64:
        return self.energies(samples.astype(np.int64))
