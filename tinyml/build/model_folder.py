"""What a folder with a compiled model says of itself: `model.json`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from tinyml.errors import BuildError

FILE_NAME = "model.json"


@dataclass(frozen=True)
class ModelFolder:
    """A compiled model, ready to be built."""

    place: Path
    name: str  # an identifier in C
    sources: tuple[Path, ...]
    includes: tuple[Path, ...]
    bare_sources: tuple[Path, ...]  # wanted only where no operating system is below
    tflm: bool  # it runs on TensorFlow Lite Micro, which the environment names

    @classmethod
    def read(cls, place: Path) -> ModelFolder:
        """Read the folder's description; BuildError where it has none."""
        place = place.resolve()
        try:
            table = json.loads((place / FILE_NAME).read_text(encoding="utf-8"))
            return cls(
                place,
                str(table["name"]),
                _paths(place, table["sources"]),
                _paths(place, table["includes"]),
                _paths(place, table.get("bare_sources", [])),
                table.get("engine") == "tflm",
            )
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise BuildError(
                f"{place} holds no compiled model: make one there with `tinyml compile`"
            ) from error


def _paths(place: Path, names: list[str]) -> tuple[Path, ...]:
    return tuple(place / name for name in names)
