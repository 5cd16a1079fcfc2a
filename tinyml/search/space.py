"""Where a search looks: a project's settings, some of them varied."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from typing import Any, Final

from tinyml.project import Project

_CONVOLUTIONS: Final = ("cnn1d", "ds_cnn", "residual")
_WIDTH_STEP: Final = 4  # kernels take four channels at a time


def suggested(trial: Any, project: Project, values: Mapping[str, Any]) -> dict[str, Any]:
    """A tinyml.toml's ``values`` with what an Optuna ``trial`` proposes within ``project.search``.

    Each setting keeps its name and range over all trials; those that a candidate has no use for
    are left out of it.
    """
    space = project.search
    kind = trial.suggest_categorical("kind", space.kinds)
    count = trial.suggest_int("layers", *space.layers)
    model: dict[str, Any] = {
        "kind": kind,
        "layers": [_width(trial, number, space.widths) for number in range(count)],
        "dropout": round(trial.suggest_float("dropout", *space.dropout), 3),
    }
    if kind in _CONVOLUTIONS:
        model["kernel"] = trial.suggest_categorical("kernel", space.kernels)
    found = copy.deepcopy(dict(values))
    found["model"] = model
    training = found.setdefault("training", {})
    rate = trial.suggest_float("learning_rate", *space.learning_rate, log=True)
    training["learning_rate"] = float(f"{rate:.4g}")
    training["quantization"] = trial.suggest_categorical("quantization", space.quantization)
    for key, ends in space.front_end.items():
        found["front_end"][key] = trial.suggest_int(key, *ends)
    return found


def while_searching(values: Mapping[str, Any], epochs: int | None) -> dict[str, Any]:
    """The same settings for a trial: validation data are kept out of training, since they judge."""
    found = copy.deepcopy(dict(values))
    training = found.setdefault("training", {})
    for key in ("join_validation", "average"):
        training.pop(key, None)
    if epochs:
        training["epochs"] = epochs
    return found


def to_toml(values: Mapping[str, Any], comment: str) -> str:
    """A tinyml.toml's text: single values first, then one table after another."""
    single = {key: value for key, value in values.items() if not isinstance(value, dict)}
    lines = [f"# {comment}", *(f"{key} = {json.dumps(value)}" for key, value in single.items())]
    for name, table in values.items():
        if isinstance(table, dict):
            lines += ["", f"[{name}]", *(f"{k} = {json.dumps(v)}" for k, v in table.items())]
    return "\n".join(lines) + "\n"


def _width(trial: Any, number: int, limits: tuple[int, int]) -> int:
    low, high = limits
    step = _WIDTH_STEP if high - low >= _WIDTH_STEP else 1
    width: int = trial.suggest_int(
        f"width_{number}", low, low + (high - low) // step * step, step=step
    )
    return width
