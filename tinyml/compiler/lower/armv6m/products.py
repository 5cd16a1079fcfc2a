"""What the matrix kernels of Armv6-M share: chunks of taps, and weights side by side."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from tinyml.compiler.c_values import Table
from tinyml.compiler.lower.base import NotFitting
from tinyml.graph.fixed_point import Int64
from tinyml.graph.ir import DType

# Of the magnitudes of weights in a chunk: times 128 they fit 16 bits (gemm.h).
MOST_OF_CHUNK: Final = 255
_LONGEST_CHUNK: Final = 19  # TML_ARMV6M_LONGEST_CHUNK
_TAP_BYTES: Final = 12  # of instructions, which a shorter chunk jumps over
_SIDE_BY_SIDE: Final = 8  # channels


def require_int8(dtype: DType) -> None:
    """Raise NotFitting for other elements."""
    if dtype is not DType.INT8:
        raise NotFitting


def require_products(bias: Int64, weights: npt.NDArray[np.int8], zero_point: int) -> None:
    """Raise NotFitting unless every accumulator of ``weights`` [channels, taps] is below 2^30."""
    farthest = max(127 - zero_point, 128 + zero_point)
    reach = np.abs(bias) + farthest * np.abs(weights.astype(np.int64)).sum(axis=1)
    if reach.max() >= 1 << 30:
        raise NotFitting


def chunk_lengths(weights: npt.NDArray[np.int8], longest: int) -> list[int]:
    """Taps of each chunk of ``weights`` [channels, taps]: as many as fit, from the first on."""
    lengths = []
    length, total = 0, np.zeros(len(weights), np.int64)
    for magnitudes in np.abs(weights.astype(np.int64)).T:
        total += magnitudes
        if length > 0 and (total.max() > MOST_OF_CHUNK or length == longest):
            lengths.append(length)
            length, total = 0, magnitudes.copy()
        length += 1
    return [*lengths, length]


def chunk_table(weights: npt.NDArray[np.int8]) -> Table:
    """For each chunk of each channel, the instructions to jump over, in bytes."""
    lengths = [n for channel in weights for n in chunk_lengths(channel[None], _LONGEST_CHUNK)]
    return Table("chunks", (_TAP_BYTES * (_LONGEST_CHUNK - np.array(lengths))).astype(np.uint8))


def side_by_side(weights: npt.NDArray[np.int8]) -> Table:
    """[channels, taps] as [groups, taps, 8], filled up with zeros."""
    channels, taps = weights.shape
    groups = -(-channels // _SIDE_BY_SIDE)
    filled = np.zeros((groups * _SIDE_BY_SIDE, taps), np.int8)
    filled[:channels] = weights
    return Table("weights", filled.reshape(groups, _SIDE_BY_SIDE, taps).transpose(0, 2, 1))


def folded_bias(bias: Int64, weights: npt.NDArray[np.int8], zero_point: int) -> Int64:
    """The bias for products with activations that still have their zero point."""
    folded: Int64 = bias - zero_point * weights.astype(np.int64).sum(axis=1)
    return folded
