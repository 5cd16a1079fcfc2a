"""Figures of merit, in NumPy alone: the same for the float model, the int8 model and a baseline."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from tinyml.documents import Fields

Array = npt.NDArray[Any]
Values = dict[str, float]

RESAMPLES: Final = 1000
CONFIDENCE: Final = 0.95
# Neighbours in time are alike, so the bootstrap draws stretches of a recording, not samples; so
# many stretches at least, where the recordings are long enough.
BLOCKS: Final = 200
_SEED: Final = 20261124


def main_metric(task: str) -> str:
    """The one figure that models of a task are compared by, and that a search improves."""
    return "rmse" if task == "regression" else "f1"


@dataclass(frozen=True)
class Evaluation:
    """How well one way of predicting does over ``samples`` test samples.

    ``values`` has ``accuracy``, ``balanced_accuracy`` and ``f1`` as fractions (the mean over the
    classes; of an anomaly detector that of the anomalies) and ``roc_auc`` where scores are known,
    or ``rmse`` and ``mae`` in the target's unit and ``r2``. ``confidence`` has the 95 % interval of
    some of them, from a bootstrap. ``confusion[true][predicted]`` counts samples, and ``recall``
    has one fraction a label; both are empty for a regression. ``groups`` has the values of each
    machine, site or file of the test data by itself.
    """

    samples: int
    values: Values
    confusion: tuple[tuple[int, ...], ...] = ()
    recall: Values = field(default_factory=dict)
    groups: dict[str, Values] = field(default_factory=dict)
    confidence: dict[str, tuple[float, float]] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """As JSON takes it, each of ``values`` under its own name; :meth:`read` undoes it."""
        return {
            "samples": self.samples,
            **self.values,
            "confidence": {name: list(limits) for name, limits in self.confidence.items()},
            "recall": dict(self.recall),
            "confusion": [list(row) for row in self.confusion],
            "groups": {group: dict(values) for group, values in self.groups.items()},
        }

    @classmethod
    def read(cls, fields: Fields) -> Evaluation:
        """Build from what :meth:`to_dict` made; the error of ``fields`` where it is damaged."""
        recall, groups = fields.inner("recall"), fields.inner("groups")
        confidence = fields.inner("confidence")
        return cls(
            samples=fields.whole("samples"),
            confusion=fields.matrix("confusion"),
            recall=recall.all_reals(),
            groups={group: groups.inner(group).all_reals() for group in groups.unread()},
            confidence={name: _interval(confidence, name) for name in confidence.unread()},
            values=fields.all_reals(),
        )


def _interval(fields: Fields, name: str) -> tuple[float, float]:
    limits = fields.row(name, ("low", "high"))
    return limits.real("low"), limits.real("high")


def classification(
    targets: Array,
    predicted: Array,
    labels: Sequence[str],
    groups: Array,
    *,
    recordings: Array | None = None,
    scores: Array | None = None,
    anomaly: bool = False,
) -> Evaluation:
    """Figures of class indices ``predicted`` against ``targets``, all ``[n]``.

    Args:
        targets: true class indices.
        predicted: class indices.
        labels: names of the classes.
        groups: what figures are also given by.
        recordings: where each sample is from, in the order of time; ``groups`` where absent.
        scores: one a class ``[n][classes]``, or of an anomaly ``[n]``, for ``roc_auc``.
        anomaly: whether ``f1`` is that of class 1 alone.
    """
    classes = len(labels)

    def values_of(confusions: Array) -> Values:
        return _class_values(confusions, anomaly=anomaly)

    one_hot = confusions_of(targets, predicted, classes)
    confusion = one_hot.sum(axis=0)
    values = values_of(confusion)
    if scores is not None:
        values["roc_auc"] = roc_auc(targets, scores, classes)
    return Evaluation(
        samples=len(targets),
        values=values,
        confusion=tuple(tuple(int(count) for count in row) for row in confusion),
        recall=recalls(confusion, labels),
        groups=_by_group(one_hot, groups, values_of),
        confidence=_intervals(one_hot, groups if recordings is None else recordings, values_of),
    )


def regression(
    targets: Array, predicted: Array, groups: Array, *, recordings: Array | None = None
) -> Evaluation:
    """Figures of values ``predicted`` against ``targets`` in their unit, all ``[n]``."""
    errors = predicted - targets
    # Sums of these are all that the figures need; centred, so that r2 loses no digits.
    centred = targets - targets.mean()
    moments = np.stack(
        [np.ones(len(targets)), errors**2, np.abs(errors), centred, centred**2], axis=-1
    )
    return Evaluation(
        samples=len(targets),
        values=_value_errors(moments.sum(axis=0)),
        groups=_by_group(moments, groups, _value_errors),
        confidence=_intervals(moments, groups if recordings is None else recordings, _value_errors),
    )


def confusions_of(targets: Array, predicted: Array, classes: int) -> npt.NDArray[np.int64]:
    """One sample each in ``[n][true][predicted]``; their sum is the confusion matrix."""
    found = np.zeros((len(targets), classes, classes), np.int64)
    found[np.arange(len(targets)), targets.astype(np.int64), predicted.astype(np.int64)] = 1
    return found


def recalls(confusion: npt.ArrayLike, labels: Sequence[str]) -> Values:
    """The share of each class's samples that was found; without the classes that have none."""
    counts = np.asarray(confusion)
    true = counts.sum(axis=1)
    return {label: float(counts[i, i] / true[i]) for i, label in enumerate(labels) if true[i]}


