"""What a model's raw outputs mean: a class, a value in a unit, or an anomaly's score and verdict.

The one interpreter: evaluation, reports, collecting, the demo and `tinyml run` all ask it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tinyml.errors import InvalidModelError
from tinyml.graph import Graph
from tinyml.model.settings import ModelSettings, settings_of

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Result:
    """What one output says."""

    answer: float  # a class index (of an anomaly 1, else 0), or a value in ``unit``
    label: str = ""  # the class's name; empty for a regression
    score: float | None = None  # of that class, or of the anomaly; None for a regression
    unit: str = ""  # a regression's

    def __str__(self) -> str:
        """The class with its score, or the value with its unit."""
        if self.score is None:
            return f"{self.answer:.4g} {self.unit}".rstrip()
        return f"{self.label} ({self.score:.3g})"

    def to_dict(self) -> dict[str, Any]:
        """As JSON takes it: what does not apply is null."""
        if self.score is None:
            return {"value": self.answer, "unit": self.unit, "label": None, "score": None}
        return {"value": None, "unit": None, "label": self.label, "score": self.score}


@dataclass(frozen=True)
class Meaning:
    """How to read a model's first output.

    real value = ``scale`` * (raw - ``zero_point``). A classification's are the scores of the
    classes, or of the second of two; an anomaly detector's first is a score, which is an anomaly's
    where it is above ``threshold``; a regression's first gives
    ``target_scale`` * real value + ``target_offset`` in ``target_unit``.
    """

    task: str  # one of tinyml.data.catalogue.TASKS
    labels: tuple[str, ...]  # of an anomaly detector what is normal, then the anomaly
    scale: float
    zero_point: int
    target_name: str = ""
    target_unit: str = ""
    target_scale: float = 1.0
    target_offset: float = 0.0
    threshold: float = 0.0

    @classmethod
    def of(cls, graph: Graph) -> Meaning:
        """Of a model that tinyml trained; InvalidModelError where it carries no settings."""
        output = graph.tensor(graph.outputs[0]).quantized
        return cls.by(settings_of(graph), float(output.scale), output.zero_point)

    @classmethod
    def by(cls, settings: ModelSettings, scale: float = 1.0, zero_point: int = 0) -> Meaning:
        """By a model's settings; the defaults suit a float model, whose outputs are real."""
        return cls(
            task=settings.task,
            labels=settings.labels,
            scale=scale,
            zero_point=zero_point,
            target_name=settings.target_name,
            target_unit=settings.target_unit,
            target_scale=settings.target_scale,
            target_offset=settings.target_offset,
            threshold=settings.threshold,
        )

    def __str__(self) -> str:
        """What the outputs say, for people: the classes, the formula, or the threshold."""
        if self.task == "regression":
            return (
                f"{self.target_name} in {self.target_unit} = "
                f"{self.target_scale:g} * real value + {self.target_offset:g}"
            )
        if self.task == "anomaly":
            label = ", ".join(self.labels[-1:])
            return f"{label} where the real value, its score, is above {self.threshold:.6g}"
        return ", ".join(self.labels)

    def predictions(self, outputs: Array) -> Array:
        """Class indices, 1 for an anomaly, or values in the unit, ``[n]``.

        Args:
            outputs: raw, ``[n, ...]``. InvalidModelError where there are not as many as classes.
        """
        real = self._real(outputs)
        if self.task == "regression":
            values: Array = real[:, 0] * self.target_scale + self.target_offset
            return values
        if self.task == "anomaly":
            return (real[:, 0] > self.threshold).astype(np.int64)
        classes: Array = _class_scores(real).argmax(axis=1)
        return classes

    def scores(self, outputs: Array) -> Array | None:
        """Of each class ``[n][classes]``, or of an anomaly ``[n]``; None for a regression."""
        if self.task == "regression":
            return None
        real = self._real(outputs)
        return real[:, 0] if self.task == "anomaly" else _class_scores(real)

    def result(self, output: Sequence[int]) -> Result | None:
        """What one raw output says; None where it cannot be this model's: its length is wrong."""
        if not self._fits(len(output)):
            return None
        one = np.asarray([output])
        answer, scores = self.predictions(one)[0], self.scores(one)
        if scores is None:
            return Result(float(answer), unit=self.target_unit)
        score = scores[0] if scores.ndim == 1 else scores[0][answer]
        return Result(float(answer), self.labels[answer], float(score))

    def _fits(self, count: int) -> bool:
        if self.task == "classification":
            return count == len(self.labels) or (count == 1 and len(self.labels) == 2)
        return count > 0 and (self.task == "regression" or len(self.labels) == 2)

    def _real(self, outputs: Array) -> Array:
        flat = np.asarray(outputs).reshape(len(outputs), -1).astype(np.float64)
        if not self._fits(flat.shape[1]):
            raise InvalidModelError(
                f"the model's output has {flat.shape[1]} numbers for {len(self.labels)} classes; "
                "train it again"
            )
        real: Array = (flat - self.zero_point) * self.scale
        return real


def _class_scores(real: Array) -> Array:
    """``[n][classes]``: a single output is the second class's probability."""
    return real if real.shape[1] > 1 else np.concatenate([1 - real, real], axis=1)
