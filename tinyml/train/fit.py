"""Fitting a network to training data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from tinyml import project as projects
from tinyml.data import Dataset, Entry, Part, joined
from tinyml.errors import TrainingError
from tinyml.features import FrontEnd
from tinyml.judge.calibration import cooled, favour, fitting_temperature
from tinyml.progress import Progress
from tinyml.project import Project
from tinyml.train import network, quantised, texture
from tinyml.train.augment import Augmenter
from tinyml.train.pruning import prune
from tinyml.train.teacher import taught

Array = npt.NDArray[Any]

_QUANTISED_RATE: Final = 0.1  # of the learning rate, for the epochs with simulated rounding


@dataclass(frozen=True)
class Fitted:
    """A float model and what turns samples into its input and its output into predictions."""

    network: Any
    front_end: FrontEnd
    target_scale: float
    target_offset: float
    epochs: int
    temperature: float = 1.0  # that the logits were divided by


@dataclass(frozen=True)
class _Examples:
    """Inputs and targets as the network sees them."""

    inputs: Array
    targets: Array


def untrained(project: Project, dataset: Dataset) -> Fitted:
    """The network with random weights: what it costs is known before it has learnt anything."""
    front_end = project.front_end.fit(dataset.training.windows)
    return Fitted(_network(project, dataset, front_end), front_end, 1.0, 0.0, 0)


def fit(project: Project, dataset: Dataset, report: Progress) -> Fitted:
    """Train a network for ``project``; TrainingError where it cannot be, or diverges."""
    settings = project.training
    part = dataset.training
    if settings.join_validation:
        part = joined([part, dataset.validation])
    measured = project.front_end.measure(part.windows)
    front_end = project.front_end.fit_measured(measured)
    scale, offset = _target_scaling(dataset, part)
    weights = _weights(dataset.entry, part) if settings.balanced else None
    if project.teacher:
        classes = len(dataset.entry.labels)
        measured, answers = taught(
            project.teacher, part, measured, front_end, classes, weights, project.seed, report
        )
        targets = answers if classes else _targets(dataset, answers, scale, offset)
        weights = None  # those of a large weight are there more often
    else:
        targets = _targets(dataset, part.targets, scale, offset)
    model = _network(project, dataset, front_end)
    learnt = model
    view: Callable[[Array], Array] = front_end.standardised_measured
    if project.architecture.kind == "texture":
        learnt, view = _texture_view(model, front_end, measured)
    validation = None
    if not settings.join_validation:
        # An anomaly detector knows nothing of anomalies; they only set its threshold.
        unseen = dataset.validation
        if dataset.entry.task == "anomaly":
            unseen = unseen.only(unseen.targets == 0)
        validation = _Examples(
            view(front_end.measure(unseen.windows)),
            _targets(dataset, unseen.targets, scale, offset),
        )
    augmenter = Augmenter(
        project.augmentation,
        measured.reshape(-1, *front_end.output_shape),
        targets,
        view,
        project.seed,
        logarithmic=front_end.logarithmic,
    )
    epochs = _run(learnt, project, augmenter, weights, validation, report)
    if settings.prune:
        prune(learnt, settings.prune)
        shorter = replace(project, training=replace(settings, epochs=settings.prune_epochs))
        epochs += _run(learnt, shorter, augmenter, weights, validation, report)
    if settings.quantized_epochs:
        _run_quantised(learnt, project, augmenter, weights, report)
    temperature = 1.0
    if settings.calibrate:
        windows = front_end.standardised(dataset.validation.windows)
        found = model.predict(windows, verbose=0)
        temperature = fitting_temperature(found, dataset.validation.targets)
        cooled(model, temperature)
    if settings.favour:
        favour(model, dataset.entry.labels, settings.favour)
    return Fitted(model, front_end, scale, offset, epochs, temperature)


def _network(project: Project, dataset: Dataset, front_end: FrontEnd) -> Any:
    return network.build(
        project.architecture,
        front_end.output_shape,
        max(len(dataset.entry.labels), 1),
        project.training.weight_decay,
        image=front_end.in_frames,
    )


def _texture_view(
    model: Any, front_end: FrontEnd, measured: Array
) -> tuple[Any, Callable[[Array], Array]]:
    """The layers of a texture model that learn, and their input from measured features."""
    given, learnt = texture.divided(model, front_end.standardised_measured(measured))

    def view(features: Array) -> Array:
        found: Array = given.predict(front_end.standardised_measured(features), verbose=0)
        return found

    return learnt, view


def _run(
    model: Any,
    project: Project,
    augmenter: Augmenter,
    weights: Array | None,
    validation: _Examples | None,
    report: Progress,
) -> int:
    """Fit the network in place; returns how many epochs ran.

    With validation data the best epoch is kept, and it ends ``patience`` epochs after; without, the
    last one is, or the weights' running mean (B. T. Polyak, A. B. Juditsky, 1992).
    """
    settings = project.training
    _compile(model, project, augmenter, settings.learning_rate)
    kept: list[Array] | None = None
    least, best_epoch = np.inf, 0
    epoch = 0
    for epoch in range(1, settings.epochs + 1):
        loss = _one_epoch(model, augmenter, weights, settings.batch_size)
        if validation is not None:
            loss = float(
                model.evaluate(validation.inputs, validation.targets, batch_size=256, verbose=0)
            )
        report("train", epoch, settings.epochs)
        if not np.isfinite(loss):
            raise TrainingError(
                f"training diverged after {epoch} epochs; lower 'learning_rate' "
                f"({settings.learning_rate:g}) in {projects.FILE_NAME}"
            )
        if validation is None:
            if settings.average:
                kept = _running_mean(kept, model.get_weights(), settings.average)
        elif loss < least:
            least, best_epoch, kept = loss, epoch, model.get_weights()
        elif epoch - best_epoch >= settings.patience:
            break
    report("train", settings.epochs, settings.epochs)
    if kept is not None:
        model.set_weights(kept)
    return epoch


def _run_quantised(
    model: Any, project: Project, augmenter: Augmenter, weights: Array | None, report: Progress
) -> None:
    """More epochs with simulated rounding; the network keeps what they taught."""
    settings = project.training
    twin = quantised.simulated(model, augmenter.plain())
    _compile(twin, project, augmenter, settings.learning_rate * _QUANTISED_RATE)
    for epoch in range(1, settings.quantized_epochs + 1):
        _one_epoch(twin, augmenter, weights, settings.batch_size)
        report("train with rounding", epoch, settings.quantized_epochs)
    quantised.take_weights(model, twin)


def _compile(model: Any, project: Project, augmenter: Augmenter, rate: float) -> None:
    import keras

    settings = project.training
    if settings.schedule == "cosine":
        steps = -(-augmenter.count // settings.batch_size)
        rate = keras.optimizers.schedules.CosineDecay(rate, steps * settings.epochs)
    model.compile(optimizer=keras.optimizers.Adam(rate), loss=_loss(project, augmenter))


def _loss(project: Project, augmenter: Augmenter) -> str:
    if project.architecture.kind == "autoencoder":
        return "mae"  # the output is an error already, and its target 0
    if augmenter.classes:
        return "categorical_crossentropy"
    return "mse" if project.training.loss == "auto" else project.training.loss


def _one_epoch(model: Any, augmenter: Augmenter, weights: Array | None, batch_size: int) -> float:
    inputs, targets = augmenter.draw()
    history = model.fit(
        inputs, targets, sample_weight=weights, batch_size=batch_size, epochs=1, verbose=0
    )
    return float(history.history["loss"][-1])


def _running_mean(mean: list[Array] | None, weights: list[Array], momentum: float) -> list[Array]:
    if mean is None:
        return weights
    return [momentum * m + (1 - momentum) * w for m, w in zip(mean, weights, strict=True)]


def _target_scaling(dataset: Dataset, part: Part) -> tuple[float, float]:
    """Scale and offset that standardise a regression's target; 1 and 0 for classes."""
    if dataset.entry.task != "regression":
        return 1.0, 0.0
    return float(part.targets.std()) or 1.0, float(part.targets.mean())


def _targets(dataset: Dataset, targets: Array, scale: float, offset: float) -> Array:
    """One-hot classes ``[n][classes]``, or standardised values ``[n]``."""
    if dataset.entry.task == "classification":
        return np.eye(len(dataset.entry.labels), dtype=np.float32)[targets]
    if dataset.entry.task == "anomaly":
        return np.zeros(len(targets), np.float32)
    standardised: Array = ((targets - offset) / scale).astype(np.float32)
    return standardised


def _weights(entry: Entry, part: Part) -> npt.NDArray[np.float64]:
    """Of each window ``[n]``, so that classes, or groups of a regression, weigh the same."""
    kinds = part.groups if entry.task == "regression" else part.targets
    _, kind, counts = np.unique(kinds, return_inverse=True, return_counts=True)
    weights: npt.NDArray[np.float64] = (len(part) / (len(counts) * counts))[kind]
    return weights
