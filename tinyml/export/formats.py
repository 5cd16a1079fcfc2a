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
from tinyml.export.engine import Engine
from tinyml.export.source import Source
from tinyml.export.tflm import tflm_files
from tinyml.files import write_atomically

Content = str | bytes


@dataclass(frozen=True)
class Format:
    """One way to hand a model over."""

    title: str
    engines: tuple[Engine, ...]  # the first is taken where none is named
    files: Callable[[Source, Engine], Mapping[str, Content]]  # by path in the folder


_ANY: Final = (Engine.TINYML, Engine.TFLM)


def _tflite(source: Source, _: Engine) -> dict[str, Content]:
    return {f"{source.name}.tflite": source.data}


def _c(source: Source, _: Engine) -> dict[str, str]:
    return c_files(source)


def _tflm(source: Source, _: Engine) -> dict[str, str]:
    return tflm_files(source)


FORMATS: Final[Mapping[str, Format]] = {
    "tflite": Format("only the .tflite", _ANY, _tflite),
    "c": Format("C for tinyml's engine, complete in one folder", (Engine.TINYML,), _c),
    "tflm": Format("TensorFlow Lite Micro", (Engine.TFLM,), _tflm),
    "arduino": Format("an Arduino library with sketches", _ANY, arduino_files),
    "platformio": Format("a PlatformIO project", _ANY, platformio_files),
    "esp-idf": Format("an ESP-IDF component with an example", _ANY, esp_idf_files),
    "zephyr": Format("a Zephyr module with a sample", _ANY, zephyr_files),
}


def export_model(
    source: Source, form: str, folder: Path, *, engine: str | None = None, replace: bool = False
) -> list[str]:
    """Write a model in a format; returns the files' paths in ``folder``, sorted.

    Everything is made before the first file is written.

    Args:
        source: the model.
        form: a key of FORMATS.
        folder: made where it is missing.
        engine: the value of an Engine, of those that the format has; its first without.
        replace: write into a folder that is not empty; files of other names stay.

    Raises ExportError where the folder is not empty or the format cannot take this model, and as
    :class:`Source` where the model is refused.
    """
    if form not in FORMATS:
        raise ExportError(f"'{form}' is not an export format; choose {', '.join(FORMATS)}")
    if folder.exists() and (not folder.is_dir() or (any(folder.iterdir()) and not replace)):
        raise ExportError(
            f"{folder} already exists and is not an empty folder; choose another folder, "
            "or give --replace"
        )
    chosen = _engine(form, engine)
    files: dict[str, Content] = dict(FORMATS[form].files(source, chosen))
    if form != "tflite":  # so that every export can be read back
        files[f"extras/{source.name}.tflite"] = source.data
    for path, content in files.items():
        write_atomically(folder / path, content)
    return sorted(files)


def _engine(form: str, wanted: str | None) -> Engine:
    engines = {engine.value: engine for engine in FORMATS[form].engines}
    if wanted is None:
        return FORMATS[form].engines[0]
    if wanted not in engines:
        raise ExportError(
            f"format '{form}' cannot use the engine '{wanted}'; it can use: {', '.join(engines)}"
        )
    return engines[wanted]
