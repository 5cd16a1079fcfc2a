"""Sound: short frames, mel bands, cepstral coefficients, in integer arithmetic.

A frame is transformed under a Hann window; triangles that are even on the mel scale sum its energy.
Each frame stands for itself, so that a device computes one at a time, as samples arrive. S. B.
Davis, P. Mermelstein: "Comparison of parametric representations for monosyllabic word recognition",
IEEE Trans. ASSP 28 (1980).
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from tinyml.features.measure import Int64, Samples, log2_of, powers, windowed

WEIGHT_BITS: Final = 8  # of the triangles
COSINE_BITS: Final = 14  # of the cosine transform
_FRAMES_AT_ONCE: Final = 256  # a transform of so many stays in a processor's cache


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


def cosines(bands: int, coefficients: int) -> npt.NDArray[np.int64]:
    """DCT-II, orthonormal but for the first coefficient, in Q14 ``[coefficients][bands]``."""
    angle = np.pi / bands * np.outer(np.arange(coefficients), np.arange(bands) + 0.5)
    scaled: npt.NDArray[np.int64] = np.round(
        np.cos(angle) * np.sqrt(2 / bands) * (1 << COSINE_BITS)
    ).astype(np.int64)
    return scaled


def frame_count(window: int, frame: int, hop: int) -> int:
    """Whole frames in a window."""
    return (window - frame) // hop + 1


def log_mel(
    samples: Samples, frame: int, hop: int, edges: tuple[int, ...], floor: int = 0
) -> Int64:
    """log2 of each band's energy in 1/256, ``[n][frames * bands]``, of ``[n][window][1]``.

    To each energy 2^``floor`` is added: a quiet microphone's noise, below which nothing tells.
    """
    windows = np.lib.stride_tricks.sliding_window_view(samples[:, :, 0], frame, axis=1)
    frames = windows[:, ::hop].reshape(-1, frame)
    chunks = [
        _log_mel_frames(frames[start : start + _FRAMES_AT_ONCE], edges, floor)
        for start in range(0, len(frames), _FRAMES_AT_ONCE)
    ]
    return np.concatenate(chunks).reshape(len(samples), -1)


def _log_mel_frames(frames: npt.NDArray[np.int16], edges: tuple[int, ...], floor: int) -> Int64:
    frame = frames.shape[1]
    x = frames.astype(np.int64)[:, :, np.newaxis]
    power = powers(windowed(x, x.sum(axis=1, keepdims=True) // frame))[:, :, 0]
    inside = power[:, edges[0] : edges[-1]]
    starts = np.array(edges[:-1]) - edges[0]
    rising = np.add.reduceat(inside * rises(edges), starts, axis=1)
    whole = np.add.reduceat(inside, starts, axis=1) << WEIGHT_BITS
    energies = (rising[:, :-1] + whole[:, 1:] - rising[:, 1:]) >> WEIGHT_BITS
    return log2_of(energies, floor)


def mfcc(
    samples: Samples,
    frame: int,
    hop: int,
    edges: tuple[int, ...],
    coefficients: int,
    floor: int = 0,
) -> Int64:
    """The first cosine coefficients of the log-mel bands, ``[n][frames * coefficients]``."""
    bands = len(edges) - 2
    logs = log_mel(samples, frame, hop, edges, floor).reshape(-1, bands)
    found = (logs @ cosines(bands, coefficients).T + (1 << (COSINE_BITS - 1))) >> COSINE_BITS
    return found.reshape(len(samples), -1)
