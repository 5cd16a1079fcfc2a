"""Training a project: fit, quantise, evaluate, and only then replace what was there."""

from __future__ import annotations

import importlib.metadata
import platform
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from tinyml import data
from tinyml import project as projects
from tinyml.data import Dataset, Part
from tinyml.data.quality import require_trainable
from tinyml.files import write_atomically
from tinyml.graph import Graph, parse
from tinyml.judge.answers import pooled
from tinyml.judge.classical import classical
from tinyml.judge.evaluate import answers_of, inputs_of, run, trivial
from tinyml.judge.metrics import Evaluation, f1
from tinyml.judge.training_record import TrainingRecord
from tinyml.model import Meaning, ModelSettings
from tinyml.progress import Progress, silent, within
from tinyml.project import Project
from tinyml.train import convert
from tinyml.train import tensorflow as backend
from tinyml.train.fit import Fitted, fit, untrained
from tinyml.train.float_model import float_answers
from tinyml.train.resume import Finished, Trained

# Called with what is being done ("fetch ...", "train", "evaluate"), the steps done and all steps.

# Of normal windows; an anomaly scores above this quantile of them, where none of those that set the
# threshold is labelled otherwise.
THRESHOLD_QUANTILE: Final = 0.99
ANOMALY_REACH: Final = 6.0  # times the normal range that an anomaly detector tells apart
_DRAFT_WINDOWS: Final = 32  # calibrate a model that has not learnt anything
_LIBRARIES: Final = ("tinyml-toolkit", "tensorflow", "tensorflow-cpu", "keras", "numpy")


@dataclass(frozen=True)
class TrainingResult:
    """Where a training's files are, and what it reached."""

    model_path: Path
    record_path: Path
    record: TrainingRecord

    @property
    def metrics(self) -> dict[str, Evaluation]:
        """Figures on the test data: "float", "int8", "baseline" and "forest"."""
        return dict(self.record.metrics)


def train_project(
    project_dir: Path,
    report: Progress = silent,
    epochs: int | None = None,
    seed: int | None = None,
    repeats: int = 1,
    leaky: bool = False,
) -> TrainingResult:
    """Train the project in ``project_dir`` and write its models and training record.

    Of a data set with folds one model a fold is trained, and the figures are those of all folds'
    test data together. All files are replaced only at the end, so an interruption leaves the old
    ones; of several folds or seeds what was finished is found again the next time. Raises
    ProjectError, DataError or TrainingError, each in a sentence.

    Args:
        project_dir: a folder with a tinyml.toml.
        report: told about every step.
        epochs: instead of the project's.
        seed: instead of the project's.
        repeats: how many seeds, from the first on, are trained; the first one's models are kept,
            and of the others what they reached.
        leaky: go on where the split leaks; the record then says how.
    """
    started = time.process_time()
    found = projects.find(project_dir)
    found = replace(
        found,
        seed=found.seed if seed is None else seed,
        leaky=found.leaky or leaky,
        training=replace(found.training, epochs=epochs or found.training.epochs),
    )
    datasets = _folds(found, report)
    finished = Finished(found.folder) if len(datasets) * repeats > 1 else None
    models = _train_folds(found, datasets, report, "", finished)
    figures = _figures(datasets, models, found)
    seeds = [_reached(found.seed, figures)]
    for number in range(1, repeats):
        again = replace(found, seed=found.seed + number)
        others = _train_folds(again, datasets, report, f" seed {again.seed}", finished)
        seeds.append(_reached(again.seed, _model_figures(others)))
    record = _record(found, datasets, models, figures, seeds)
    earlier = finished.cpu_seconds if finished is not None else 0.0
    record = replace(record, cpu_seconds=earlier + time.process_time() - started)
    _write(found, models, record)
    if finished is not None:
        finished.forget()
    return TrainingResult(found.model_path, found.record_path, record)


def train(
    project: Project, dataset: Dataset, report: Progress, asked: Part | None = None
) -> Trained:
    """Train ``project`` on ``dataset``, quantise, and let both models answer the test data.

    Or what is ``asked`` instead: a search must not look at test data. Raises DataError where the
    training data cannot teach anything.
    """
    started = time.process_time()
    require_trainable(dataset)
    tensorflow = backend.prepare(project.seed)
    fitted = fit(project, dataset, report)
    report("quantise", 0, 1)
    model = _quantised(tensorflow, project, dataset, fitted)
    report("quantise", 1, 1)
    graph = parse(model, project.name)
    asked = dataset.test if asked is None else asked
    outputs = run(graph, inputs_of(graph, asked), report)
    float_model = convert.convert_float(tensorflow, fitted.network)
    return Trained(
        model=model,
        float_model=float_model,
        graph=graph,
        parameters=int(fitted.network.count_params()),
        epochs=fitted.epochs,
        answers={
            "float": float_answers(float_model, graph, dataset, asked),
            "int8": answers_of(graph, dataset, asked, outputs),
        },
        cpu_seconds=time.process_time() - started,
    )


