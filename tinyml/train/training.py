"""Training a project: fit, quantise, evaluate, and only then replace what was there."""

from __future__ import annotations

import importlib.metadata
import platform
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from tinyml import data
from tinyml import project as projects
from tinyml.data import Dataset, Part
from tinyml.errors import TrainingError
from tinyml.features import FrontEnd, ModelSettings
from tinyml.files import write_atomically
from tinyml.graph import parse
from tinyml.project import Project
from tinyml.train import convert, network
from tinyml.train import tensorflow as backend
from tinyml.train.evaluate import baseline, evaluate, judge
from tinyml.train.metrics import Evaluation
from tinyml.train.record import TrainingRecord

# Called with what is being done ("fetch ...", "train", "evaluate"), the steps done and all steps.
Progress = Callable[[str, int, int], None]

_LIBRARIES: Final = ("tinyml-toolkit", "tensorflow", "tensorflow-cpu", "keras", "numpy")


@dataclass(frozen=True)
class TrainingResult:
    """Where a training's files are, and what it reached."""

    model_path: Path
    record_path: Path
    record: TrainingRecord

    @property
    def metrics(self) -> dict[str, Evaluation]:
        """Figures on the test data: "float", "int8" and "baseline"."""
        return dict(self.record.metrics)


@dataclass(frozen=True)
class _Fitted:
    """A float model and what turns samples into its input and its output into predictions."""

    network: Any
    front_end: FrontEnd
    target_scale: float
    target_offset: float
    epochs: int


def train_project(
    project_dir: Path,
    progress: Progress | None = None,
    epochs: int | None = None,
    seed: int | None = None,
) -> TrainingResult:
    """Train the project in ``project_dir`` and write its model and training record.

    Both files are replaced only at the end, so an interruption leaves the old ones.
    Raises ProjectError, DataError or TrainingError, each in a sentence.
    """
    found = projects.find(project_dir)
    found = replace(
        found,
        seed=found.seed if seed is None else seed,
        training=replace(found.training, epochs=epochs or found.training.epochs),
    )
    report = progress or (lambda what, done, total: None)
    dataset = data.load(found.dataset, lambda name, n, total: report(f"fetch {name}", n, total))
    model, record = train(found, dataset, report)
    write_atomically(found.model_path, model)
    write_atomically(found.record_path, record.to_json())
    return TrainingResult(found.model_path, found.record_path, record)


def train(project: Project, dataset: Dataset, report: Progress) -> tuple[bytes, TrainingRecord]:
    """The .tflite and the record of training ``project`` on ``dataset``."""
    tensorflow = backend.prepare(project.seed)
    fitted = _fit(project, dataset, report)
    report("quantise", 0, 1)
    windows = dataset.training.windows[convert.spread(len(dataset.training))]
    representative = fitted.front_end.standardised(windows)
    converted = convert.convert(tensorflow, fitted.network, representative, project.name)
    model = convert.with_settings(converted, _settings(project, dataset, fitted))
    report("quantise", 1, 1)
    graph = parse(model, project.name)
    figures = {
        "float": judge(dataset, dataset.test, _float_predictions(fitted, dataset.test)),
        "int8": evaluate(graph, dataset, progress=lambda n, total: report("evaluate", n, total)),
        "baseline": baseline(dataset),
    }
    return model, TrainingRecord(
        dataset=dataset.entry.name,
        dataset_sha256=dataset.sha256,
        simulated=dataset.entry.simulated,
        model_sha256=graph.sha256,
        model_bytes=len(model),
        parameters=int(fitted.network.count_params()),
        seed=project.seed,
        epochs=fitted.epochs,
        settings=_plain_settings(project),
        versions=versions(),
        metrics=figures,
    )


