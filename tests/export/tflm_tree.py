"""A real TFLite Micro to try exports on: a tree of it, and libraries built of that tree.

TINYML_TFLM_TREE names a checkout of tensorflow/tflite-micro with its own downloads (see
docs/exports.md). Libraries are kept in TINYML_TFLM_BUILD, because they take minutes to build.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import serial

from tests.export.exported import CONSOLE
from tests.tools import require_tool
from tinyml import boards
from tinyml.build import build_image
from tinyml.emulator import Emulator
from tinyml.export.tflm import Kernels
from tinyml.resources import folder

MEASURING = Path(__file__).parent / "on_board" / "smallest_arena.cc"
SELF_TEST = ("main.c",)
# The board for each kind of kernels that a library is built with.
BOARDS = {
    Kernels.REFERENCE: "mps2-an386",
    Kernels.CMSIS_NN: "mps2-an385",
    Kernels.CMSIS_NN_DSP: "mps2-an386",
    Kernels.CMSIS_NN_MVE: "mps3-an547",
}


def tree() -> Path:
    given = os.environ.get("TINYML_TFLM_TREE")
    if not given:
        pytest.skip("no TFLite Micro: set TINYML_TFLM_TREE to a checkout of it with its downloads")
    return Path(given).resolve()


def make_name(kernels: Kernels) -> str:
    """As tflm.mk calls them."""
    return "reference" if kernels is Kernels.REFERENCE else "cmsis_nn"


def library(kernels: Kernels | None, scratch: Path) -> Path:
    """libtflm.a for the board of ``kernels``; None: for this computer, reference kernels."""
    source = tree()
    kept = Path(os.environ.get("TINYML_TFLM_BUILD", scratch)).resolve()
    where = kept / (f"{BOARDS[kernels]}-{make_name(kernels)}" if kernels else "host")
    settings = [f"TFLM={source}", f"TFLM_BUILD={where}"]
    if kernels is not None:
        require_tool("arm-none-eabi-g++")
        require_tool("qemu-system-arm")
        flags = " ".join(boards.core(boards.load(BOARDS[kernels]).core).flags)
        settings += ["CC=arm-none-eabi-gcc", "CXX=arm-none-eabi-g++", "AR=arm-none-eabi-ar"]
        settings += [f"TARGET_FLAGS={flags}", f"KERNELS={make_name(kernels)}"]
    rules = folder("firmware") / "exports" / "tflm" / "tflm.mk"
    text = f"include {rules.resolve()}\nlibrary: $(TFLM_LIB)\n"
    make = [require_tool("make"), "-s", f"-j{os.cpu_count()}", "-f", "-", "library", *settings]
    done = subprocess.run(make, input=text, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return where / "libtflm.a"


def set_environment(monkeypatch: pytest.MonkeyPatch, kernels: Kernels, built: Path) -> None:
    """What the exported model.cmake asks for."""
    monkeypatch.setenv("TFLM", str(tree()))
    monkeypatch.setenv("TFLM_LIB", str(built))
    monkeypatch.setenv("TFLM_KERNELS", make_name(kernels))


def _lines(kernels: Kernels, place: Path, app: Path, work: Path, last: str) -> list[str]:
    """What an application prints until a line that matches, or until nothing more comes."""
    board = boards.load(BOARDS[kernels])
    elf = build_image(board, place, str(app), work / "build").elf_path
    lines: list[str] = []
    with (
        Emulator(board, elf) as emulator,
        serial.serial_for_url(emulator.serial_url, timeout=10) as port,
    ):
        port.write(b"\n")
        while line := port.readline().decode().strip():
            lines.append(line)
            if re.search(last, line):
                break
    return lines


def self_test(
    monkeypatch: pytest.MonkeyPatch, kernels: Kernels, place: Path, built: Path, work: Path
) -> str:
    """What the exported main prints on a board."""
    set_environment(monkeypatch, kernels, built)
    app = work / "app"
    app.mkdir(parents=True)
    for path in (place / "main.c", CONSOLE):
        shutil.copy(path, app)
    return _lines(kernels, place, app, work, "PASS|FAIL")[0]


def smallest_arena(
    monkeypatch: pytest.MonkeyPatch, kernels: Kernels, place: Path, built: Path, work: Path
) -> int:
    """The smallest arena in which TFLite Micro computes what it should, in bytes; 0: not even in
    the exported one."""
    set_environment(monkeypatch, kernels, built)
    app = work / "app"
    app.mkdir(parents=True)
    shutil.copy(CONSOLE, app)  # for the C++ library; the measuring program comes with the model
    cmake = place / "model.cmake"
    text = cmake.read_text()
    cmake.write_text(f"{text}\nlist(APPEND TML_MODEL_SOURCES {MEASURING})\n")
    try:
        lines = _lines(kernels, place, app, work, "FAIL")
    finally:
        cmake.write_text(text)
    passed = [int(line.split()[0]) for line in lines if line.endswith("PASS")]
    return min(passed, default=0)
