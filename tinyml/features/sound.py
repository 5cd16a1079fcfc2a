"""Sound: short frames and mel bands, which the kinds ``log_mel`` and ``mfcc`` share.

A frame is transformed under a Hann window; triangles that are even on the mel scale sum its energy.
Each frame stands for itself, so that a device computes one at a time, as samples arrive. S. B.
Davis, P. Mermelstein: "Comparison of parametric representations for monosyllabic word recognition",
IEEE Trans. ASSP 28 (1980).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, ClassVar, Final

import numpy as np
import numpy.typing as npt

from tinyml.documents import Fields
from tinyml.errors import FeatureError
from tinyml.features import transform
from tinyml.features.arrays import CTable, Int64, Samples
from tinyml.features.front_end import FrontEnd, Key, Signal
from tinyml.features.logarithm import log2_of

MAX_FRAME: Final = 1024
_MAX_FLOOR: Final = 40
WEIGHT_BITS: Final = 8  # of the triangles
_ENERGY_BYTES: Final = 8
_FRAMES_AT_ONCE: Final = 256  # a transform of so many stays in a processor's cache


@dataclass(frozen=True)
class Sound(FrontEnd):
    """One channel, measured frame by frame; offsets and multipliers are those of one frame."""

    keys: ClassVar[tuple[Key, ...]] = (
        Key("frame", f"samples of one transform: a power of two, 8 to {MAX_FRAME}", "512"),
        Key("hop", "samples from the start of one frame to the start of the next", "half a frame"),
        Key("bands", "how many mel bands; up to a quarter of a frame", "40", most_searched=256),
        Key("floor", f"2^floor is added to each band's energy: 0 to {_MAX_FLOOR}", "0"),
    )
    max_window: ClassVar[int] = 1 << 20
    in_frames: ClassVar[bool] = True
    c_file: ClassVar[str] = "sound"

    bands: tuple[int, ...]  # corners of the triangles, in bins of the transform
    frame: int  # samples of one transform, a power of two
    hop: int  # samples from one frame to the next
    floor: int = field(default=0, kw_only=True)  # 2^floor is added to each band's energy

    @classmethod
    def read(cls, table: Fields, signal: Signal) -> dict[str, Any]:
        frame = table.whole("frame", 512, 8, MAX_FRAME)
        hop = table.whole("hop", frame // 2, 1, signal.window)
        bands = table.whole("bands", 40, 1, frame // 4)
        return {
            "frame": frame,
            "hop": hop,
            "bands": mel_edges(frame, signal.sample_rate_hz, bands),
            "floor": table.whole("floor", 0, 0, _MAX_FLOOR),
        }

    def check(self) -> None:
        transform.check(self.kind, self.frame, self.bands, fewest=3)
        frame, hop, window = self.frame, self.hop, self.window
        if frame > MAX_FRAME or frame > window or not 1 <= hop <= window:
            raise FeatureError(
                f"a {self.kind} front end takes frames of up to {MAX_FRAME} samples and hops of at "
                f"least 1, both within the window of {window}, not {frame} and {hop}"
            )
        if not 0 <= self.floor <= _MAX_FLOOR:
            raise FeatureError(
                f"the 'floor' of a {self.kind} front end must be from 0 to {_MAX_FLOOR}, not "
                f"{self.floor}"
            )
        if self.channels != 1:
            raise FeatureError(f"a {self.kind} front end takes 1 channel, not {self.channels}")

    @property
    def band_count(self) -> int:
        """Mel bands of one frame."""
        return max(len(self.bands) - 2, 0)

    @property
    def frame_features(self) -> int:
        """Features of one frame."""
        return self.band_count

    @property
    def output_shape(self) -> tuple[int, ...]:
        frames = (self.window - self.frame) // self.hop + 1  # whole ones
        return (frames, self.frame_features)

    @property
    def scaling_count(self) -> int:
        return self.frame_features

    @property
    def span_samples(self) -> int:
        return self.frame

    @property
    def hop_samples(self) -> int:
        return self.hop

    @property
    def scratch_bytes(self) -> int:
        return transform.scratch_bytes(self.frame) + _ENERGY_BYTES * self.band_count

    @property
    def c_function(self) -> str:
        return "tml_front_end_sound"

    def c_tables(self) -> dict[str, CTable]:
        return {
            **transform.c_tables(self.frame, self.bands),
            "weights": ("uint8_t", rises(self.bands)),
        }

    def c_fields(self) -> dict[str, str]:
        return {
            "frame": str(self.frame),
            "band_count": str(self.band_count),
            "floor": str(self.floor),
            "hop": str(self.hop),
            "frame_features": str(self.frame_features),
            "run_frame": f"tml_frame_{self.kind}",
        }

    def facts(self, channel_names: tuple[str, ...]) -> dict[str, object]:
        return {"frame": self.frame, "hop": self.hop, "bands": self.band_count, "floor": self.floor}

    def log_energies(self, samples: Samples) -> Int64:
        """log2 of each band's energy in 1/256, ``[n * frames][bands]``, of ``[n][window][1]``.

        To each energy 2^``floor`` is added: a quiet microphone's noise, below which nothing tells.
        """
        windows = np.lib.stride_tricks.sliding_window_view(samples[:, :, 0], self.frame, axis=1)
        frames = windows[:, :: self.hop].reshape(-1, self.frame)
        chunks = [
            _log_energies(frames[start : start + _FRAMES_AT_ONCE], self.bands, self.floor)
            for start in range(0, len(frames), _FRAMES_AT_ONCE)
        ]
        return np.concatenate(chunks)


def mel_edges(frame: int, sample_rate_hz: float, bands: int) -> tuple[int, ...]:
    """Corners of ``bands`` triangles in bins of the transform, ``[bands + 2]``.

    Even on the mel scale from 60 Hz (the rumble of wind and hands is below) to half the sample
    rate, but at least one bin apart.
    """
    nyquist_hz = sample_rate_hz / 2
    lowest, highest = (_mel(min(60.0, nyquist_hz / 4)), _mel(nyquist_hz))
    mels = np.linspace(lowest, highest, bands + 2)
    hertz = 700 * (10 ** (mels / 2595) - 1)
    edges = np.round(hertz * frame / sample_rate_hz).astype(int)
    for index in range(1, len(edges)):
        edges[index] = max(edges[index], edges[index - 1] + 1)
    return tuple(int(edge) for edge in edges)


def _mel(hertz: float) -> float:
    return float(2595 * np.log10(1 + hertz / 700))


def rises(edges: tuple[int, ...]) -> npt.NDArray[np.int64]:
    """How much of each bin the upper of its two bands gets, in 1/256; from the first corner on.

    The lower band gets the rest, so that no energy is lost between two triangles.
    """
    slopes = [
        (np.arange(low, high) - low) * (1 << WEIGHT_BITS) // (high - low)
        for low, high in pairwise(edges)
    ]
    return np.concatenate(slopes).astype(np.int64)


def _log_energies(frames: npt.NDArray[np.int16], edges: tuple[int, ...], floor: int) -> Int64:
    frame = frames.shape[1]
    x = frames.astype(np.int64)[:, :, np.newaxis]
    power = transform.powers(transform.windowed(x, x.sum(axis=1, keepdims=True) // frame))[:, :, 0]
    inside = power[:, edges[0] : edges[-1]]
    starts = np.array(edges[:-1]) - edges[0]
    rising = np.add.reduceat(inside * rises(edges), starts, axis=1)
    whole = np.add.reduceat(inside, starts, axis=1) << WEIGHT_BITS
    energies = (rising[:, :-1] + whole[:, 1:] - rising[:, 1:]) >> WEIGHT_BITS
    return log2_of(energies, floor)
