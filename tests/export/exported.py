"""Models to export in tests, and ways to build and run what came out."""

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import serial

from tests.support.shared import shared_models
from tests.support.targets import require_board
from tests.support.tools import require_tool
from tinyml.build import build_image
from tinyml.emulator import Emulator
from tinyml.export import Source, export_model
from tinyml.graph import load
from tinyml.resources import folder

CONSOLE = Path(__file__).parent / "on_board" / "console.c"
ZOO = tuple(sorted(path.parent.name for path in folder("models").glob("*/model.tflite")))
REFERENCE = ("kws", "ad", "hello")
MODELS = (*ZOO, *REFERENCE)


def path_of(model: str) -> Path:
    """The .tflite of a model of the zoo, or by others; skips where it is absent."""
    zoo = folder("models") / model / "model.tflite"
    return zoo if model in ZOO else shared_models() / f"{model}.tflite"


def source_of(model: str, core: str = "portable", name: str = "under_test") -> Source:
    path = path_of(model)
    return Source(load(path), path.read_bytes(), name, core)


def export(model: str, form: str, place: Path, engine: str | None = None, **settings: str) -> Path:
    export_model(source_of(model, **settings), form, place, engine=engine)
    return place


def make(place: Path, *arguments: str) -> str:
    """What ``make`` prints; fails with its complaint."""
    require_tool("make")
    done = subprocess.run(
        ["make", "-s", *arguments], cwd=place, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def compile_all(compiler: Sequence[str], sources: Sequence[Path], place: Path) -> list[Path]:
    """Object files of ``sources``, or a failure with the compiler's words."""
    place.mkdir(parents=True, exist_ok=True)
    objects = []
    for index, source in enumerate(sources):
        objects.append(place / f"{index}_{source.stem}.o")
        command = [*compiler, "-c", str(source), "-o", str(objects[-1])]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    return objects


def run_on_board(board_name: str, place: Path, program: Sequence[str], work: Path) -> str:
    """Builds ``program``, files of the export at ``place``, for a board; its first line."""
    board = require_board(board_name)
    app = work / "app"
    app.mkdir(parents=True)
    for path in program:
        shutil.copy(place / path, app)
    shutil.copy(CONSOLE, app)
    elf = build_image(board, place, str(app), work / "build").elf_path
    with (
        Emulator(board, elf) as emulator,
        serial.serial_for_url(emulator.serial_url, timeout=30) as port,
    ):
        port.write(b"\n")
        return str(port.readline().decode().strip())
