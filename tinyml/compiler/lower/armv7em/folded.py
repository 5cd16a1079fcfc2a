"""Requantisation in two instructions: one product, one saturating shift by a constant.

TFLite Micro rounds twice and adds a zero point. As a function of the accumulator that is a flight
of at most 255 steps. With a bias B that carries rounding and zero point, the kernels compute

    element = saturate((256 * accumulator + B) * m >> 32 >> S)

which is a flight, too, whose steps lie evenly. (Where outputs of both signs count, TFLite's second
rounding makes the steps below zero begin a bit later; so negative accumulators are lessened first,
as requantize.inc says.) For every channel a multiplier m and a bias B are
searched with which all steps lie where they should, for every accumulator that can occur; S is the
same for a whole layer, for only constants can be shifted by in the instruction that saturates.

How far the steps of a channel are from even ones is a convex function of their distance, 2^(32+S)
/ m, so that a ternary search finds the best.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from tinyml.graph.fixed_point import Int64
from tinyml.graph.ops.base import Requantization

# Shifts that the kernels come in, the first one that fits is taken. Large ones keep more bits of
# small multipliers, small ones have room for large ones.
SHIFTS: Final = (12, 16, 8)
_STEP: Final = 256  # of an accumulator
_NEARBY: Final = 2e-3  # of the multiplier's reciprocal, relative: where the search looks
_TURNS: Final = 48
_SOME: Final = 8  # channels: where they do not fit, the others are not tried
_TRIED: Final = (0, 1, -1, 2, -2, 3, -3)  # around the best multiplier
_TRIED_LESS: Final = (0, 2, -2, 6, -6, 1, -1, 4, -4, 9, -9, 13, -13, 18, -18, 25, -25)  # around it
_OPEN: Final = 2**40  # a bias that nothing bounds
_Float = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Folded:
    """What the kernels multiply with, one element a channel."""

    multipliers: Int64
    biases: Int64  # B, to which 256 times the accumulator is added
    shift: int  # S
    less: Int64  # k, by which negative accumulators are less; 0 where signs make no difference
    addend: int  # to the product's high word


@dataclass(frozen=True)
class _Constants:
    """What all channels have in common."""

    shift: int
    addend: int  # not 0 where negative accumulators are lessened


@dataclass(frozen=True)
class _Steps:
    """[elements, channels]: which accumulators an element needs, where it is not the lowest."""

    elements: Int64  # [elements, 1]
    enough: Int64  # 256 times an accumulator that must reach the element
    reached: npt.NDArray[np.bool_]  # whether there is one
    short: Int64  # 256 times an accumulator that must not reach it
    missed: npt.NDArray[np.bool_]  # whether there is one

    def of(self, channels: Int64) -> _Steps:
        """Those of some channels."""
        return _Steps(
            self.elements,
            self.enough[:, channels],
            self.reached[:, channels],
            self.short[:, channels],
            self.missed[:, channels],
        )

    def lessened(self, less: Int64) -> _Steps:
        """With negative accumulators times 256 less by so much."""
        enough = self.enough - np.where(self.enough < 0, less, 0)
        short = self.short - np.where(self.short < 0, less, 0)
        return replace(self, enough=enough, short=short)


def fold(
    requantization: Requantization, lowest: Int64, highest: Int64, *, signed: bool = False
) -> Folded | None:
    """Multipliers and biases for accumulators from ``lowest`` to ``highest``, both [channels].

    With ``signed``, negative accumulators are lessened. Channels with one multiplier keep one. None
    where no constants make every step right.
    """
    channels = len(lowest)
    requantization = _spread(requantization, channels)
    farthest = np.maximum(np.abs(lowest), np.abs(highest))
    if np.any(farthest << np.maximum(requantization.shifts, 0) >= 2**31):
        return None  # TFLite Micro's accumulators wrap: no flight
    if channels > _SOME:
        some = replace(
            requantization,
            multipliers=requantization.multipliers[:_SOME],
            shifts=requantization.shifts[:_SOME],
        )
        if fold(some, lowest[:_SOME], highest[:_SOME], signed=signed) is None:
            return None
    steps = _steps(requantization, lowest, highest)
    reals = requantization.multipliers * 2.0 ** (requantization.shifts - 31)
    reals = np.where(reals == 0, max(reals.max(), 2.0**-20), reals)
    near = _less(requantization) if signed else np.zeros(channels, np.int64)
    for shift in SHIFTS:
        addend = (requantization.zero_point << shift) + (1 << (shift - 1)) if signed else 0
        found = _search(steps, _STEP / reals, _Constants(shift, addend), near)
        if found is not None and _fits(found, lowest, highest):
            return found
    return None


def _spread(requantization: Requantization, channels: int) -> Requantization:
    """With a multiplier and a shift for every channel."""
    return replace(
        requantization,
        multipliers=np.broadcast_to(requantization.multipliers, channels),
        shifts=np.broadcast_to(requantization.shifts, channels),
    )


def _less(requantization: Requantization) -> Int64:
    """What a step of the first rounding is of 256 times an accumulator: halves are one less."""
    rounds_twice = (requantization.multipliers > 0) & (requantization.shifts < 0)
    multipliers = np.maximum(requantization.multipliers, 1)
    return np.where(rounds_twice, ((_STEP << 31) + multipliers // 2) // multipliers, 0)


def _search(steps: _Steps, distances: _Float, constants: _Constants, near: Int64) -> Folded | None:
    """With the first k around ``near`` for which there is a multiplier and a bias.

    ``distances`` are those of the steps, nearly.
    """
    channels = len(near)
    uniform = bool(np.all(distances == distances[0]))
    chosen = np.zeros((3, channels), np.int64)  # multipliers, biases, less
    left = np.arange(channels)
    for more in _TRIED_LESS if constants.addend else (0,):
        less = np.maximum(near[left] + more, 0)
        lessened = steps.of(left).lessened(less)
        best = _best_distances(lessened, distances[left], uniform=uniform)
        multipliers = np.round(2.0 ** (32 + constants.shift) / best).astype(np.int64)
        if multipliers.max() >= 2**31 - len(_TRIED):
            return None
        found, biases, fits = _exact(lessened, multipliers, constants, uniform=uniform)
        taken = np.full(len(left), fits.all()) if uniform else fits
        chosen[:, left[taken]] = np.stack([found, biases, less])[:, taken]
        left = left[~taken]
        if not len(left):
            return Folded(chosen[0], chosen[1], constants.shift, chosen[2], constants.addend)
    return None


def _steps(requantization: Requantization, lowest: Int64, highest: Int64) -> _Steps:
    """Where the flight's steps are, by bisection."""
    span = np.arange(requantization.lowest + 1, requantization.highest + 1, dtype=np.int64)
    elements = span[:, np.newaxis]
    shape = (len(span), len(lowest))
    # Below `low` an element is not reached, at `high` it is; one beyond the ends stands for none.
    low = np.broadcast_to(lowest - 1, shape)
    high = np.broadcast_to(highest + 1, shape)
    whole = replace(requantization, lowest=-(2**40), highest=2**40)
    while np.any(high - low > 1):
        middle = (low + high) >> 1
        enough = whole.apply(middle) >= elements
        high, low = np.where(enough, middle, high), np.where(enough, low, middle)
    return _Steps(elements, _STEP * high, high <= highest, _STEP * low, low >= lowest)


