"""The envelope's spectrum in bands: for bearings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tinyml.features.arrays import Int64, Samples
from tinyml.features.banded import Banded
from tinyml.features.front_end import register


@register
@dataclass(frozen=True)
class Envelope(Banded):
    """log2 of the energy of the signal's envelope between ``bands``, in 1/256.

    The envelope is what the sample's steps (a high pass) amount to without their sign: how often a
    bearing rings, whatever it rings with. R. B. Randall, J. Antoni: "Rolling element bearing
    diagnostics - A tutorial", MSSP 25 (2011).
    """

    kind: ClassVar[str] = "envelope"
    gives: ClassVar[str] = (
        "energies in bands of the spectrum of the signal's envelope; for bearings"
    )

    def measured(self, samples: Samples) -> Int64:
        x = samples.astype(np.int64)
        return self.energies(np.abs(np.diff(x, axis=1, prepend=x[:, :1])))
