"""The Fourier transform that spectra and sounds share, as firmware/features/transform.c has it."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from tinyml.errors import FeatureError
from tinyml.features.arrays import CTable, Int64

GUARD_BITS: Final = 2  # more of values that are transformed, for what rounding takes away
_ELEMENT_BYTES: Final = 4  # of the transform in C, which has one element more than samples


def check(kind: str, samples: int, edges: tuple[int, ...], fewest: int) -> None:
    """Raise FeatureError unless so many samples can be transformed, and ``edges`` are bands of it.

    Args:
        kind: of the front end, for messages.
        samples: of one transform.
        edges: in bins.
        fewest: edges that make a band.
    """
    if samples < 8 or samples & (samples - 1):
        raise FeatureError(
            f"a {kind} front end takes a power of two samples, at least 8, not {samples}"
        )
    rising = all(low < high for low, high in pairwise(edges))
    if len(edges) < fewest or not rising or edges[0] < 0 or edges[-1] > samples // 2:
        raise FeatureError(
            f"band edges must rise from 0 to at most {samples // 2} bins, not {list(edges)}"
        )


def scratch_bytes(samples: int) -> int:
    """RAM that the transform of so many samples needs in C."""
    return _ELEMENT_BYTES * (samples + 1)


def c_tables(samples: int, edges: tuple[int, ...]) -> dict[str, CTable]:
    """The tables of tml_front_end_t that a transform needs."""
    return {
        "hann": ("int16_t", hann(samples)),
        "twiddles": ("int16_t", twiddles(samples)),
        "bands": ("uint16_t", edges),
    }


def hann(window: int) -> npt.NDArray[np.int16]:
    """The periodic Hann window in Q15, [window]."""
    phase = 2 * np.pi * np.arange(window) / window
    return np.minimum(np.round((0.5 - 0.5 * np.cos(phase)) * 32768), 32767).astype(np.int16)


def windowed(values: Int64, mean: Int64) -> Int64:
    """``[n][count][channels]`` without ``mean`` under a Hann window, as :func:`powers` takes it."""
    shape = hann(values.shape[1]).astype(np.int64)[:, np.newaxis]
    result: Int64 = ((values - mean) * shape) >> (15 - GUARD_BITS)
    return result


def twiddles(window: int) -> npt.NDArray[np.int16]:
    """cos and sin of 2 pi k / window in Q15 for k below window / 4, interleaved [window / 2]."""
    phase = 2 * np.pi * np.arange(window // 4) / window
    pairs = np.stack([np.cos(phase), np.sin(phase)], axis=-1)
    return np.minimum(np.round(pairs * 32768), 32767).astype(np.int16).reshape(-1)


def powers(signal: Int64) -> Int64:
    """|X|^2 of the bins below half the sample rate, ``[n][count / 2][channels]``.

    Of ``[n][count][channels]``: the values under a window, with ``GUARD_BITS`` bits more. A fast
    Fourier transform of real values (H. V. Sorensen and others, IEEE Trans. ASSP 35, 1987) by
    decimation in time, in 32-bit integers, which cannot overflow up to a count of 1024.
    """
    count = signal.shape[1]
    bits = count.bit_length() - 1
    order = [int(format(i, f"0{bits}b")[::-1], 2) for i in range(count)]
    # Of each transform so far the bins up to half its size: [n][transforms][bins][channels].
    real: Int64 = signal[:, order, np.newaxis]
    imaginary: Int64 = np.zeros_like(real)
    table = twiddles(count).astype(np.int64).reshape(-1, 2)
    while real.shape[1] > 1:
        real, imaginary = _combined(real, imaginary, table)
    real, imaginary = (part[:, 0, :-1] >> GUARD_BITS for part in (real, imaginary))
    power: Int64 = real * real + imaginary * imaginary
    return power


def _combined(real: Int64, imaginary: Int64, table: Int64) -> tuple[Int64, Int64]:
    """Each two neighbouring transforms, of even and of odd places, as one of twice the size.

    ``table`` has the twiddles of the whole transform.
    """
    even_re, odd_re = real[:, 0::2], real[:, 1::2]
    even_im, odd_im = imaginary[:, 0::2], imaginary[:, 1::2]
    if real.shape[2] == 1:
        re = np.concatenate([even_re + odd_re, even_re - odd_re], axis=2)
        return re, np.zeros_like(re)
    cosine, sine = table[:: even_re.shape[1]].T
    cosine, sine = cosine[:, np.newaxis], sine[:, np.newaxis]
    turned_re, turned_im = np.empty_like(odd_re), np.empty_like(odd_im)
    # No turn at bin 0, a quarter of one at the last.
    turned_re[:, :, 0], turned_im[:, :, 0] = odd_re[:, :, 0], 0
    turned_re[:, :, -1], turned_im[:, :, -1] = 0, -odd_re[:, :, -1]
    re, im = odd_re[:, :, 1:-1], odd_im[:, :, 1:-1]
    turned_re[:, :, 1:-1] = 2 * ((re * cosine[1:] >> 16) + (im * sine[1:] >> 16))
    turned_im[:, :, 1:-1] = 2 * ((im * cosine[1:] >> 16) - (re * sine[1:] >> 16))
    # The bins above a quarter of the rate are the mirror images of those with a minus.
    upper_re = (even_re - turned_re)[:, :, -2::-1]
    upper_im = (turned_im - even_im)[:, :, -2::-1]
    return (
        np.concatenate([even_re + turned_re, upper_re], axis=2),
        np.concatenate([even_im + turned_im, upper_im], axis=2),
    )
