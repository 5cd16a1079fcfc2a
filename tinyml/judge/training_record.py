"""The training record: what was trained, how, and what it reached. JSON beside the model."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, stdev
from typing import Any, Final

from tinyml.documents import Fields, read_json
from tinyml.errors import TrainingError
from tinyml.judge.metrics import Evaluation

_SCHEMA: Final = 2
_WAYS: Final = ("float", "int8", "baseline", "forest")  # that a record must have figures of


@dataclass(frozen=True)
class TrainingRecord:
    """One training; the same settings on the same versions give the same model again."""

    dataset: str
    dataset_sha256: str  # of the samples as used
    simulated: bool
    model_sha256: str  # of the .tflite
    model_bytes: int
    parameters: int
    seed: int
    epochs: int  # that ran
    settings: Mapping[str, Any]  # architecture and training, as in tinyml.toml
    versions: Mapping[str, str]  # library -> version
    metrics: Mapping[str, Evaluation]  # "float", "int8", "baseline", "forest", on the test data
    fold_sha256: tuple[str, ...] = ()  # of the models of all folds but the last
    # What each seed reached: "seed", of "float" and "int8" the values, and of the int8 model the
    # "int8_recall" of each class and the values of each group, "int8_groups".
    seeds: tuple[Mapping[str, Any], ...] = ()
    cpu_seconds: float = 0.0  # of all seeds and folds, with their evaluation; 0: not recorded
    leaks: tuple[str, ...] = ()  # ways in which the split leaks, where that was forced

    @property
    def spread(self) -> dict[str, dict[str, tuple[float, float]]]:
        """Of "float" and "int8" each value's mean over the seeds and their standard deviation."""
        found: dict[str, dict[str, tuple[float, float]]] = {}
        for way in ("float", "int8"):
            each = [reached[way] for reached in self.seeds]
            found[way] = {
                name: _mean_and_deviation([values[name] for values in each])
                for name in (each[0] if each else ())
            }
        return found

    def to_json(self) -> str:
        """The file's text."""
        value = {
            **vars(self),
            "schema": _SCHEMA,
            "settings": dict(self.settings),
            "versions": dict(self.versions),
            "metrics": {name: found.to_dict() for name, found in self.metrics.items()},
            "fold_sha256": list(self.fold_sha256),
            "seeds": [dict(reached) for reached in self.seeds],
            "leaks": list(self.leaks),
            "spread": self.spread,
        }
        return json.dumps(value, indent=2) + "\n"


def _mean_and_deviation(values: Sequence[float]) -> tuple[float, float]:
    return mean(values), stdev(values) if len(values) > 1 else 0.0


def read_record(path: Path) -> TrainingRecord:
    """The record in the file ``path``; TrainingError where it is missing or damaged."""
    if not path.is_file():
        raise TrainingError(f"{path} does not exist; run `tinyml train` first")
    fields = read_json(path, TrainingError, "run `tinyml train` to write it again")
    schema = fields.whole("schema")
    if schema != _SCHEMA:
        raise TrainingError(
            f"{path} has the schema {schema}, not {_SCHEMA}: another version of tinyml "
            "wrote it; train again"
        )
    metrics, versions = fields.inner("metrics"), fields.inner("versions")
    return TrainingRecord(
        dataset=fields.text("dataset"),
        dataset_sha256=fields.text("dataset_sha256"),
        simulated=fields.flag("simulated"),
        model_sha256=fields.text("model_sha256"),
        model_bytes=fields.whole("model_bytes"),
        parameters=fields.whole("parameters"),
        seed=fields.whole("seed"),
        epochs=fields.whole("epochs"),
        settings=_settings(fields),
        versions={name: versions.text(name) for name in versions.unread()},
        metrics={way: Evaluation.read(metrics.inner(way)) for way in (*_WAYS, *metrics.unread())},
        fold_sha256=fields.texts("fold_sha256"),
        seeds=_seeds(fields),
        # Records from before there were any lack these.
        cpu_seconds=fields.real("cpu_seconds", 0.0, low=0.0),
        leaks=fields.texts("leaks", []),
    )


def _settings(fields: Fields) -> dict[str, Any]:
    """Settings with all that a card shows of them."""
    settings = fields.inner("settings")
    model, teacher = settings.inner("model"), settings.inner("teacher", optional=True)
    model.text("kind")
    model.wholes("layers")
    settings.inner("training").text("quantization")
    for key in ("trees", "copies", "neighbours") if "teacher" in settings else ():
        teacher.whole(key)
    return fields.mapping("settings")


def _seeds(fields: Fields) -> tuple[dict[str, Any], ...]:
    """What each seed reached, each with the same figures."""
    found = []
    for reached in fields.inners("seeds", None):
        one: dict[str, Any] = {"seed": reached.whole("seed")}
        one |= {way: reached.inner(way).all_reals() for way in ("float", "int8")}
        # Records from before there were any lack these.
        if "int8_recall" in reached:
            one["int8_recall"] = reached.inner("int8_recall").all_reals()
        if "int8_groups" in reached:
            groups = reached.inner("int8_groups")
            one["int8_groups"] = {
                group: groups.inner(group).all_reals() for group in groups.unread()
            }
        found.append(one)
    for way in ("float", "int8"):
        if len({frozenset(one[way]) for one in found}) > 1:
            raise fields.fault(f"{fields.where}: 'seeds' must have the same figures for each seed")
    return tuple(found)
