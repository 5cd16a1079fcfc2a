"""The classical way to do it, to compare with: random forests, and principal components."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from tinyml.data import Dataset, Part, joined
from tinyml.errors import TrainingError
from tinyml.features import FrontEnd
from tinyml.install import extra_command
from tinyml.judge.answers import Answers

Array = npt.NDArray[Any]

_TREES: Final = 200
_SEED: Final = 1
_VARIANCE: Final = 0.9  # that the principal components keep
_LIMIT_QUANTILE: Final = 0.99  # of normal windows


def classical(dataset: Dataset, front_end: FrontEnd) -> Answers:
    """Answers of a method without networks on the same features and the same split.

    A random forest of 200 trees (L. Breiman, 2001) for classes and values, trained on training and
    validation data; for anomalies T2 and Q over principal components (J. E. Jackson, G. S.
    Mudholkar, 1979), with the limits at the 99 % quantile of normal windows.
    """
    if dataset.entry.task == "anomaly":
        return _t2_and_q(dataset, front_end)
    kinds = forests()
    part = joined([dataset.training, dataset.validation])
    inputs, tests = _table(front_end, part), _table(front_end, dataset.test)
    if dataset.entry.task == "regression":
        forest = kinds.RandomForestRegressor(_TREES, random_state=_SEED).fit(inputs, part.targets)
        return Answers.of(dataset.entry, dataset.test, forest.predict(tests))
    forest = kinds.RandomForestClassifier(_TREES, random_state=_SEED).fit(inputs, part.targets)
    shares = class_shares(forest, tests, len(dataset.entry.labels))
    return Answers.of(dataset.entry, dataset.test, shares.argmax(axis=1), shares)


def forests() -> Any:
    """scikit-learn's random forests; TrainingError where it lacks."""
    try:
        import sklearn.ensemble
    except ImportError as error:
        raise TrainingError(
            f"a random forest needs scikit-learn ({error}); to install it, type: "
            f"{extra_command('train')}"
        ) from error
    return sklearn.ensemble


def class_shares(forest: Any, features: Array, classes: int) -> npt.NDArray[np.float64]:
    """Each class's probability, ``[n][classes]``: 0 of those that ``forest`` has not met."""
    shares = np.zeros((len(features), classes))
    shares[:, forest.classes_] = forest.predict_proba(features)
    return shares


def _table(front_end: FrontEnd, part: Part) -> npt.NDArray[np.float64]:
    """Features ``[n][features]``; of sounds each band's statistics over the frames."""
    features = front_end.measure(part.windows).astype(np.float64)
    if not front_end.in_frames:
        return features
    frames = features.reshape(-1, *front_end.output_shape)
    quantiles = np.quantile(frames, [0.1, 0.5, 0.9], axis=1)
    steps = np.abs(np.diff(frames, axis=1)).mean(axis=1)
    return np.concatenate(
        [frames.mean(axis=1), frames.std(axis=1), frames.max(axis=1), steps, *quantiles], axis=1
    )


def _t2_and_q(dataset: Dataset, front_end: FrontEnd) -> Answers:
    normal = front_end.measure(dataset.training.windows).astype(np.float64)
    mean, deviation = normal.mean(axis=0), np.maximum(normal.std(axis=0), 1e-9)
    scaled = (normal - mean) / deviation
    _, singular, axes = np.linalg.svd(scaled, full_matrices=False)
    variances = singular**2 / (len(scaled) - 1)
    kept = int(np.searchsorted(np.cumsum(variances) / variances.sum(), _VARIANCE)) + 1

    def distances(features: Array) -> tuple[Array, Array]:
        standard = (features - mean) / deviation
        components = standard @ axes[:kept].T
        rest = standard - components @ axes[:kept]
        return (components**2 / variances[:kept]).sum(axis=1), (rest**2).sum(axis=1)

    limits = [np.quantile(found, _LIMIT_QUANTILE) for found in distances(normal)]
    tests = distances(front_end.measure(dataset.test.windows).astype(np.float64))
    score = np.maximum(tests[0] / limits[0], tests[1] / limits[1])
    return Answers.of(dataset.entry, dataset.test, (score > 1).astype(np.int64), score)
