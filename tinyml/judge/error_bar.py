"""How far off a regression's predictions are, said honestly: an interval with a tested coverage."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from tinyml.data import Dataset
from tinyml.graph import Graph
from tinyml.judge.evaluate import Array, inputs_of, run
from tinyml.model import Meaning, settings_of

LEVEL: Final = 0.9


@dataclass(frozen=True)
class ErrorBar:
    """Prediction plus and minus ``half_width``, and how often the truth was inside.

    Split conformal prediction (J. Lei and others: "Distribution-Free Predictive Inference for
    Regression", JASA 113, 2018): the width is a quantile of the validation residuals. It promises
    ``level`` only where test data are like validation data; ``test_coverage`` says what came true.
    """

    level: float  # that is aimed at
    half_width: float  # in the target's unit
    unit: str
    validation_samples: int
    # Where they trained the model, too, its residuals there are too small, and so is the width.
    validation_was_trained_on: bool
    test_coverage: float  # fraction of the test targets inside
    test_coverage_of_groups: dict[str, float]

    def to_dict(self) -> dict[str, Any]:
        """As JSON takes it."""
        return asdict(self)


def error_bar(graph: Graph, dataset: Dataset, outputs: Array) -> ErrorBar | None:
    """The interval of a regression model; None for other tasks.

    Args:
        graph: the quantised model.
        dataset: its data.
        outputs: the model's raw outputs for ``dataset.test``.
    """
    settings = settings_of(graph)
    if settings.task != "regression":
        return None
    part, test = dataset.validation, dataset.test
    meaning = Meaning.of(graph)
    found = meaning.predictions(run(graph, inputs_of(graph, part)))
    width = conformal_width(np.abs(found - part.targets), LEVEL)
    inside = np.abs(meaning.predictions(outputs) - test.targets) <= width
    training = settings.training.get("settings", {}).get("training", {})
    return ErrorBar(
        level=LEVEL,
        half_width=width,
        unit=settings.target_unit,
        validation_samples=len(part),
        validation_was_trained_on=bool(training.get("join_validation", False)),
        test_coverage=float(inside.mean()),
        test_coverage_of_groups={
            str(group): float(inside[test.groups == group].mean())
            for group in np.unique(test.groups)
        },
    )


def conformal_width(residuals: Array, level: float) -> float:
    """The ceil((n + 1) * level)-th smallest of ``residuals`` ``[n]``; the largest where n is less.

    With exchangeable data a new residual is no larger with a probability of at least ``level``.
    """
    rank = min(math.ceil((len(residuals) + 1) * level), len(residuals))
    return float(np.sort(residuals)[rank - 1])
