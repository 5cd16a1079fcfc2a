"""log2 in integers, as firmware/features/logarithm.c computes it."""

from __future__ import annotations

from typing import Final

import numpy as np

from tinyml.features.arrays import Int64

FRACTION_BITS: Final = 8  # results are in 1/256


def log2_of(value: Int64, floor: int = 0) -> Int64:
    """log2(value + 2^floor) in 1/256, within 0.01: a parabola between powers of two."""
    value = value + (1 << floor)
    exponent = np.floor(np.log2(value.astype(np.float64))).astype(np.int64)
    # The double may have rounded up to the next power of two.
    exponent -= (np.int64(1) << exponent) > value
    down = np.maximum(exponent - FRACTION_BITS, 0)
    up = np.maximum(FRACTION_BITS - exponent, 0)
    fraction = ((value >> down) << up) - (1 << FRACTION_BITS)
    bend = (fraction * (256 - fraction) * 88) >> 16
    result: Int64 = (exponent << FRACTION_BITS) + fraction + bend
    return result
