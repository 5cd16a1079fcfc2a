"""Patterns in a rearrangement: an array of places becomes few boxes of regular copies.

A box is a block of the output whose places grow by a constant along every dimension. A block that
is none is cut along the dimension that falls into the fewest regular runs, again and again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from tinyml.graph.ops.rearrange import Places

_FAR = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Box:
    """A regular pattern of copies, in elements; dimensions outermost first."""

    source: int
    target: int
    run: int
    sizes: tuple[int, ...]
    source_strides: tuple[int, ...]
    target_strides: tuple[int, ...]


def find_boxes(places: Places, most: int) -> list[Box] | None:
    """Boxes that copy every place that is not negative; None where more than ``most``."""
    strides = np.cumprod([1, *places.shape[:0:-1]])[::-1]
    found: list[Box] = []
    for box in _boxes(places, 0, tuple(int(stride) for stride in strides)):
        found.append(box)
        if len(found) > most:
            return None
    return found


def _boxes(places: Places, target: int, strides: tuple[int, ...]) -> Iterator[Box]:
    inside = places >= 0
    if not inside.any():
        return
    cuts = {axis: _cuts(places, inside, axis) for axis in range(places.ndim)}
    broken = {axis: found for axis, found in cuts.items() if len(found) > 2}
    if not broken:
        yield _box(places, target, strides)
        return
    axis = min(broken, key=lambda candidate: len(broken[candidate]))
    edges = broken[axis]
    for start, end in pairwise(edges):
        block = np.take(places, range(start, end), axis)
        yield from _boxes(block, target + start * strides[axis], strides)


def _cuts(places: Places, inside: npt.NDArray[np.bool_], axis: int) -> list[int]:
    """Where runs along an axis begin and end: 0, ..., size."""
    size = places.shape[axis]
    slices = np.moveaxis(places, axis, 0).reshape(size, -1)
    there = np.moveaxis(inside, axis, 0).reshape(size, -1)
    # Of each slice but the first: whether it continues the one before, and by which step.
    steps = np.diff(slices, axis=0)
    low = steps.min(axis=1, where=there[1:], initial=_FAR)
    high = steps.max(axis=1, where=there[1:], initial=-_FAR)
    regular = (there[1:] == there[:-1]).all(axis=1) & ((low == high) | ~there[1:].any(axis=1))
    changes = ~regular
    changes[1:] |= low[1:] != low[:-1]
    edges = [0]
    for i in np.flatnonzero(changes):
        # A run of one slice may take any step; after that the step is fixed.
        if not regular[i] or i > edges[-1]:
            edges.append(int(i) + 1)
    return [*edges, size]


def _box(places: Places, target: int, strides: tuple[int, ...]) -> Box:
    first = int(places.flat[0])
    dims: list[tuple[int, int, int]] = []
    for axis, size in enumerate(places.shape):
        if size > 1:
            step = int(np.take(places, 1, axis).flat[0]) - first
            dims.append((size, step, strides[axis]))
    run = 1
    while dims and dims[-1][1] == run and dims[-1][2] == run:
        run *= dims.pop()[0]
    # Neighbours that continue each other are one dimension.
    merged: list[tuple[int, int, int]] = []
    for size, step, stride in dims:
        if merged and merged[-1][1] == size * step and merged[-1][2] == size * stride:
            merged[-1] = (merged[-1][0] * size, step, stride)
        else:
            merged.append((size, step, stride))
    sizes, steps, targets = zip(*merged, strict=True) if merged else ((), (), ())
    return Box(first, target, run, sizes, steps, targets)