def _best_distances(steps: _Steps, near: _Float, *, uniform: bool) -> _Float:
    """The distances of even steps that come closest, [channels] or [1]."""
    low, high = near * (1 - _NEARBY), near * (1 + _NEARBY)
    for _ in range(_TURNS):
        third = (high - low) / 3
        left = _unevenness(steps, low + third, uniform=uniform)
        right = _unevenness(steps, high - third, uniform=uniform)
        better = left < right
        low, high = np.where(better, low, low + third), np.where(better, high - third, high)
    return (low + high) / 2


def _unevenness(steps: _Steps, distance: _Float, *, uniform: bool) -> _Float:
    """How much the smallest bias that fits exceeds the largest one."""
    even = steps.elements * distance
    least = np.where(steps.reached, even - steps.enough, -np.inf).max(axis=0, initial=-1e18)
    most = np.where(steps.missed, even - steps.short, np.inf).min(axis=0, initial=1e18)
    found: _Float = least - most
    return found.max(keepdims=True) if uniform else found


def _exact(
    steps: _Steps, near: Int64, constants: _Constants, *, uniform: bool
) -> tuple[Int64, Int64, npt.NDArray[np.bool_]]:
    """The same in integers: the first multipliers around ``near`` that fit, and their biases.

    And which channels have some.
    """
    channels = steps.enough.shape[1]
    # The sign of an accumulator, which is seen with its bias, must stay.
    lowest, highest = (0, _STEP - 1) if constants.addend else (-_OPEN, _OPEN)
    levels = (steps.elements << constants.shift) - constants.addend
    multipliers, biases = np.zeros(channels, np.int64), np.zeros(channels, np.int64)
    fitting = np.zeros(channels, np.bool_)
    for offset in _TRIED:
        tried = np.maximum(np.broadcast_to(near, channels) + offset, 1)
        even = -(-(levels << 32) // tried)
        least = np.where(steps.reached, even - steps.enough, lowest).max(axis=0, initial=lowest)
        most = np.where(steps.missed, even - steps.short - 1, highest)
        most = most.min(axis=0, initial=highest)
        fits = least <= most
        if uniform and not fits.all():
            continue
        taken = fits & ~fitting
        # One of both may be open; where both are, it is a bias of 0.
        bias = np.where(most == _OPEN, np.where(least == -_OPEN, 0, least), most)
        multipliers, biases = np.where(taken, tried, multipliers), np.where(taken, bias, biases)
        fitting |= fits
        if fitting.all():
            break
    return multipliers, biases, fitting


def _fits(folded: Folded, lowest: Int64, highest: Int64) -> bool:
    """Whether every accumulator with its bias fits 32 bits."""
    least = _STEP * lowest + folded.biases - folded.less
    most = _STEP * highest + folded.biases
    return bool(least.min() >= -(2**31) and most.max() < 2**31)