def draft(project: Project, dataset: Dataset) -> Graph:
    """The quantised model with random weights: its code, arena and constants are as large as later.

    Raises as :func:`train`.
    """
    tensorflow = backend.prepare(project.seed)
    drafted = untrained(project, dataset)
    windows = dataset.training.windows[:_DRAFT_WINDOWS]
    representative = drafted.front_end.standardised(windows)
    quantization = project.training.quantization
    model = convert.convert(tensorflow, drafted.network, representative, project.name, quantization)
    return parse(
        convert.with_settings(model, _settings(project, dataset, drafted, 0.0)), project.name
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


def _folds(project: Project, report: Progress) -> list[Dataset]:
    """The data set, once a fold; the last one is the one that stands for all."""
    entry = data.entry(project.dataset, project.folder)
    folds = range(1, entry.folds + 1) if entry.folds else (0,)
    fetching = within(report, "fetch ")
    return [
        data.load(project.dataset, fetching, fold, near=project.folder, leaky=project.leaky)
        for fold in folds
    ]


def _train_folds(
    project: Project,
    datasets: list[Dataset],
    report: Progress,
    note: str,
    finished: Finished | None,
) -> list[Trained]:
    models = []
    for number, dataset in enumerate(datasets, 1):
        fold = f" fold {number}" if len(datasets) > 1 else ""
        told = within(report, after=fold + note)
        models.append(_found_or_trained(project, dataset, told, finished))
    return models


def _found_or_trained(
    project: Project, dataset: Dataset, report: Progress, finished: Finished | None
) -> Trained:
    if finished is None:
        return train(project, dataset, report)
    made_from = {
        "settings": _plain_settings(project),
        "front_end": project.front_end.to_dict(),
        "seed": project.seed,
        "dataset": dataset.sha256,
        "versions": versions(),
    }
    model = finished.find(made_from, dataset)
    if model is None:
        model = train(project, dataset, report)
        finished.keep(made_from, model)
    return model


def _model_figures(models: list[Trained]) -> dict[str, Evaluation]:
    return {
        way: pooled([model.answers[way] for model in models]).judge() for way in ("float", "int8")
    }


def _figures(
    datasets: list[Dataset], models: list[Trained], project: Project
) -> dict[str, Evaluation]:
    return {
        **_model_figures(models),
        "baseline": pooled([trivial(dataset) for dataset in datasets]).judge(),
        "forest": pooled([classical(dataset, project.front_end) for dataset in datasets]).judge(),
    }


def _reached(seed: int, figures: Mapping[str, Evaluation]) -> dict[str, Any]:
    """Figures of one seed; of the int8 model by class and by group, too."""
    return {
        "seed": seed,
        **{way: dict(figures[way].values) for way in ("float", "int8")},
        "int8_recall": dict(figures["int8"].recall),
        "int8_groups": {name: dict(found) for name, found in figures["int8"].groups.items()},
    }


def _record(
    project: Project,
    datasets: list[Dataset],
    models: list[Trained],
    figures: Mapping[str, Evaluation],
    seeds: list[dict[str, Any]],
) -> TrainingRecord:
    shipped, dataset = models[-1], datasets[-1]
    return TrainingRecord(
        dataset=dataset.entry.name,
        dataset_sha256=dataset.sha256,
        simulated=dataset.entry.simulated,
        model_sha256=shipped.graph.sha256,
        fold_sha256=tuple(model.graph.sha256 for model in models[:-1]),
        model_bytes=len(shipped.model),
        parameters=shipped.parameters,
        seed=project.seed,
        epochs=shipped.epochs,
        settings=_plain_settings(project),
        versions=versions(),
        metrics=figures,
        seeds=tuple(seeds),
        leaks=dataset.leaks,
    )


def _write(project: Project, models: list[Trained], record: TrainingRecord) -> None:
    folds = project.fold_path(1).parent
    current = set()
    for number, model in enumerate(models[:-1], 1):
        current |= {project.fold_path(number), project.fold_float_path(number)}
        write_atomically(project.fold_path(number), model.model)
        write_atomically(project.fold_float_path(number), model.float_model)
    write_atomically(project.float_path, models[-1].float_model)
    write_atomically(project.model_path, models[-1].model)
    write_atomically(project.record_path, record.to_json())
    for path in set(folds.glob("*.tflite")) - current:  # of a model before
        path.unlink()


def _quantised(tensorflow: Any, project: Project, dataset: Dataset, fitted: Fitted) -> bytes:
    """The quantised .tflite with its settings."""
    windows = dataset.training.windows[convert.spread(len(dataset.training))]
    representative = fitted.front_end.standardised(windows)
    if dataset.entry.task == "anomaly":
        # What is to be found lies outside of what is normal, and must not be clipped to it.
        representative = np.concatenate([representative, ANOMALY_REACH * representative])
    converted = convert.convert(
        tensorflow, fitted.network, representative, project.name, project.training.quantization
    )
    model = convert.with_settings(converted, _settings(project, dataset, fitted, 0.0))
    if dataset.entry.task != "anomaly":
        return model
    threshold = _threshold(parse(model, project.name), dataset)
    return convert.with_settings(converted, _settings(project, dataset, fitted, threshold))


def _threshold(graph: Graph, dataset: Dataset) -> float:
    """From the validation data alone: the best F1 where it has anomalies, else a quantile."""
    part = dataset.validation
    found = Meaning.of(graph).scores(run(graph, inputs_of(graph, part)))
    assert found is not None
    anomalous = part.targets == 1
    if not anomalous.any():
        return float(np.quantile(found, THRESHOLD_QUANTILE))
    candidates = np.unique(found)[:-1]
    hits = np.array([(found[anomalous] > limit).sum() for limit in candidates])
    flagged = np.array([(found > limit).sum() for limit in candidates])
    return float(candidates[np.argmax(f1(hits, anomalous.sum(), flagged))])


def _settings(
    project: Project, dataset: Dataset, fitted: Fitted, threshold: float
) -> ModelSettings:
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
        threshold=threshold,
        fold=dataset.fold,
        training={
            "seed": project.seed,
            "epochs": fitted.epochs,
            "temperature": fitted.temperature,
            "versions": versions(),
            "settings": _plain_settings(project),
            "simulated": entry.simulated,
            "leaks": list(dataset.leaks),
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
        "augmentation": asdict(project.augmentation),
        # Only where there is one: the settings of other models stay the same, byte for byte.
        **({"teacher": asdict(project.teacher)} if project.teacher else {}),
    }
