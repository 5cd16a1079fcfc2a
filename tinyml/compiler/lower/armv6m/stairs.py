"""Requantisation as flights of stairs, climbed with 32-bit products.

The kernels' formula stands in firmware/kernels/armv6m/requantize.inc. Here its numbers are chosen,
and proven: both functions rise, so that they are equal where all their steps are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from tinyml.compiler.c_values import Table
from tinyml.compiler.lower.base import NotFitting
from tinyml.graph.fixed_point import Int64
from tinyml.graph.ops.base import Requantization

Reals = npt.NDArray[np.float64]

_FRACTION: Final = 24  # bits of a sum below an element
_SHIFT_PLACE: Final = 26  # of the shift, in the limit's word
# Multipliers next to the nearest one that are tried: where steps lie close to integers, rounding
# it the other way can help.
_TRIED: Final = (0, 1, -1, 2, -2, 3, -3, 4, -4)


@dataclass(frozen=True)
class Flight:
    """Where a function that rises with a >= 0 takes its steps, for several channels."""

    first: int  # value at 0
    steps: Int64  # [values, channels]: the least a of each value from ``first`` on

    @property
    def limit(self) -> Int64:
        """From here on it has its last value."""
        last: Int64 = self.steps[-1]
        return last

    def constants(self, multipliers: Int64, down: Int64) -> tuple[Int64, Int64]:
        """The least and the greatest c for which a sum takes all steps before the limit.

        That is a * multiplier / 2^down + c, of which the value is what lies above _FRACTION.
        """
        values = (np.arange(len(self.steps))[:, None] + self.first) << _FRACTION
        # At a step the sum has arrived; one before it has not.
        arrived = values[:-1] - (self.steps[:-1] * multipliers >> down)
        before = values[1:] - 1 - (np.maximum(self.steps[1:] - 1, 0) * multipliers >> down)
        # A flight that its limit leaves nothing of has no sum.
        nothing = self.limit == 0
        least = np.where(nothing, 0, arrived.max(axis=0, initial=-(2**40)))
        most = np.where(nothing, 0, before.min(axis=0, initial=2**40))
        return least, most


@dataclass(frozen=True)
class Stairs:
    """How accumulators of each channel become elements, one row of each array a channel."""

    start: Int64  # accumulator at which the flight up begins
    words: Int64  # [channels, words]: what load_end of requantize.inc reads
    live: npt.NDArray[np.bool_]  # channels whose element depends on the accumulator
    variant: str  # of the kernel: relu or signed, short or long
    lowest: int
    highest: int

    def lively(
        self, weights: npt.NDArray[np.int8], bias: Int64
    ) -> tuple[npt.NDArray[np.int8], Int64]:
        """``weights`` [channels, taps] and ``bias`` without those that make no difference."""
        return np.where(self.live[:, None], weights, np.int8(0)), np.where(self.live, bias, 0)

    def table(self, bias: Int64) -> Table:
        """The kernel's ``ends``, for what accumulators start with."""
        words = np.concatenate([(bias - self.start)[:, None], self.words], axis=1)
        return Table("ends", words.astype(np.int32))


def stairs(requantization: Requantization, channels: int) -> Stairs:
    """For accumulators below 2^30; raises NotFitting where no 32-bit product tells all steps."""
    lowest, highest = requantization.lowest, requantization.highest
    zero_point = requantization.zero_point
    multipliers = np.broadcast_to(requantization.multipliers, channels)
    shifts = np.broadcast_to(requantization.shifts, channels)
    live = (multipliers > 0) & (lowest < highest)
    # A left shift could wrap an accumulator.
    if zero_point > highest or np.any(shifts[live] > 0):
        raise NotFitting
    signed = zero_point > lowest
    # Where an element is a constant, its accumulator is 0.
    start = np.where(live | signed, 0, 1)
    words = np.zeros((channels, 5 if signed else 3), np.int64)
    words[:, 1] = zero_point << _FRACTION
    words[:, 2] = int(signed) | 1 << _SHIFT_PLACE
    digits = "short"
    if live.any():
        part = replace(requantization, multipliers=multipliers[live], shifts=shifts[live])
        start[live], words[live], digits = (_signed if signed else _relu)(part)
    variant = f"{'signed' if signed else 'relu'}_{digits}"
    return Stairs(start, words, live, variant, lowest, highest)


