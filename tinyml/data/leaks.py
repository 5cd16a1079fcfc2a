"""Ways in which a split can leak: what would let a model be tested by what it has seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from tinyml.data.dataset import Part, Series

# So many consecutive rows that are the same in two parts are a copy, if they change often enough:
# a sensor that stands still repeats itself.
_COPIED_ROWS: Final = 16
_FEWEST_CHANGES: Final = 8


def touching(parts: Mapping[str, Part]) -> list[str]:
    """Recordings in which two parts touch, in words.

    The hull of a part in a recording counts, not only its windows: neighbours in time are alike.
    """
    found = []
    for (name, part), (other_name, other) in combinations(parts.items(), 2):
        for recording in np.intersect1d(part.recordings, other.recordings):
            ours = part.spans[part.recordings == recording]
            theirs = other.spans[other.recordings == recording]
            if ours.min() <= theirs.max() and theirs.min() <= ours.max():
                found.append(f"the {name} and {other_name} parts overlap in '{recording}'")
    return found


def shared(members: Mapping[str, Sequence[str]], what: str) -> list[str]:
    """Sessions or groups (``what``) that are in two of the parts, which name their ``members``."""
    return [
        f"{what} '{name}' is in both the {part} and the {other} part"
        for (part, ours), (other, theirs) in combinations(members.items(), 2)
        for name in sorted(set(ours) & set(theirs))
    ]


def copies(pieces: Mapping[str, Sequence[Series]]) -> list[str]:
    """Stretches of one part whose samples stand in another part, too, in words."""
    marks = {
        part: [(one, _marks(one.samples)) for one in series] for part, series in pieces.items()
    }
    found = []
    for (part, ours), (other, theirs) in combinations(marks.items(), 2):
        elsewhere = np.unique(np.concatenate([m for _, m in theirs])) if theirs else np.zeros(0)
        for one, own in ours:
            same = own[np.isin(own, elsewhere)]
            if len(same):
                twin = next(o.recording for o, m in theirs if np.isin(same[0], m))
                found.append(f"rows of '{one.recording}' ({part}) are also in '{twin}' ({other})")
    return found


def _marks(samples: npt.NDArray[np.int16]) -> npt.NDArray[np.uint64]:
    """A number for each stretch of rows that moves, equal where all of its samples are."""
    count = len(samples) - _COPIED_ROWS + 1
    if count < 1:
        return np.zeros(0, np.uint64)
    rng = np.random.default_rng(1)
    factors = rng.integers(1, 2**63, samples.shape[1], np.uint64) | np.uint64(1)
    rows = (samples.astype(np.int64).view(np.uint64) * factors).sum(axis=1, dtype=np.uint64)
    marks = np.zeros(count, np.uint64)
    for offset, factor in enumerate(rng.integers(1, 2**63, _COPIED_ROWS, np.uint64)):
        marks += rows[offset : offset + count] * (factor | np.uint64(1))
    steps = np.concatenate([[0], np.cumsum(rows[1:] != rows[:-1])])
    changes = steps[_COPIED_ROWS - 1 :] - steps[:count]
    moving: npt.NDArray[np.uint64] = marks[changes >= _FEWEST_CHANGES]
    return moving
