"""Figures of merit, in NumPy alone: the same for the float model, the int8 model and a baseline."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Evaluation:
    """How well one way of predicting does over ``samples`` test samples.

    ``values`` has ``accuracy``, ``balanced_accuracy`` and ``macro_f1`` as fractions, or ``rmse``
    and ``mae`` in the target's unit and ``r2``. ``confusion[true][predicted]`` counts samples, and
    ``recall`` has one fraction a label; both are empty for a regression. ``groups`` has the values
    of each machine, site or file of the test data by itself.
    """

    samples: int
    values: dict[str, float]
    confusion: tuple[tuple[int, ...], ...] = ()
    recall: dict[str, float] = field(default_factory=dict)
    groups: dict[str, dict[str, float]] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """As JSON takes it; the inverse of :meth:`from_dict`."""
        return {**asdict(self), "confusion": [list(row) for row in self.confusion]}

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Evaluation:
        """Build from what :meth:`to_dict` made; KeyError, TypeError or ValueError otherwise."""
        return cls(
            samples=int(value["samples"]),
            values={str(name): float(number) for name, number in value["values"].items()},
            confusion=tuple(tuple(int(count) for count in row) for row in value["confusion"]),
            recall={str(name): float(number) for name, number in value["recall"].items()},
            groups={
                str(group): {str(name): float(number) for name, number in values.items()}
                for group, values in value["groups"].items()
            },
        )


def classification(
    targets: Array, predicted: Array, labels: Sequence[str], groups: Array
) -> Evaluation:
    """Figures of class indices ``predicted`` against ``targets``, all ``[n]``."""
    confusion = confusion_matrix(targets, predicted, len(labels))
    present = confusion.sum(axis=1) > 0
    recalls = np.diag(confusion) / np.maximum(confusion.sum(axis=1), 1)

    def values(true: Array, found: Array) -> dict[str, float]:
        return _class_values(confusion_matrix(true, found, len(labels)))

    return Evaluation(
        samples=len(targets),
        values=_class_values(confusion),
        confusion=tuple(tuple(int(count) for count in row) for row in confusion),
        recall={label: float(recalls[i]) for i, label in enumerate(labels) if present[i]},
        groups=_by_group(values, targets, predicted, groups),
    )


def regression(targets: Array, predicted: Array, groups: Array) -> Evaluation:
    """Figures of values ``predicted`` against ``targets`` in their unit, all ``[n]``."""
    return Evaluation(
        samples=len(targets),
        values=_value_errors(targets, predicted),
        groups=_by_group(_value_errors, targets, predicted, groups),
    )


def confusion_matrix(targets: Array, predicted: Array, classes: int) -> npt.NDArray[np.int64]:
    """Counts ``[true][predicted]``."""
    matrix = np.zeros((classes, classes), np.int64)
    np.add.at(matrix, (targets.astype(np.int64), predicted.astype(np.int64)), 1)
    return matrix


def _class_values(confusion: npt.NDArray[np.int64]) -> dict[str, float]:
    hits = np.diag(confusion)
    true, found = confusion.sum(axis=1), confusion.sum(axis=0)
    # A class that neither occurs nor is predicted says nothing, and must not count as a failure.
    seen = true + found > 0
    f1 = 2 * hits[seen] / (true + found)[seen]
    recalls = hits[true > 0] / true[true > 0]
    return {
        "accuracy": float(hits.sum() / confusion.sum()),
        "balanced_accuracy": float(recalls.mean()),
        "macro_f1": float(f1.mean()),
    }


def _value_errors(targets: Array, predicted: Array) -> dict[str, float]:
    errors = predicted - targets
    spread = float(((targets - targets.mean()) ** 2).sum())
    return {
        "rmse": float(np.sqrt((errors**2).mean())),
        "mae": float(np.abs(errors).mean()),
        "r2": 1 - float((errors**2).sum()) / spread if spread > 0 else 0.0,
    }


def _by_group(
    values: Callable[[Array, Array], dict[str, float]],
    targets: Array,
    predicted: Array,
    groups: Array,
) -> dict[str, dict[str, float]]:
    return {
        str(group): values(targets[groups == group], predicted[groups == group])
        for group in np.unique(groups)
    }