def versions() -> dict[str, str]:
    """Versions of whatever a training depends on, as far as installed."""
    found = {"python": platform.python_version()}
    for name in _LIBRARIES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def _fit(project: Project, dataset: Dataset, report: Progress) -> _Fitted:
    import keras

    settings = project.training
    front_end = project.front_end.fit(dataset.training.windows)
    scale, offset = _target_scaling(dataset)
    classes = len(dataset.entry.labels)
    model = network.build(
        project.architecture, front_end.output_shape, max(classes, 1), settings.weight_decay
    )
    model.compile(
        optimizer=keras.optimizers.Adam(settings.learning_rate),
        loss=_loss(settings.loss, classes),
    )
    stop = keras.callbacks.EarlyStopping(
        patience=settings.patience, restore_best_weights=True, monitor="val_loss"
    )
    each = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: report("train", epoch + 1, settings.epochs)
    )
    history = model.fit(
        front_end.standardised(dataset.training.windows),
        (dataset.training.targets - offset) / scale,
        validation_data=(
            front_end.standardised(dataset.validation.windows),
            (dataset.validation.targets - offset) / scale,
        ),
        sample_weight=_weights(dataset.training, classes) if settings.balanced else None,
        epochs=settings.epochs,
        batch_size=settings.batch_size,
        callbacks=[stop, each],
        verbose=0,
    )
    report("train", settings.epochs, settings.epochs)
    if not np.isfinite(history.history["val_loss"][-1]):
        raise TrainingError(
            f"training diverged after {len(history.epoch)} epochs; lower 'learning_rate' "
            f"({settings.learning_rate:g}) in {projects.FILE_NAME}"
        )
    return _Fitted(model, front_end, scale, offset, len(history.epoch))


def _target_scaling(dataset: Dataset) -> tuple[float, float]:
    """Scale and offset that standardise a regression's target; 1 and 0 for classes."""
    if dataset.entry.task == "classification":
        return 1.0, 0.0
    targets = dataset.training.targets
    return float(targets.std()) or 1.0, float(targets.mean())


def _loss(name: str, classes: int) -> str:
    if classes:
        return "sparse_categorical_crossentropy"
    return "mse" if name == "auto" else name


def _weights(part: Part, classes: int) -> npt.NDArray[np.float64]:
    counts = np.bincount(part.targets.astype(np.int64), minlength=classes)
    weights: npt.NDArray[np.float64] = (len(part) / (classes * np.maximum(counts, 1)))[part.targets]
    return weights


def _float_predictions(fitted: _Fitted, part: Part) -> npt.NDArray[Any]:
    outputs = fitted.network.predict(fitted.front_end.standardised(part.windows), verbose=0)
    if outputs.shape[1] > 1:
        classes: npt.NDArray[Any] = outputs.argmax(axis=1)
        return classes
    values: npt.NDArray[Any] = outputs[:, 0].astype(np.float64) * fitted.target_scale
    return values + fitted.target_offset


def _settings(project: Project, dataset: Dataset, fitted: _Fitted) -> ModelSettings:
    entry = dataset.entry
    return ModelSettings(
        task=entry.task,
        labels=entry.labels,
        front_end=fitted.front_end,
        channel_names=tuple(channel.name for channel in entry.channels),
        channel_units=tuple(channel.unit for channel in entry.channels),
        channel_scales=tuple(channel.scale for channel in entry.channels),
        sample_rate_hz=entry.sample_rate_hz,
        dataset=entry.name,
        dataset_sha256=dataset.sha256,
        target_name=entry.target_name,
        target_unit=entry.target_unit,
        target_scale=fitted.target_scale,
        target_offset=fitted.target_offset,
        training={
            "seed": project.seed,
            "epochs": fitted.epochs,
            "versions": versions(),
            "settings": _plain_settings(project),
            "simulated": entry.simulated,
        },
    )


def _plain_settings(project: Project) -> dict[str, Any]:
    """As JSON takes it."""
    model = asdict(project.architecture)
    model["layers"] = list(model["layers"])
    return {
        "front_end": project.front_end.kind,
        "model": model,
        "training": asdict(project.training),
    }
