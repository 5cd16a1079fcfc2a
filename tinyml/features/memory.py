"""Windows of sound are measured once, however many folds, seeds and figures they are in."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable
from typing import Final

import numpy as np
import numpy.typing as npt

from tinyml.features.arrays import Int64, Samples

_LONGEST_BYTES: Final = 1 << 27  # of what is remembered

_remembered: dict[Hashable, npt.NDArray[np.int32]] = {}


def measured_once(
    settings: Hashable, samples: Samples, measure: Callable[[Samples], Int64]
) -> Int64:
    """What ``measure`` finds, ``[n][features]``, asked only for windows that are new.

    ``settings`` tell apart what is measured. Features must fit 32 bits.
    """
    keys = [(settings, hashlib.sha256(w.tobytes()).digest()) for w in samples]
    new = {key: index for index, key in enumerate(keys) if key not in _remembered}
    found: dict[Hashable, npt.NDArray[np.int32]] = {}
    if new:
        features = measure(samples[list(new.values())]).astype(np.int32)
        found = dict(zip(new, features, strict=True))
    rows = [found[key] if key in found else _remembered[key] for key in keys]
    for key, row in found.items():
        _remember(key, row)
    return np.array(rows, np.int64)


def _remember(key: Hashable, row: npt.NDArray[np.int32]) -> None:
    """The oldest goes where there is no room."""
    while _remembered and (len(_remembered) + 1) * row.nbytes > _LONGEST_BYTES:
        del _remembered[next(iter(_remembered))]
    _remembered[key] = row
