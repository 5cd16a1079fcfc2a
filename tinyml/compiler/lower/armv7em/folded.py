"""Requantisation in two instructions: one product, one saturating shift by a constant.

TFLite Micro rounds twice and adds a zero point. As a function of the accumulator that is a flight
of at most 255 steps. With a bias B that carries rounding and zero point, the kernels compute

    element = saturate((256 * accumulator + B) * m >> 32 >> S)

which is a flight, too, whose steps lie evenly. For every channel a multiplier m and a bias B are
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
_Float = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Folded:
    """What the kernels multiply with, one element a channel."""

    multipliers: Int64
    biases: Int64  # B, to which 256 times the accumulator is added
    shift: int  # S


@dataclass(frozen=True)
class _Steps:
    """[elements, channels]: which accumulators an element needs, where it is not the lowest."""

    elements: Int64  # [elements, 1]
    enough: Int64  # an accumulator that must reach the element
    reached: npt.NDArray[np.bool_]  # whether there is one
    short: Int64  # an accumulator that must not reach it
    missed: npt.NDArray[np.bool_]  # whether there is one


def fold(requantization: Requantization, lowest: Int64, highest: Int64) -> Folded | None:
    """Multipliers and biases for accumulators from ``lowest`` to ``highest``, both [channels].

    Channels with one multiplier keep one. None where no constants make every step right.
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
        if fold(some, lowest[:_SOME], highest[:_SOME]) is None:
            return None
    steps = _steps(requantization, lowest, highest)
    reals = requantization.multipliers * 2.0 ** (requantization.shifts - 31)
    reals = np.where(reals == 0, max(reals.max(), 2.0**-20), reals)
    uniform = bool(np.all(reals == reals[0]))
    distances = _best_distances(steps, _STEP / reals, uniform=uniform)
    for shift in SHIFTS:
        multipliers = np.round(2.0 ** (32 + shift) / distances).astype(np.int64)
        if multipliers.max() < 2**31 - len(_TRIED):
            found = _exact(steps, multipliers, shift, uniform=uniform)
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
    return _Steps(elements, high, high <= highest, low, low >= lowest)


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
    least = np.where(steps.reached, even - _STEP * steps.enough, -np.inf).max(axis=0, initial=-1e18)
    most = np.where(steps.missed, even - _STEP * steps.short, np.inf).min(axis=0, initial=1e18)
    found: _Float = least - most
    return found.max(keepdims=True) if uniform else found


def _exact(steps: _Steps, near: Int64, shift: int, *, uniform: bool) -> Folded | None:
    """The same in integers, with the first multipliers around ``near`` that fit."""
    channels = steps.enough.shape[1]
    near = np.broadcast_to(near, channels)
    multipliers, biases = np.zeros(channels, np.int64), np.zeros(channels, np.int64)
    open_channels = np.ones(channels, np.bool_)
    for offset in _TRIED:
        tried = np.maximum(near + offset, 1)
        even = -(-(steps.elements << (32 + shift)) // tried)
        least = np.where(steps.reached, even - _STEP * steps.enough, -(2**40)).max(
            axis=0, initial=-(2**40)
        )
        most = np.where(steps.missed, even - _STEP * steps.short - 1, 2**40).min(
            axis=0, initial=2**40
        )
        fits = least <= most
        if uniform and not fits.all():
            continue
        taken = open_channels & fits
        # One of both may be open; where both are, it is a bias of 0.
        bias = np.where(most == 2**40, np.where(least == -(2**40), 0, least), most)
        multipliers, biases = np.where(taken, tried, multipliers), np.where(taken, bias, biases)
        open_channels &= ~fits
        if not open_channels.any():
            return Folded(multipliers, biases, shift)
    return None


def _fits(folded: Folded, lowest: Int64, highest: Int64) -> bool:
    """Whether every accumulator with its bias fits 32 bits."""
    least = _STEP * lowest + folded.biases
    most = _STEP * highest + folded.biases
    return bool(least.min() >= -(2**31) and most.max() < 2**31)
