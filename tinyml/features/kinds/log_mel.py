"""Mel bands, frame by frame: for sounds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tinyml.features.arrays import Int64, Samples
from tinyml.features.front_end import register
from tinyml.features.sound import Sound


@register
@dataclass(frozen=True)
class LogMel(Sound):
    """log2 of each mel band's energy in 1/256, frame by frame."""

    kind: ClassVar[str] = "log_mel"
    gives: ClassVar[str] = "for sounds: energies of mel bands, frame by frame"
    logarithmic: ClassVar[bool] = True

    def measured(self, samples: Samples) -> Int64:
        return self.log_energies(samples).reshape(len(samples), -1)
