"""Ways in which a split can leak: what would let a model be tested by what it has seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from tinyml.data.dataset import Part


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
