"""Models of a long training that are finished, kept until all are: an interruption loses one."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from tinyml.data import Dataset
from tinyml.errors import ModelError
from tinyml.files import write_atomically
from tinyml.graph import Graph, parse
from tinyml.judge.answers import Answers

FOLDER: Final = ".training"  # in the project's


@dataclass(frozen=True)
class Trained:
    """One model on one fold, and what it says of the test data."""

    model: bytes  # the .tflite
    float_model: bytes  # the .tflite before quantisation
    graph: Graph
    parameters: int
    epochs: int
    answers: Mapping[str, Answers]  # "float" and "int8"
    cpu_seconds: float  # that it took


class Finished:
    """The finished models of one training, by what they were made from."""

    def __init__(self, project_folder: Path) -> None:
        self._folder = project_folder / FOLDER
        self.cpu_seconds = 0.0  # that all models that were found again had taken

    def find(self, made_from: Mapping[str, Any], dataset: Dataset) -> Trained | None:
        """The model that was made from the same settings, data, seed and versions, if any."""
        try:
            with np.load(self._path(made_from)) as kept:
                found = _trained(kept, dataset)
        except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile, ModelError):
            return None  # not there, or damaged: it is trained again
        self.cpu_seconds += found.cpu_seconds
        return found

    def keep(self, made_from: Mapping[str, Any], trained: Trained) -> None:
        """For a training that goes on after an interruption."""
        arrays: dict[str, Any] = {
            "model": np.frombuffer(trained.model, np.uint8),
            "float_model": np.frombuffer(trained.float_model, np.uint8),
            "parameters": trained.parameters,
            "epochs": trained.epochs,
            "cpu_seconds": trained.cpu_seconds,
        }
        for way, answers in trained.answers.items():
            arrays[f"{way} predicted"] = answers.predicted
            if answers.scores is not None:
                arrays[f"{way} scores"] = answers.scores
        content = io.BytesIO()
        np.savez_compressed(content, **arrays)
        write_atomically(self._path(made_from), content.getvalue())

    def forget(self) -> None:
        """All of them: the training is complete."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _path(self, made_from: Mapping[str, Any]) -> Path:
        text = json.dumps(made_from, sort_keys=True)
        return self._folder / f"{hashlib.sha256(text.encode()).hexdigest()[:24]}.npz"


def _trained(kept: Mapping[str, Any], dataset: Dataset) -> Trained:
    model = kept["model"].tobytes()
    return Trained(
        model=model,
        float_model=kept["float_model"].tobytes(),
        graph=parse(model),
        parameters=int(kept["parameters"]),
        epochs=int(kept["epochs"]),
        answers={
            way: Answers.of(
                dataset.entry, dataset.test, kept[f"{way} predicted"], kept.get(f"{way} scores")
            )
            for way in ("float", "int8")
        },
        cpu_seconds=float(kept["cpu_seconds"]),
    )
