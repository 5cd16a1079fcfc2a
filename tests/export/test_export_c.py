"""Plain C: the folder builds by itself, for the host and for a board, and computes the same."""

import re
import shutil
import subprocess

import pytest

from tests.export.exported import MODELS, export, make, run_on_board, source_of
from tests.support.targets import require_host_compiler, require_native
from tests.support.tools import require_tool
from tinyml import boards
from tinyml.compiler import compile_model

SELF_TEST = ("main.c", "self_test/self_test.c", "self_test_vector.c")


@pytest.mark.parametrize("model", MODELS)
def test_it_builds_and_passes_on_the_host(tmp_path, model):
    require_native()
    place = export(model, "c", tmp_path / "out")
    assert make(place, "test", "CFLAGS=-O1 -g -fsanitize=address,undefined") == "PASS\n"


@pytest.mark.parametrize("core", ["cortex-m0plus", "cortex-m4f", "cortex-m55"])
def test_it_builds_for_a_core_without_warnings(tmp_path, core):
    require_tool("arm-none-eabi-gcc")
    place = export("pump-simulated", "c", tmp_path / "out", core=core)
    flags = " ".join(boards.core(core).flags)
    make(place, "CC=arm-none-eabi-gcc", "AR=arm-none-eabi-ar", f"TARGET_FLAGS={flags}")
    assert (place / "build" / "libunder_test.a").is_file()


@pytest.mark.emulator
@pytest.mark.parametrize("board", ["mps2-an385", "mps2-an386", "mps3-an547"])
def test_it_passes_on_a_board(tmp_path, board):
    place = export("pump-simulated", "c", tmp_path / "out", core=boards.load(board).core)
    assert run_on_board(board, place, SELF_TEST, tmp_path / "work") == "PASS"


def test_a_wrong_weight_is_a_failure(tmp_path):
    require_host_compiler()
    place = export("pump-simulated", "c", tmp_path / "out")
    source = place / "under_test.c"
    text = source.read_text()
    table = re.search(r"_bias\[\d+\] \w+ = \{\n    (-?\d+)", text)
    assert table is not None
    source.write_text(text[: table.start(1)] + str(int(table[1]) + 5000) + text[table.end(1) :])
    done = subprocess.run(
        [require_tool("make"), "-s", "test"], cwd=place, capture_output=True, text=True, check=False
    )
    assert done.stdout == "FAIL\n"
    assert done.returncode != 0


def test_cmake_builds_and_tests_it(tmp_path):
    place = export("pump-simulated", "c", tmp_path / "out")
    cmake, ninja = require_tool("cmake"), require_tool("ninja")
    require_host_compiler()
    build = tmp_path / "build"
    for command in (
        [cmake, "-G", "Ninja", f"-DCMAKE_MAKE_PROGRAM={ninja}", "-S", str(place), "-B", str(build)],
        [cmake, "--build", str(build)],
        [str(shutil.which("ctest", path=str(cmake).rsplit("/", 1)[0])), "--test-dir", str(build)],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_readme_states_the_compilers_figures(tmp_path):
    place = export("pump-simulated", "c", tmp_path / "out")
    source = source_of("pump-simulated")
    compiled = compile_model(source.graph, core="portable", name="under_test")
    readme = (place / "README.md").read_text()
    for figure in (compiled.arena_bytes, compiled.constant_bytes, compiled.macs):
        assert f"| {figure:,} | exact |" in readme
    assert not re.search(r"@[A-Z_]+@", "".join(map(str, readme)))
    assert source.settings is not None
    assert all(label in readme for label in source.settings.labels)
