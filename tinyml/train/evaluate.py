"""The int8 model and the trivial baseline over test data. Needs no TensorFlow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from tinyml.data import Dataset, Part
from tinyml.errors import InvalidModelError, TrainingError
from tinyml.features import ModelSettings
from tinyml.graph import Graph, Oracle
from tinyml.train import metrics
from tinyml.train.metrics import Evaluation

Array = npt.NDArray[Any]
# Called with the samples that are done and their whole number.
Progress = Callable[[int, int], None]

_BATCH: Final = 64


def settings_of(graph: Graph) -> ModelSettings:
    """What the model says of itself; InvalidModelError where it was not made by tinyml."""
    found = ModelSettings.of(graph.metadata)
    if found is None:
        raise InvalidModelError(
            f"{graph.name} carries no tinyml settings, so there is no data to evaluate it on; "
            "train it with `tinyml train`"
        )
    return found


def inputs_of(graph: Graph, part: Part) -> Array:
    """The model's int8 input for every window of ``part``, ``[n, *input shape]``."""
    front_end = settings_of(graph).front_end
    features = front_end.transform(part.windows)
    shape = graph.tensor(graph.inputs[0]).shape
    if int(np.prod(shape)) != front_end.feature_count:
        raise InvalidModelError(
            f"{graph.name} takes {shape}, but its front end makes {front_end.feature_count} "
            "features; train it again"
        )
    return features.reshape(len(part), *shape[1:])


def run(graph: Graph, inputs: Array, progress: Progress | None = None) -> Array:
    """The oracle's raw output, ``[n, *output shape]``, batch by batch."""
    oracle = Oracle(graph)
    found = []
    for start in range(0, len(inputs), _BATCH):
        found.append(oracle.run([inputs[start : start + _BATCH]])[0])
        if progress is not None:
            progress(min(start + _BATCH, len(inputs)), len(inputs))
    return np.concatenate(found)


def predictions(graph: Graph, outputs: Array) -> Array:
    """Class indices, or values in the target's unit, from the model's raw outputs ``[n, ...]``."""
    settings = settings_of(graph)
    flat = outputs.reshape(len(outputs), -1)
    if settings.task == "classification":
        classes: Array = flat.argmax(axis=1)
        return classes
    quantization = graph.tensor(graph.outputs[0]).quantized
    real = (flat[:, 0].astype(np.float64) - quantization.zero_point) * float(quantization.scale)
    return real * settings.target_scale + settings.target_offset


def judge(dataset: Dataset, part: Part, predicted: Array) -> Evaluation:
    """Figures of predictions for ``part``: class indices, or values in the target's unit."""
    entry = dataset.entry
    if entry.task == "classification":
        return metrics.classification(part.targets, predicted, entry.labels, part.groups)
    return metrics.regression(part.targets, predicted, part.groups)


def evaluate(
    graph: Graph, dataset: Dataset, part: Part | None = None, progress: Progress | None = None
) -> Evaluation:
    """Figures of the int8 model on ``part``, the test data unless told, in TFLM's arithmetic."""
    part = dataset.test if part is None else part
    outputs = run(graph, inputs_of(graph, part), progress)
    return judge(dataset, part, predictions(graph, outputs))


def baseline(dataset: Dataset) -> Evaluation:
    """Figures of the trivial predictor that the catalogue names.

    The commonest class of the training data; for a regression the first channel as it is, which
    must be in the target's unit.
    """
    entry, test = dataset.entry, dataset.test
    if entry.task == "classification":
        commonest = int(np.bincount(dataset.training.targets.astype(np.int64)).argmax())
        return judge(dataset, test, np.full(len(test), commonest))
    sensor = entry.channels[0]
    if sensor.unit != entry.target_unit:
        raise TrainingError(
            f"{entry.name}: the first channel is in {sensor.unit}, the target in "
            f"{entry.target_unit}, so the raw sensor is no baseline; reorder the channels"
        )
    return judge(dataset, test, test.windows[:, -1, 0] * sensor.scale)
