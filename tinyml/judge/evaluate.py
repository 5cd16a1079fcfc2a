"""The int8 model and the trivial baseline over test data. Needs no TensorFlow."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from tinyml.data import Dataset, Part
from tinyml.errors import InvalidModelError
from tinyml.graph import Graph, Oracle
from tinyml.judge.answers import Answers
from tinyml.judge.metrics import Evaluation
from tinyml.model import Meaning, settings_of
from tinyml.progress import Progress, silent

Array = npt.NDArray[Any]

_BATCH: Final = 64


def inputs_of(graph: Graph, part: Part) -> Array:
    """The model's int8 input for every window of ``part``, ``[n, *input shape]``."""
    front_end = settings_of(graph).front_end
    features = front_end.transform(part.windows)
    shape = graph.tensor(graph.inputs[0]).shape
    if int(np.prod(shape)) != front_end.feature_count:
        raise InvalidModelError(
            f"{graph.name} takes an input of {shape}, but its front end computes "
            f"{front_end.feature_count} features; train it again"
        )
    return features.reshape(len(part), *shape[1:])


def run(graph: Graph, inputs: Array, progress: Progress = silent) -> Array:
    """The oracle's raw output, ``[n, *output shape]``, batch by batch."""
    oracle = Oracle(graph)
    found = []
    for start in range(0, len(inputs), _BATCH):
        found.append(oracle.run([inputs[start : start + _BATCH]])[0])
        progress("evaluate", min(start + _BATCH, len(inputs)), len(inputs))
    return np.concatenate(found)


def answers_of(graph: Graph, dataset: Dataset, part: Part, outputs: Array) -> Answers:
    """The model's raw outputs for ``part``, ready to be judged."""
    return answers_by(Meaning.of(graph), dataset, part, outputs)


def answers_by(meaning: Meaning, dataset: Dataset, part: Part, outputs: Array) -> Answers:
    """The same of raw outputs that ``meaning`` explains."""
    predicted, scores = meaning.predictions(outputs), meaning.scores(outputs)
    return Answers.of(dataset.entry, part, predicted, scores)


def evaluate(
    graph: Graph, dataset: Dataset, part: Part | None = None, progress: Progress = silent
) -> Evaluation:
    """Figures of the int8 model on ``part``, the test data unless told, in TFLM's arithmetic."""
    part = dataset.test if part is None else part
    outputs = run(graph, inputs_of(graph, part), progress)
    return answers_of(graph, dataset, part, outputs).judge()


def baseline(dataset: Dataset) -> Evaluation:
    """Figures of the trivial predictor that the catalogue names."""
    return trivial(dataset).judge()


def trivial(dataset: Dataset) -> Answers:
    """What needs no learning.

    The commonest class of the training data; of anomalies that everything is one; for a regression
    the last value of the first channel where it has the target's unit, else the training data's
    mean.
    """
    entry, test = dataset.entry, dataset.test
    first = entry.channels[0]
    if entry.task == "anomaly":
        predicted: Array = np.ones(len(test), np.int64)
    elif entry.task == "classification":
        counts = np.bincount(dataset.training.targets.astype(np.int64), minlength=1)
        predicted = np.full(len(test), int(counts.argmax()))
    elif first.unit == entry.target_unit:
        predicted = test.windows[:, -1, 0] * first.scale
    else:
        predicted = np.full(len(test), dataset.training.targets.mean())
    return Answers.of(entry, test, predicted)
