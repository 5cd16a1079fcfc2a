"""The training record: what was trained, how, and what it reached. JSON beside the model."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, stdev
from typing import Any, Final

from tinyml.errors import TrainingError
from tinyml.judge.metrics import Evaluation
from tinyml.malformed import in_words

_SCHEMA: Final = 2


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
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
        if value["schema"] != _SCHEMA:
            raise TrainingError(
                f"{path} has the schema {value['schema']}, not {_SCHEMA}: "
                "another tinyml wrote it; train again"
            )
        return TrainingRecord(
            dataset=str(value["dataset"]),
            dataset_sha256=str(value["dataset_sha256"]),
            simulated=bool(value["simulated"]),
            model_sha256=str(value["model_sha256"]),
            model_bytes=int(value["model_bytes"]),
            parameters=int(value["parameters"]),
            seed=int(value["seed"]),
            epochs=int(value["epochs"]),
            settings=dict(value["settings"]),
            versions=dict(value["versions"]),
            metrics={name: Evaluation.from_dict(v) for name, v in value["metrics"].items()},
            fold_sha256=tuple(str(sha256) for sha256 in value["fold_sha256"]),
            seeds=tuple(dict(reached) for reached in value["seeds"]),
            cpu_seconds=float(value.get("cpu_seconds", 0.0)),
            # Records from before there were any lack these.
            leaks=tuple(str(leak) for leak in value.get("leaks", [])),
        )
    except OSError as error:
        raise TrainingError(
            f"{path} cannot be read ({error.strerror}); run `tinyml train` first"
        ) from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise TrainingError(
            f"{path} is damaged ({in_words(error)}); run `tinyml train` to write it again"
        ) from error
