"""What a model costs on several boards, kept as JSON beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tinyml import boards
from tinyml.bench.front_end import measure_front_end
from tinyml.bench.measure import measure
from tinyml.documents import Fields, read_json
from tinyml.emulator import require_counting
from tinyml.errors import EmulatorError, TinymlError, ToolMissingError, TrainingError
from tinyml.files import write_atomically
from tinyml.graph import Graph
from tinyml.model import ModelSettings
from tinyml.progress import Progress

# A Cortex-M4, a Cortex-M0+ and a Cortex-M55, all emulated.
BOARDS: Final = ("mps2-an386", "mps2-an385-m0plus", "mps3-an547")
FILE_NAME: Final = "cost.json"
_SCHEMA: Final = 1
_LEFT_OUT: Final = ("model", "layers", "passes")


@dataclass(frozen=True)
class CostRecord:
    """Figures of one model, a board each, under the names of `tinyml bench --json`."""

    model_sha256: str
    boards: tuple[Mapping[str, Any], ...]

    def write(self, path: Path) -> None:
        """Write it as JSON."""
        value = {"schema": _SCHEMA, "model_sha256": self.model_sha256, "boards": list(self.boards)}
        write_atomically(path, json.dumps(value, indent=2) + "\n")


def measure_costs(graph: Graph, progress: Progress, names: Sequence[str] = BOARDS) -> CostRecord:
    """Measure one inference on each of these emulated boards; ``progress`` counts them.

    And the front end, where the model has one.
    """
    settings = ModelSettings.of(graph.metadata)
    rows = []
    for number, name in enumerate(names):
        progress("measure", number, len(names))
        figures = measure(graph, boards.load(name)).to_dict()
        if settings is not None:
            figures |= measure_front_end(settings.front_end, boards.load(name)).to_dict()
        rows.append({key: value for key, value in figures.items() if key not in _LEFT_OUT})
    progress("measure", len(names), len(names))
    return CostRecord(graph.sha256, tuple(rows))


def measurable(names: Sequence[str] = BOARDS) -> tuple[list[str], list[str]]:
    """Those of the boards on which instructions are counted here, and why not on the others.

    Raises what require_counting does of the first where there is none.
    """
    able: list[str] = []
    problems: list[TinymlError] = []
    for name in names:
        try:
            require_counting(boards.load(name))
        except (EmulatorError, ToolMissingError) as error:
            problems.append(error)
        else:
            able.append(name)
    if not able:
        raise problems[0]
    return able, [str(problem) for problem in problems]


def read_costs(path: Path) -> CostRecord:
    """The costs in the file ``path``; TrainingError where it is missing or damaged."""
    if not path.is_file():
        raise TrainingError(f"{path} does not exist; run `tinyml card` to measure the costs")
    fields = read_json(path, TrainingError, "run `tinyml card` to write it again")
    if fields.whole("schema") != _SCHEMA:
        raise fields.wrong("schema", f"must be {_SCHEMA}")
    return CostRecord(
        fields.text("model_sha256"), tuple(_row(row) for row in fields.inners("boards", None))
    )


def _row(fields: Fields) -> dict[str, Any]:
    """One board's figures: whole numbers, but for the names."""
    names = {key: fields.text(key) for key in ("board", "core")}
    if "front_end" in fields:
        names["front_end"] = fields.text("front_end")
    return {**names, **{key: fields.whole(key) for key in fields.unread()}}
