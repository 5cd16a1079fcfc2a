"""What a folder with a compiled model says of itself: `model.json`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tinyml.documents import read_json
from tinyml.errors import BuildError

FILE_NAME: Final = "model.json"
_MEND: Final = "write one there with `tinyml compile`"


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
        if not (place / FILE_NAME).is_file():
            raise BuildError(f"{place} does not contain a compiled model; {_MEND}")
        fields = read_json(place / FILE_NAME, BuildError, _MEND)
        return cls(
            place,
            fields.text("name"),
            _paths(place, fields.texts("sources")),
            _paths(place, fields.texts("includes")),
            _paths(place, fields.texts("bare_sources", [])),
            fields.text("engine", "") == "tflm",
        )


def _paths(place: Path, names: tuple[str, ...]) -> tuple[Path, ...]:
    return tuple(place / name for name in names)
