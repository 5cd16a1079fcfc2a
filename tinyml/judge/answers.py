"""What one way of predicting says about samples: to be judged, alone or over several folds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tinyml.data import Entry, Part
from tinyml.judge import metrics
from tinyml.judge.metrics import Evaluation

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Answers:
    """Predictions beside the truth.

    Args:
        task: one of tinyml.data.catalogue.TASKS.
        labels: names of the classes; empty for a regression.
        targets: class indices, or values in the target's unit, ``[n]``.
        groups: what figures are also given by, ``[n]``.
        recordings: where each sample is from, in the order of time, ``[n]``.
        predicted: class indices, or values in the target's unit, ``[n]``.
        scores: of each class ``[n][classes]``, or of an anomaly ``[n]``; None for a regression, and
            where only classes are known.
    """

    task: str
    labels: tuple[str, ...]
    targets: Array
    groups: Array
    recordings: Array
    predicted: Array
    scores: Array | None = None

    @classmethod
    def of(cls, entry: Entry, part: Part, predicted: Array, scores: Array | None = None) -> Answers:
        """Answers about the windows of ``part``."""
        return cls(
            entry.task, entry.labels, part.targets, part.groups, part.recordings, predicted, scores
        )

    def judge(self) -> Evaluation:
        """The figures of the task."""
        if self.task == "regression":
            return metrics.regression(
                self.targets, self.predicted, self.groups, recordings=self.recordings
            )
        return metrics.classification(
            self.targets,
            self.predicted,
            self.labels,
            self.groups,
            recordings=self.recordings,
            scores=self.scores,
            anomaly=self.task == "anomaly",
        )


def pooled(answers: Sequence[Answers]) -> Answers:
    """The answers of several folds as one: each sample was tested once."""
    scores = [a.scores for a in answers if a.scores is not None]
    return Answers(
        task=answers[0].task,
        labels=answers[0].labels,
        targets=np.concatenate([a.targets for a in answers]),
        groups=np.concatenate([a.groups for a in answers]),
        recordings=np.concatenate([a.recordings for a in answers]),
        predicted=np.concatenate([a.predicted for a in answers]),
        scores=np.concatenate(scores) if len(scores) == len(answers) else None,
    )
