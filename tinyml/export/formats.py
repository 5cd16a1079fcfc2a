"""The formats by name, and the one way to write any of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tinyml.errors import ExportError
from tinyml.export.c import c_files
from tinyml.export.ecosystems import (
    arduino_files,
    esp_idf_files,
    platformio_files,
    zephyr_files,
)
from tinyml.export.source import Source
from tinyml.export.tflm import tflm_files
from tinyml.files import write_atomically

Content = str | bytes


@dataclass(frozen=True)
class Format:
    """One way to hand a model over."""

    title: str
    files: Callable[[Source], Mapping[str, Content]]  # by path in the folder


def _tflite(source: Source) -> dict[str, Content]:
    return {f"{source.name}.tflite": source.data}


FORMATS: Final[Mapping[str, Format]] = {
    "tflite": Format("the .tflite alone", _tflite),
    "c": Format("our engine's C, self-contained", c_files),
    "tflm": Format("TensorFlow Lite Micro", tflm_files),
    "arduino": Format("an Arduino library with sketches", arduino_files),
    "platformio": Format("a PlatformIO project", platformio_files),
    "esp-idf": Format("an ESP-IDF component with an example", esp_idf_files),
    "zephyr": Format("a Zephyr module with a sample", zephyr_files),
}


def export_model(source: Source, form: str, folder: Path, *, replace: bool = False) -> list[str]:
    """Write a model in a format; returns the files' paths in ``folder``, sorted.

    Everything is made before the first file is written.

    Args:
        source: the model.
        form: a key of FORMATS.
        folder: made where it is missing.
        replace: write into a folder that is not empty; files of other names stay.

    Raises ExportError where the folder is not empty or the format cannot take this model, and as
    :class:`Source` where the model is refused.
    """
    if form not in FORMATS:
        raise ExportError(f"there is no format '{form}'; there are: {', '.join(FORMATS)}")
    if folder.exists() and (not folder.is_dir() or (any(folder.iterdir()) and not replace)):
        raise ExportError(
            f"{folder} is there already and not an empty folder; choose another, or --replace"
        )
    files: dict[str, Content] = dict(FORMATS[form].files(source))
    if form != "tflite":  # so that every export can be read back
        files[f"extras/{source.name}.tflite"] = source.data
    for path, content in files.items():
        write_atomically(folder / path, content)
    return sorted(files)
