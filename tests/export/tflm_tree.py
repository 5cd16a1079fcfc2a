"""A real TFLite Micro to try exports on: a tree of it, and libraries built of that tree.

TINYML_TFLM_TREE names a checkout of tensorflow/tflite-micro with its own downloads (see
docs/exports.md). Libraries are kept in TINYML_TFLM_BUILD, because they take minutes to build.
"""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
import serial

from tests.export.exported import CONSOLE
from tests.support.targets import require_board, require_cpp, require_native
from tests.support.tools import require_tool
from tinyml import boards
from tinyml.build import build_image
from tinyml.emulator import Emulator
from tinyml.export.tflm import Kernels
from tinyml.resources import folder

MEASURING = Path(__file__).parent / "on_board" / "smallest_arena.cc"


@dataclass(frozen=True)
class Target:
    """An emulated board and the kernels that its library is built with."""

    board: str
    kernels: Kernels

    @property
    def make_name(self) -> str:
        """The kernels as tflm.mk calls them."""
        return "reference" if self.kernels is Kernels.REFERENCE else "cmsis_nn"


TARGETS: Final = {
    "m0plus-reference": Target("mps2-an385-m0plus", Kernels.REFERENCE),
    "m0plus-cmsis": Target("mps2-an385-m0plus", Kernels.CMSIS_NN),
    "m3-cmsis": Target("mps2-an385", Kernels.CMSIS_NN),
    "m4-reference": Target("mps2-an386", Kernels.REFERENCE),
    "m4-cmsis": Target("mps2-an386", Kernels.CMSIS_NN_DSP),
    "m55-cmsis": Target("mps3-an547", Kernels.CMSIS_NN_MVE),
}


def tree() -> Path:
    given = os.environ.get("TINYML_TFLM_TREE")
    if not given:
        pytest.skip("no TFLite Micro: set TINYML_TFLM_TREE to a checkout of it with its downloads")
    return Path(given).resolve()


def library(target: Target | None, scratch: Path) -> Path:
    """libtflm.a for a board; None: for this computer, reference kernels."""
    source = tree()
    kept = Path(os.environ.get("TINYML_TFLM_BUILD", scratch)).resolve()
    where = kept / (f"{target.board}-{target.make_name}" if target else "host")
    if (where / "libtflm.a").is_file():
        return where / "libtflm.a"
    settings = [f"TFLM={source}", f"TFLM_BUILD={where}"]
    if target is not None:
        require_board(target.board)
        require_cpp("arm-none-eabi-")
        flags = " ".join(boards.core(boards.load(target.board).core).flags)
        settings += ["CC=arm-none-eabi-gcc", "CXX=arm-none-eabi-g++", "AR=arm-none-eabi-ar"]
        settings += [f"TARGET_FLAGS={flags}", f"KERNELS={target.make_name}"]
    else:
        require_native()
        require_cpp()
    rules = folder("firmware") / "exports" / "tflm" / "tflm.mk"
    text = f"include {rules.resolve()}\nlibrary: $(TFLM_LIB)\n"
    make = [require_tool("make"), "-s", f"-j{os.cpu_count()}", "-f", "-", "library", *settings]
    done = subprocess.run(make, input=text, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return where / "libtflm.a"


def set_environment(monkeypatch: pytest.MonkeyPatch, target: Target, built: Path) -> None:
    """What the exported model.cmake asks for."""
    monkeypatch.setenv("TFLM", str(tree()))
    monkeypatch.setenv("TFLM_LIB", str(built))
    monkeypatch.setenv("TFLM_KERNELS", target.make_name)


def _lines(target: Target, place: Path, app: Path, work: Path, last: str) -> list[str]:
    """What an application prints until a line that matches, or until nothing more comes."""
    board = boards.load(target.board)
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
    monkeypatch: pytest.MonkeyPatch, target: Target, place: Path, built: Path, work: Path
) -> str:
    """What the exported main prints on a board."""
    set_environment(monkeypatch, target, built)
    app = work / "app"
    app.mkdir(parents=True)
    for path in (place / "main.c", CONSOLE):
        shutil.copy(path, app)
    return _lines(target, place, app, work, "PASS|FAIL")[0]


def smallest_arena(
    monkeypatch: pytest.MonkeyPatch, target: Target, place: Path, built: Path, work: Path
) -> int:
    """The smallest arena in which TFLite Micro computes what it should, in bytes; 0: not even in
    the exported one."""
    set_environment(monkeypatch, target, built)
    app = work / "app"
    app.mkdir(parents=True)
    shutil.copy(CONSOLE, app)  # for the C++ library; the measuring program comes with the model
    cmake = place / "model.cmake"
    text = cmake.read_text()
    cmake.write_text(f"{text}\nlist(APPEND TML_MODEL_SOURCES {MEASURING})\n")
    try:
        lines = _lines(target, place, app, work, "FAIL")
    finally:
        cmake.write_text(text)
    passed = [int(line.split()[0]) for line in lines if line.endswith("PASS")]
    return min(passed, default=0)