def _relu(requantization: Requantization) -> tuple[Int64, Int64, str]:
    """Start, words and digits of a flight that begins at the second lowest element."""
    steps = _steps(requantization)
    start = steps[0]
    up = Flight(requantization.lowest + 1, steps - start)
    multipliers, constants, limits, digits = _climbed(requantization, [up])
    return start, np.stack([multipliers, constants[0], limits], axis=1), digits


def _signed(requantization: Requantization) -> tuple[Int64, Int64, str]:
    """Start, words and digits of flights up and down from an accumulator of 0."""
    steps = _steps(requantization)
    zero = np.zeros_like(steps[:1])
    above = requantization.zero_point - requantization.lowest
    up = Flight(requantization.zero_point, np.concatenate([zero, steps[above:]]))
    # Upside down: the least -accumulator at which an element is below the one of a step.
    below = (1 - steps[:above])[::-1]
    down = Flight(-requantization.zero_point, np.concatenate([zero, below]))
    multipliers, constants, limits, digits = _climbed(requantization, [up, down])
    words = [multipliers, constants[0], limits, constants[1], down.limit]
    return zero[0], np.stack(words, axis=1), digits


def _steps(requantization: Requantization) -> Int64:
    """[highest - lowest, channels]: the least accumulator of each element above the lowest."""
    elements = np.arange(requantization.lowest + 1, requantization.highest + 1)[:, None]
    middles = (elements - requantization.zero_point - 0.5) / _real(requantization)
    guess = np.floor(middles).astype(np.int64)
    # Both roundings together move a step by less than this.
    low, high = guess - 4, guess + 4
    reached = [requantization.apply(end) >= elements for end in (low, high)]
    if np.abs(guess).max() >= 1 << 30 or reached[0].any() or not reached[1].all():
        raise NotFitting
    while np.any(high - low > 1):
        middle = (low + high) // 2
        here = requantization.apply(middle) >= elements
        low, high = np.where(here, low, middle), np.where(here, middle, high)
    return high


def _real(requantization: Requantization) -> Reals:
    real: Reals = requantization.multipliers * 2.0 ** (requantization.shifts - 31.0)
    return real


def _climbed(
    requantization: Requantization, flights: list[Flight]
) -> tuple[Int64, list[Int64], Int64, str]:
    """Multipliers, constants of each flight, the word of the first limit, and digits."""
    real = _real(requantization)
    limit = np.max([flight.limit for flight in flights], axis=0)
    if limit.max() >= 1 << _SHIFT_PLACE:
        raise NotFitting
    # As many bits as the low digits' products allow, and the multiplier's own word.
    of_products = 32 - np.ceil(np.log2(limit + 1.0)).astype(np.int64)
    of_word = np.floor(32 - _FRACTION - np.log2(real * 1.0001)).astype(np.int64)
    for low_digits, digits in ((1, "short"), (2, "long")):
        shifts = np.clip(np.minimum(of_products, of_word // low_digits), 1, 31)
        found = _multipliers(flights, real, low_digits * shifts)
        if found is not None:
            limits = flights[0].limit | shifts << _SHIFT_PLACE
            return *found, limits, digits
    raise NotFitting


def _multipliers(
    flights: list[Flight], real: Reals, down: Int64
) -> tuple[Int64, list[Int64]] | None:
    """Multipliers, and constants of each flight, that take all steps; None where some do not."""
    nearest = np.rint(real * 2.0 ** (_FRACTION + down)).astype(np.int64)
    found = np.zeros_like(nearest)
    constants = [np.zeros_like(nearest) for _ in flights]
    missing = np.ones(len(nearest), bool)
    for distance in _TRIED:
        tried = nearest + distance
        fits = missing & (tried < 1 << 32) & (tried >= 0)
        ranges = [flight.constants(tried, down) for flight in flights]
        for least, most in ranges:
            fits &= least <= most
        found[fits] = tried[fits]
        for constant, (least, most) in zip(constants, ranges, strict=True):
            constant[fits] = ((least + most) // 2)[fits]
        missing &= ~fits
    return None if missing.any() else (found, constants)
