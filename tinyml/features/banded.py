"""Spectra in bands: what the kinds ``spectral`` and ``envelope`` share."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np

from tinyml.documents import Fields
from tinyml.features import transform
from tinyml.features.arrays import CTable, Int64
from tinyml.features.front_end import FrontEnd, Key, Signal
from tinyml.features.logarithm import log2_of


@dataclass(frozen=True)
class Banded(FrontEnd):
    """log2 of the energy between neighbouring edges, of each channel's whole window."""

    keys: ClassVar[tuple[Key, ...]] = (
        Key(
            "bands",
            "how many bands, each wider than the one before; up to a quarter of the window",
            "12",
            most_searched=256,
        ),
    )
    max_window: ClassVar[int] = 1024
    logarithmic: ClassVar[bool] = True

    bands: tuple[int, ...]  # edges in bins of the transform

    @classmethod
    def read(cls, table: Fields, signal: Signal) -> dict[str, Any]:
        count = table.whole("bands", 12, 1, max(signal.window // 4, 1))
        return {"bands": log_bands(signal.window, count)}

    def check(self) -> None:
        transform.check(self.kind, self.window, self.bands, fewest=2)

    @property
    def band_count(self) -> int:
        """Bands of one channel."""
        return len(self.bands) - 1

    @property
    def output_shape(self) -> tuple[int, ...]:
        return (self.band_count, self.channels)

    @property
    def scratch_bytes(self) -> int:
        return transform.scratch_bytes(self.window)

    def c_tables(self) -> dict[str, CTable]:
        return transform.c_tables(self.window, self.bands)

    def c_fields(self) -> dict[str, str]:
        return {"frame": str(self.window), "band_count": str(self.band_count)}

    def facts(self, channel_names: tuple[str, ...]) -> dict[str, object]:
        return {"bands": self.band_count}

    def energies(self, signal: Int64) -> Int64:
        """log2 of each band's energy in 1/256, ``[n][bands * channels]``.

        Of ``[n][window][channels]`` without each channel's mean under a Hann window, see
        :func:`tinyml.features.transform.powers`. Band by band, the channels of each together.
        """
        mean = signal.sum(axis=1, keepdims=True) // signal.shape[1]
        power = transform.powers(transform.windowed(signal, mean))
        found = [power[:, low:high].sum(axis=1) for low, high in pairwise(self.bands)]
        return log2_of(np.stack(found, axis=1)).reshape(len(signal), -1)


def log_bands(window: int, count: int) -> tuple[int, ...]:
    """Edges of ``count`` bands from bin 1 to window / 2, each wider than the one before."""
    top = window // 2
    edges = [1]
    for index in range(count):
        left = count - index
        ratio = (top / edges[-1]) ** (1 / left)
        edges.append(min(max(math.floor(edges[-1] * ratio), edges[-1] + 1), top - left + 1))
    edges[-1] = top
    return tuple(edges)
