"""Records in the words of their model: a class, or a value in the target's unit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tinyml.device import Record
from tinyml.draw import numbers
from tinyml.errors import StoreError, UnsupportedModelError
from tinyml.graph import Graph
from tinyml.judge.evaluate import predictions
from tinyml.model import ModelSettings, model_hash, settings_of


def answers_in_words(records: Sequence[Record], models: Sequence[Graph]) -> list[str]:
    """One text a record, empty where it is by none of ``models``.

    Raises UnsupportedModelError where a model has no words, StoreError where no record is by it.
    """
    known = {model_hash(model.sha256): model for model in models}
    for digits, model in known.items():
        if ModelSettings.of(model.metadata) is None:
            raise UnsupportedModelError(
                f"{model.name} carries no tinyml settings, so it has no words for its outputs"
            )
        if all(record.model_hash != digits for record in records):
            there = ", ".join(sorted({record.model_hash for record in records})) or "none"
            raise StoreError(
                f"no record is by {model.name}, whose hash is {digits}; give the .tflite "
                f"that the node runs: there are records by {there}"
            )
    return [
        _words(known[record.model_hash], record) if record.model_hash in known else ""
        for record in records
    ]


def _words(model: Graph, record: Record) -> str:
    settings = settings_of(model)
    [said] = predictions(model, np.array([record.output]))
    if settings.task == "regression":
        return numbers.with_unit(f"{said:.4g}", settings.target_unit)
    return settings.labels[int(said)]
