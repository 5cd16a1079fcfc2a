"""A random forest teaches the network what it makes of windows that nobody measured.

Small tables are where forests do better than small networks: a network bends to single rows, a
forest averages. But a forest is far too large for a microcontroller. So it answers windows made up
between neighbouring real ones, many more than there are, and the network learns its answers.
C. Bucila, R. Caruana, A. Niculescu-Mizil: "Model compression", KDD 2006.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from tinyml.data import Part
from tinyml.features import FrontEnd
from tinyml.features.arrays import Samples
from tinyml.judge.classical import class_shares, forests
from tinyml.progress import Progress
from tinyml.project import Teacher

Array = npt.NDArray[Any]

_FEATURES: Final = 0.5  # that a branch chooses from, so that trees differ
_MOVED: Final = 0.5  # of a window's channels go towards its neighbour


def taught(
    teacher: Teacher,
    part: Part,
    measured: Array,
    front_end: FrontEnd,
    classes: int,
    weights: Array | None,
    seed: int,
    report: Progress,
) -> tuple[Array, Array]:
    """Features of made-up windows and what a forest, fitted to ``part``, answers.

    Each is a real window, of which some channels went part of the way to one of its nearest
    neighbours'. Those of a large weight are drawn more often.

    Args:
        teacher: how large the forest is, how many windows are made up, and how near.
        part: real windows and targets.
        measured: the features of these windows, ``[n][features]``, which the forest sees.
        front_end: what measures those of made-up ones.
        classes: how many; 0 for values.
        weights: of each window, ``[n]``; None: all alike.
        seed: of forest and draws.
        report: told "teach" and how many times ``part`` has been drawn, of how many.

    Returns:
        Features as the front end measures them ``[copies * n][features]``, and probabilities of the
        classes ``[copies * n][classes]`` or values ``[copies * n]``.
    """
    report("teach", 0, teacher.copies)
    rng = np.random.default_rng(seed)
    features = measured.astype(np.float64)
    forest = _forest(teacher, classes, seed).fit(features, part.targets, sample_weight=weights)
    neighbours = _neighbours(features, min(teacher.neighbours, len(part) - 1))
    chances = None if weights is None else weights / weights.sum()
    drawn = []
    for copy in range(1, teacher.copies + 1):
        chosen = rng.choice(len(part), len(part), p=chances)
        towards = rng.choice(neighbours.shape[1], len(part))
        windows = _between(part.windows[chosen], part.windows[neighbours[chosen, towards]], rng)
        made_up = front_end.measure(windows)
        drawn.append((made_up, _answers(forest, made_up, classes)))
        report("teach", copy, teacher.copies)
    found, answers = zip(*drawn, strict=True)
    return np.concatenate(found), np.concatenate(answers)


def _forest(teacher: Teacher, classes: int, seed: int) -> Any:
    kinds = forests()
    kind = kinds.RandomForestClassifier if classes else kinds.RandomForestRegressor
    return kind(teacher.trees, max_features=_FEATURES, random_state=seed)


def _neighbours(features: Array, count: int) -> Array:
    """Indices of the nearest others of each window, ``[n][count]``, in deviations of features."""
    from sklearn.neighbors import NearestNeighbors

    scaled = features / np.maximum(features.std(axis=0), 1e-9)
    nearest = NearestNeighbors(n_neighbors=count + 1).fit(scaled)
    found: Array = nearest.kneighbors(scaled, return_distance=False)[:, 1:]
    return found


def _between(windows: Samples, others: Samples, rng: np.random.Generator) -> Samples:
    """Each channel stays, or goes a random part of the way to that of the other window."""
    shape = (len(windows), 1, windows.shape[2])
    way = rng.uniform(size=shape) * (rng.uniform(size=shape) < _MOVED)
    mixed: Samples = np.round(windows + way * (others.astype(np.float64) - windows)).astype(
        np.int16
    )
    return mixed


def _answers(forest: Any, features: Array, classes: int) -> Array:
    """Values ``[n]``, or each class's probability ``[n][classes]``."""
    if classes:
        return class_shares(forest, features, classes).astype(np.float32)
    values: Array = forest.predict(features)
    return values
