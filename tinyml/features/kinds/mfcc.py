"""Mel-frequency cepstral coefficients, frame by frame: for sounds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Final

import numpy as np
import numpy.typing as npt

from tinyml.documents import Fields
from tinyml.errors import FeatureError
from tinyml.features.arrays import CTable, Int64, Samples
from tinyml.features.front_end import Key, Signal, register
from tinyml.features.sound import Sound

COSINE_BITS: Final = 14  # of the cosine transform


@register
@dataclass(frozen=True)
class Mfcc(Sound):
    """The first cosine coefficients of each frame's mel bands, in 1/256."""

    kind: ClassVar[str] = "mfcc"
    gives: ClassVar[str] = "for sounds: the cosine transform of mel bands, frame by frame"
    keys: ClassVar[tuple[Key, ...]] = (
        *Sound.keys,
        Key("coefficients", "how many coefficients are kept; up to `bands`", "13"),
    )

    coefficients: int

    @classmethod
    def read(cls, table: Fields, signal: Signal) -> dict[str, Any]:
        values = super().read(table, signal)
        most = len(values["bands"]) - 2
        return {**values, "coefficients": table.whole("coefficients", 13, 1, most)}

    def check(self) -> None:
        super().check()
        bands = self.band_count
        if not 1 <= self.coefficients <= bands:
            raise FeatureError(
                f"{bands} mel bands give 1 to {bands} coefficients, not {self.coefficients}"
            )

    @property
    def frame_features(self) -> int:
        return self.coefficients

    def measured(self, samples: Samples) -> Int64:
        logs = self.log_energies(samples)
        turned = logs @ cosines(self.band_count, self.coefficients).T
        found: Int64 = (turned + (1 << (COSINE_BITS - 1))) >> COSINE_BITS
        return found.reshape(len(samples), -1)

    def c_tables(self) -> dict[str, CTable]:
        table = cosines(self.band_count, self.coefficients)
        return {**super().c_tables(), "cosines": ("int16_t", table.reshape(-1))}

    def facts(self, channel_names: tuple[str, ...]) -> dict[str, object]:
        found = super().facts(channel_names)
        floor = found.pop("floor")
        return {**found, "coefficients": self.coefficients, "floor": floor}


def cosines(bands: int, coefficients: int) -> npt.NDArray[np.int64]:
    """DCT-II, orthonormal but for the first coefficient, in Q14 ``[coefficients][bands]``."""
    angle = np.pi / bands * np.outer(np.arange(coefficients), np.arange(bands) + 0.5)
    scaled: npt.NDArray[np.int64] = np.round(
        np.cos(angle) * np.sqrt(2 / bands) * (1 << COSINE_BITS)
    ).astype(np.int64)
    return scaled
