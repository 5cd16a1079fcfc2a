"""Requantisation as a flight of stairs, climbed with 32-bit products.

The kernels' formula stands in firmware/kernels/armv6m/requantize.inc. Here its numbers are chosen,
and proven: both functions rise, so that they are equal where all their steps are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from tinyml.compiler.c_values import Table
from tinyml.compiler.lower.base import NotFitting
from tinyml.graph.fixed_point import Int64
from tinyml.graph.ops.base import Requantization

_FRACTION: Final = 24  # bits of a sum below an element
_SHIFT_PLACE: Final = 26  # of the shift, in the limit's word
# Multipliers next to the nearest one that are tried: where steps lie close to integers, rounding
# it the other way can help.
_TRIED: Final = (0, 1, -1, 2, -2, 3, -3, 4, -4)


@dataclass(frozen=True)
class Stairs:
    """How accumulators of each channel become elements, one row of each array a channel."""

    start: Int64  # the least accumulator above the lowest element
    multipliers: Int64
    constants: Int64
    limits: Int64
    shifts: Int64
    lowest: int
    highest: int

    def table(self, bias: Int64) -> Table:
        """tml_armv6m_end_t a channel, for what accumulators start with."""
        limits = self.limits | self.shifts << _SHIFT_PLACE
        words = np.stack([bias - self.start, self.multipliers, self.constants, limits], axis=1)
        return Table("ends", words.astype(np.int32))


def stairs(requantization: Requantization, channels: int) -> Stairs:
    """Raises NotFitting where 32-bit products cannot tell the steps apart."""
    lowest, highest = requantization.lowest, requantization.highest
    multipliers = np.broadcast_to(requantization.multipliers, channels)
    shifts = np.broadcast_to(requantization.shifts, channels)
    # Accumulators that a left shift could wrap, or a multiplier of 0: not worth a kernel.
    if lowest >= highest or multipliers.min() <= 0 or shifts.max() > 0:
        raise NotFitting
    real = multipliers * 2.0 ** (shifts - 31.0)
    steps = _steps(replace(requantization, multipliers=multipliers, shifts=shifts), real)
    start = steps[0].copy()
    steps -= start
    limits = steps[-1]
    if limits.max() >= 1 << _SHIFT_PLACE:
        raise NotFitting
    # As many bits as fit both products.
    low_bits = 32 - np.ceil(np.log2(limits + 1.0)).astype(np.int64)
    high_bits = np.floor(32 - _FRACTION - np.log2(real * 1.0001)).astype(np.int64)
    down = np.clip(np.minimum(low_bits, high_bits), 1, 31)
    found, constants = _multipliers(steps, real, down, lowest)
    return Stairs(start, found, constants, limits, down, lowest, highest)


def _steps(requantization: Requantization, real: np.ndarray) -> Int64:
    """[highest - lowest, channels]: the least accumulator of each element above the lowest."""
    elements = np.arange(requantization.lowest + 1, requantization.highest + 1)[:, None]
    guess = np.floor((elements - requantization.zero_point - 0.5) / real).astype(np.int64)
    # Both roundings together move a step by less than this.
    low, high = guess - 4, guess + 4
    if np.any(requantization.apply(low) >= elements) or np.any(
        requantization.apply(high) < elements
    ):
        raise NotFitting
    while np.any(high - low > 1):
        middle = (low + high) // 2
        reached = requantization.apply(middle) >= elements
        low, high = np.where(reached, low, middle), np.where(reached, middle, high)
    return high


def _multipliers(
    steps: Int64, real: np.ndarray, shifts: Int64, lowest: int
) -> tuple[Int64, Int64]:
    """Multipliers and constants that take all ``steps``, counted from the first one."""
    elements = (np.arange(len(steps))[:, None] + lowest + 1) << _FRACTION
    nearest = np.rint(real * 2.0 ** (_FRACTION + shifts)).astype(np.int64)
    found, constants = np.zeros_like(nearest), np.zeros_like(nearest)
    open_ = np.ones(len(nearest), bool)
    for distance in _TRIED:
        tried = nearest + distance
        # At a step the sum has arrived, one before it has not; the last step is the limit's.
        least = (elements[:-1] - (steps[:-1] * tried >> shifts)).max(axis=0, initial=-(2**62))
        most = (elements[1:] - 1 - ((steps[1:] - 1) * tried >> shifts)).min(axis=0, initial=2**62)
        # A flight of one step has no sum: whatever is below the limit is the lowest element.
        fits = open_ & (least <= most) & (tried < 1 << 32) & (tried >= 0)
        found[fits], constants[fits] = tried[fits], ((least + most) // 2)[fits]
        open_ &= ~fits
    if open_.any():
        raise NotFitting
    return found, constants
