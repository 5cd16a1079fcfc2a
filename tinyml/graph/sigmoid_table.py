"""Sigmoid and tanh of int16 elements, as TFLite computes them from one table.

Source: TFLite's reference_integer_ops/{logistic,tanh}.h and internal/common.h: 256 values of
sigmoid(i / 24) in units of 2^-16, nearly rounded, interpolated; tanh(x) = 2 sigmoid(2 x) - 1.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from tinyml.graph.fixed_point import Int64

# Where TFLite's table is one above the nearest integer.
_ONE_MORE: Final = (
    4, 8, 12, 14, 15, 16, 17, 19, 20, 21, 22, 25, 27, 28, 29, 30, 31, 33, 34, 35, 37, 39, 40, 41,
    43, 44, 45, 46, 49, 50, 54, 62, 63, 64, 66, 82, 86, 93, 100, 103, 112, 116, 135, 255,
)  # fmt: skip


def _table() -> Int64:
    values = np.round(65536.0 / (1.0 + np.exp(-np.arange(256) / 24.0))).astype(np.int64)
    values[list(_ONE_MORE)] += 1
    return values


TABLE: Final[Int64] = _table()


def sigmoid(values: Int64, multiplier: int, right_shift: int) -> Int64:
    """Q0.15 from int16 ``values``; values * multiplier / 2^right_shift is 3/4 of Q3.12."""
    scaled = _scaled(values, multiplier, right_shift)
    magnitude = np.abs(scaled)
    whole = np.minimum(magnitude >> 9, 254)
    below = TABLE[whole]
    steps = (below << 9) + (magnitude & 0x1FF) * (TABLE[whole + 1] - below)
    steps = np.where(magnitude >> 9 >= 255, 0x7FFF << 10, steps)
    return np.where(scaled >= 0, steps + 512, (1 << 25) - steps + 511) >> 10


def tanh(values: Int64, multiplier: int, right_shift: int) -> Int64:
    """As :func:`sigmoid`."""
    scaled = _scaled(values, multiplier, right_shift)
    magnitude = np.abs(scaled)
    whole = np.minimum(magnitude >> 8, 254)
    below = TABLE[whole]
    steps = (below << 8) + (magnitude & 0xFF) * (TABLE[whole + 1] - below)
    steps = np.where(magnitude >> 8 >= 255, 0xFFFF << 8, steps) - (1 << 23)
    return np.where(scaled >= 0, steps + 128, -steps + 127) >> 8


def _scaled(values: Int64, multiplier: int, right_shift: int) -> Int64:
    rounding = 1 << (right_shift - 1) if right_shift > 0 else 0
    return (np.asarray(values, np.int64) * multiplier + rounding) >> right_shift


def steps() -> npt.NDArray[np.uint32]:
    """[512]: the table for arguments of both signs, as the kernels read it.

    Entry 256 + i is for arguments from i steps on: the value there, and in the upper half what the
    next step adds. sigmoid(-x) = 1 - sigmoid(x).
    """
    rising = np.append(TABLE[:255], [TABLE[255], TABLE[255]])
    positive, slope = rising[:256], np.diff(rising)
    negative = 65536 - rising[:0:-1]
    values = np.concatenate([negative, positive])
    slopes = np.concatenate([slope[::-1], slope])
    words: npt.NDArray[np.uint32] = (values | slopes << 16).astype(np.uint32)
    return words