def roc_auc(targets: Array, scores: Array, classes: int) -> float:
    """Area under the ROC curve; over several classes the mean of each against the rest.

    By ranks (Mann and Whitney 1947), ties counting half. 0.5 where only one class is there.
    """
    columns = [(scores, 1)] if scores.ndim == 1 else [(scores[:, i], i) for i in range(classes)]
    areas = []
    for score, index in columns:
        positive = targets == index
        count = int(positive.sum())
        if 0 < count < len(targets):
            _, inverse, ties = np.unique(score, return_inverse=True, return_counts=True)
            ranks = (np.cumsum(ties) - (ties - 1) / 2)[inverse]
            above = ranks[positive].sum() - count * (count + 1) / 2
            areas.append(float(above / (count * (len(targets) - count))))
    return float(np.mean(areas)) if areas else 0.5


def f1(hits: Array, true: Array, found: Array) -> npt.NDArray[np.float64]:
    """2 hits / (true + found): of those that are of a class ``true`` and those ``found`` to be, the
    ``hits`` are both; 0 where there are none of either. All of one shape, or numbers."""
    both = np.asarray(true + found)
    result: npt.NDArray[np.float64] = np.divide(
        2 * hits, both, out=np.zeros(both.shape), where=both > 0
    )
    return result


def _class_values(confusion: Array, *, anomaly: bool) -> Values:
    hits = np.diag(confusion)
    true, found = confusion.sum(axis=1), confusion.sum(axis=0)
    # A class that neither occurs nor is predicted says nothing, and must not count as a failure.
    seen = true + found > 0
    each = f1(hits, true, found)
    recalls = hits[true > 0] / true[true > 0]
    return {
        "accuracy": float(hits.sum() / confusion.sum()),
        "balanced_accuracy": float(recalls.mean()),
        "f1": float(each[1] if anomaly else each[seen].mean()),
    }


def _value_errors(moments: Array) -> Values:
    count, squares, absolute, total, total_squares = moments
    spread = total_squares - total**2 / count
    return {
        "rmse": float(np.sqrt(squares / count)),
        "mae": float(absolute / count),
        "r2": 1 - float(squares / spread) if spread > 0 else 0.0,
    }


def _by_group(
    statistics: Array, groups: Array, values_of: Callable[[Array], Values]
) -> dict[str, Values]:
    return {
        str(group): values_of(statistics[groups == group].sum(axis=0))
        for group in np.unique(groups)
    }


def _intervals(
    statistics: Array, recordings: Array, values_of: Callable[[Array], Values]
) -> dict[str, tuple[float, float]]:
    """The middle 95 % of each figure over resampled blocks (Kuensch 1989, without overlap)."""
    sums = _block_sums(statistics, recordings)
    if len(sums) < 2:
        return {}
    rng = np.random.default_rng(_SEED)
    drawn = [
        values_of(sums[rng.integers(len(sums), size=len(sums))].sum(axis=0))
        for _ in range(RESAMPLES)
    ]
    tail = 100 * (1 - CONFIDENCE) / 2
    intervals = {}
    for name in drawn[0]:
        low, high = np.percentile([values[name] for values in drawn], [tail, 100 - tail])
        intervals[name] = (float(low), float(high))
    return intervals


def _block_sums(statistics: Array, recordings: Array) -> Array:
    """Sums over stretches of one recording, ``[blocks][...]``."""
    length = max(len(statistics) // BLOCKS, 1)
    starts: list[int] = []
    edges = np.flatnonzero(recordings[1:] != recordings[:-1]) + 1
    for first, end in zip([0, *edges], [*edges, len(statistics)], strict=True):
        starts.extend(range(int(first), int(end), length))
    found: Array = np.add.reduceat(statistics, starts, axis=0)
    return found
