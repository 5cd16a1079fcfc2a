"""What each kind of front end measures in a window, in integer arithmetic.

Every function takes int16 samples ``[n][window][channels]`` and returns int64
``[n][features]``. ``firmware/features/`` computes the same, number for number.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.int16]
Int64 = npt.NDArray[np.int64]

STATISTICS: Final = (
    "mean", "standard deviation", "minimum", "maximum", "mean step", "mean crossings",
)  # fmt: skip
FRACTION_BITS: Final = 4  # of statistics: sixteenths of a count
GUARD_BITS: Final = 2  # more of values that are transformed, for what rounding takes away
LOG_FRACTION_BITS: Final = 8  # of spectral bands: log2 of the energy in 1/256


def raw(samples: Samples) -> Int64:
    """The samples themselves, in their order."""
    return samples.reshape(len(samples), -1).astype(np.int64)


def logarithms(
    samples: Samples,
    channels: tuple[int, ...],
    floor: int,
    ratios: tuple[tuple[int, int], ...] = (),
) -> Int64:
    """As :func:`raw`, but of ``channels`` log2(sample + 2^floor) in 1/256; below 0 counts as 0.

    After all channels, at each time, come the differences of two logarithms: of ``ratios`` the
    first channel's by the second's.
    """
    x = samples.astype(np.int64)
    chosen = list(channels)
    x[:, :, chosen] = log2_of(np.maximum(x[:, :, chosen], 0), floor)
    divided = [x[:, :, [above]] - x[:, :, [below]] for above, below in ratios]
    return np.concatenate([x, *divided], axis=2).reshape(len(x), -1)


def statistics(samples: Samples) -> Int64:
    """``STATISTICS`` of each channel, in sixteenths of a count; channel by channel."""
    x = samples.astype(np.int64)
    count = x.shape[1]
    total = x.sum(axis=1)
    mean = (total << FRACTION_BITS) // count
    spread = count * (x * x).sum(axis=1) - total * total
    deviation = _square_root(spread << (2 * FRACTION_BITS)) // count
    steps = np.abs(np.diff(x, axis=1)).sum(axis=1) << FRACTION_BITS
    above = (x << FRACTION_BITS) > mean[:, np.newaxis]
    crossings = (above[:, 1:] != above[:, :-1]).sum(axis=1).astype(np.int64)
    found = (
        mean,
        deviation,
        x.min(axis=1) << FRACTION_BITS,
        x.max(axis=1) << FRACTION_BITS,
        steps // max(count - 1, 1),
        crossings << FRACTION_BITS,
    )
    return np.stack(found, axis=-1).reshape(len(samples), -1)


def lags(window: int) -> tuple[int, ...]:
    """How many samples back :func:`trend` looks: a sixth of the window, half of it, all of it."""
    return (window // 6, window // 2, window - 1)


def trend(samples: Samples) -> Int64:
    """The last sample, then its change over each of :func:`lags`; the channels of each together.

    For slow quantities, where slopes say more than levels.
    """
    return np.concatenate([samples[:, -1].astype(np.int64), changes(samples)], axis=1)


def changes(samples: Samples) -> Int64:
    """As :func:`trend` without the last sample: for quantities whose level says nothing."""
    x = samples.astype(np.int64)
    return np.concatenate([x[:, -1] - x[:, -1 - lag] for lag in lags(x.shape[1])], axis=1)


def _square_root(value: Int64) -> Int64:
    """The integer square root, rounded down; exact below 2^62."""
    root = np.sqrt(value.astype(np.float64)).astype(np.int64)
    root -= root * root > value
    root += (root + 1) * (root + 1) <= value
    return root


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


def spectral(samples: Samples, bands: tuple[int, ...]) -> Int64:
    """log2 of the energy between neighbouring ``bands`` (edges in bins), in 1/256.

    Of each channel without its mean under a Hann window, see :func:`powers`. Band by band, the
    channels of each together.
    """
    return _log_bands(samples.astype(np.int64), bands)


def _log_bands(x: Int64, bands: tuple[int, ...]) -> Int64:
    count = x.shape[1]
    mean = x.sum(axis=1, keepdims=True) // count
    power = powers(windowed(x, mean))
    energies = [power[:, low:high].sum(axis=1) for low, high in pairwise(bands)]
    return log2_of(np.stack(energies, axis=1)).reshape(len(x), -1)


def envelope(samples: Samples, bands: tuple[int, ...]) -> Int64:
    """log2 of the energy of the signal's envelope between ``bands``, in 1/256.

    The envelope is what the sample's steps (a high pass) amount to without their sign: how often a
    bearing rings, whatever it rings with. Then as :func:`spectral`. R. B. Randall, J. Antoni:
    "Rolling element bearing diagnostics - A tutorial", MSSP 25 (2011).
    """
    x = samples.astype(np.int64)
    steps = np.abs(np.diff(x, axis=1, prepend=x[:, :1]))
    return _log_bands(steps, bands)


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


def log2_of(value: Int64, floor: int = 0) -> Int64:
    """log2(value + 2^floor) in 1/256, within 0.01: a parabola between powers of two."""
    value = value + (1 << floor)
    exponent = np.floor(np.log2(value.astype(np.float64))).astype(np.int64)
    # The double may have rounded up to the next power of two.
    exponent -= (np.int64(1) << exponent) > value
    down = np.maximum(exponent - LOG_FRACTION_BITS, 0)
    up = np.maximum(LOG_FRACTION_BITS - exponent, 0)
    fraction = ((value >> down) << up) - (1 << LOG_FRACTION_BITS)
    bend = (fraction * (256 - fraction) * 88) >> 16
    result: Int64 = (exponent << LOG_FRACTION_BITS) + fraction + bend
    return result


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
