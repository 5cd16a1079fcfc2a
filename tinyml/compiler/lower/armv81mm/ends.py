"""What all kernels for MVE share: how accumulators become elements."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from tinyml.compiler.c_values import Struct
from tinyml.compiler.lower.base import NotFitting, bias_table
from tinyml.graph.fixed_point import Int64
from tinyml.graph.ir import DType
from tinyml.graph.ops.base import Requantization

LANES: Final = 16  # of int8 in a vector


def in_blocks(weights: npt.NDArray[np.int8]) -> npt.NDArray[np.int8]:
    """[channels, taps], taps filled up with zeros to whole vectors."""
    return np.pad(weights, ((0, 0), (0, -weights.shape[1] % LANES)))


def in_fours(weights: npt.NDArray[np.int8]) -> npt.NDArray[np.int8]:
    """[channels, taps] to [channels / 4, taps / 16, 4, 16], both filled up with zeros (gemv.h)."""
    filled = np.pad(in_blocks(weights), ((0, -len(weights) % 4), (0, 0)))
    fours = filled.reshape(-1, 4, filled.shape[1] // LANES, LANES)
    return np.ascontiguousarray(fours.transpose(0, 2, 1, 3))


@dataclass(frozen=True)
class Ends:
    """One of each a channel."""

    biases: Int64
    multipliers: Int64
    shifts: Int64  # to the right where negative
    range: Struct  # tml_armv81mm_range_t
    variant: str  # of kernels that know it in advance whether negative halves show

    def filled(self, together: int) -> npt.NDArray[np.int32]:
        """[3, channels]: biases, multipliers, shifts, channels filled up to a multiple."""
        rows = np.stack([self.biases, self.multipliers, self.shifts])
        more = -rows.shape[1] % together
        return np.pad(rows, ((0, 0), (0, more))).astype(np.int32)


def ends(
    requantization: Requantization,
    bias: Int64,
    weights: npt.NDArray[np.int8],
    zero_point: int,
    dtype: DType,
) -> Ends:
    """For ``weights`` [channels, taps].

    Raises NotFitting for shifts to the left, and where some channels round once, some twice.
    """
    if dtype is not DType.INT8:
        raise NotFitting
    channels = len(weights)
    multipliers = np.broadcast_to(requantization.multipliers, channels)
    # A multiplier of 0 gives 0 whatever the shift.
    shifts = np.where(multipliers == 0, -1, np.broadcast_to(requantization.shifts, channels))
    # Negative values that saturate need no care.
    is_signed = requantization.zero_point != requantization.lowest
    if shifts.max() > (-1 if is_signed else 0):
        raise NotFitting
    bias_table(bias, weights, zero_point, dtype)  # checks that sums fit 32 bits
    folded = bias - zero_point * weights.astype(np.int64).sum(axis=1)
    if np.abs(folded).max() >= 2**31:
        raise NotFitting
    fields = {
        "zero_point": requantization.zero_point,
        "lowest": requantization.lowest,
        "highest": requantization.highest,
        "is_signed": int(is_signed),
    }
    variant = "_signed" if is_signed else ""
    return Ends(folded, multipliers, shifts, Struct("tml_armv81mm_range_t", fields), variant)
