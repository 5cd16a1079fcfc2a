"""Images for every board and port: they build without a warning, and their sizes add up."""

import re
import shutil
import subprocess
import sys
from dataclasses import replace

import pytest
from intelhex import IntelHex

from tests.emulator.test_emulator import tiny_model
from tests.support.targets import require_build, require_native, require_toolchain
from tinyml import boards
from tinyml.build import build_native, build_node, zig
from tinyml.build.elf import read_for
from tinyml.build.toolchain import TOOLCHAINS, VARIABLE, toolchain
from tinyml.compiler import compile_model
from tinyml.errors import BuildError, ModelTooLargeError, ToolMissingError
from tinyml.resources import folder


def build(board, app, place):
    require_build(board.name)
    return build_node(tiny_model(), board, place / "build", app)


@pytest.fixture(params=TOOLCHAINS)
def kind(request, monkeypatch):
    """Each toolchain in turn."""
    monkeypatch.setenv(VARIABLE, request.param)
    return request.param


@pytest.mark.parametrize("name", boards.names())
def test_sizes_add_up(name, kind, tmp_path):
    board = boards.load(name)
    require_toolchain(kind, name)
    image = build(board, "bench", tmp_path)
    size = require_toolchain("gcc", name).program("size")
    command = [size, "-A", str(image.elf_path)]
    listing = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    sections = {
        name: int(count)
        for name, count, *_ in (line.split() for line in listing.splitlines() if line[:1] == ".")
    }
    flash = (".text", ".ARM.exidx", ".data")
    assert image.flash_bytes == sum(sections.get(name, 0) for name in flash)
    assert image.data_bss_bytes == sections.get(".data", 0) + sections[".bss"]
    assert 0 < image.flash_code_bytes < image.flash_bytes
    assert 0 < image.flash_model_bytes < image.flash_bytes
    assert image.elf_path.with_suffix(".bin").stat().st_size == image.flash_bytes


@pytest.mark.parametrize("name", ["microbit", "riscv32-virt", "arduino-uno"])
def test_binaries_and_symbols_are_those_of_binutils(name, tmp_path):
    """objcopy and nm of the same image say the same."""
    tools = require_toolchain("gcc", name)
    image = build(boards.load(name), "node", tmp_path)
    made = image.elf_path
    for suffix, form in ((".bin", "binary"), (".hex", "ihex")):
        objcopy = [tools.program("objcopy"), "-O", form, str(made), str(tmp_path / f"x{suffix}")]
        subprocess.run(objcopy, check=True)
    assert made.with_suffix(".bin").read_bytes() == (tmp_path / "x.bin").read_bytes()
    ours, theirs = (IntelHex(str(p)) for p in (made.with_suffix(".hex"), tmp_path / "x.hex"))
    assert ours.todict() == {**theirs.todict(), "start_addr": ours.start_addr}
    objects = map(str, (made.parent / "objects" / "model").rglob("*.o"))
    command = [tools.program("nm"), "--defined-only", "--format=posix", *objects]
    listing = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    names = {line.split()[0] for line in listing.splitlines() if line.count(" ") >= 2}
    # nm leaves out names that only an assembler sees.
    assert {name for name in image.model_symbols if not name.startswith(".L")} == names


def test_a_folder_serves_one_board_after_another(tmp_path):
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "mine.txt").write_text("mine")
    for name in ("mps2-an386", "riscv32-virt", "mps2-an386"):
        image = build(boards.load(name), "bench", tmp_path)
        read_for(boards.load(name), image.elf_path, BuildError)
    assert (tmp_path / "build" / "mine.txt").read_text() == "mine"


def test_an_application_of_ones_own_is_found_from_here(tmp_path, monkeypatch):
    shutil.copytree(folder("firmware") / "apps" / "bench", tmp_path / "mine")
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path)
    assert build(boards.load("mps2-an386"), "mine", tmp_path).elf_path.is_file()
    for app in ("nothing", "empty"):
        with pytest.raises(BuildError, match=f"there is no application '{app}': give node, bench"):
            build(boards.load("mps2-an386"), app, tmp_path)


ONE_OF_EACH_CORE = {boards.load(name).core: name for name in boards.names()}


@pytest.mark.parametrize("core", ONE_OF_EACH_CORE)
@pytest.mark.parametrize("app", ["bench", "node"])
def test_the_template_of_a_port_builds(core, app, tmp_path):
    name = ONE_OF_EACH_CORE[core]
    build(replace(boards.load(name), port="template"), app, tmp_path)


def test_the_node_builds_as_a_native_program(tmp_path):
    require_native()
    model = compile_model(tiny_model(), core="portable").write(tmp_path / "model")
    assert build_native(model, "node", tmp_path / "build").is_file()


def test_a_mistake_in_c_is_told_with_its_line(kind, tmp_path):
    require_toolchain(kind, boards.DEFAULT)
    app = tmp_path / "app"
    app.mkdir()
    (app / "main.c").write_text("int main(void) { return nothing; }\n")
    with pytest.raises(BuildError, match=r"main\.c:1:.*nothing"):
        build(boards.load(boards.DEFAULT), str(app), tmp_path)


@pytest.mark.parametrize(
    ("memory", "words"), [("flash", r"bytes of flash, but .* has 512"), ("ram", "bytes of RAM")]
)
def test_what_does_not_fit_is_told_with_what_it_needs(kind, memory, words, tmp_path):
    board = boards.load("microbit")
    require_toolchain(kind, board.name)
    tight = {memory: replace(getattr(board, memory), bytes=512)}
    with pytest.raises(ModelTooLargeError, match=words) as caught:
        build(replace(board, **tight), "bench", tmp_path)
    need = re.search(r"needs ([\d,]+) bytes", str(caught.value))
    assert 512 < int(need[1].replace(",", "")) < 20_000


def test_another_compiler_builds_everything_again(monkeypatch, tmp_path):
    board = boards.load(boards.DEFAULT)
    comments = {}
    for name in TOOLCHAINS:
        require_toolchain(name, board.name)
        monkeypatch.setenv(VARIABLE, name)
        image = build(board, "bench", tmp_path)
        objects = (image.elf_path.parent / "objects").rglob("*.o")
        comments[name] = {b"clang" in path.read_bytes() for path in objects}
    assert comments == {"gcc": {False}, "zig": {True}}


def test_nothing_is_built_twice(kind, tmp_path):
    board = boards.load(boards.DEFAULT)
    require_toolchain(kind, board.name)
    times = []
    for _ in range(2):
        place = build(board, "bench", tmp_path).elf_path.parent
        times.append({path: path.stat().st_mtime_ns for path in place.rglob("*.o")})
    assert times[0] == times[1]


def test_a_place_with_spaces_and_marks_serves(kind, tmp_path):
    require_toolchain(kind, boards.DEFAULT)
    place = tmp_path / "a $b 'c: é"
    place.mkdir()
    assert build(boards.load(boards.DEFAULT), "node", place).elf_path.is_file()


def test_an_unknown_toolchain_is_told(monkeypatch, tmp_path):
    monkeypatch.setenv(VARIABLE, "gc")
    with pytest.raises(BuildError, match=r"gc.*did you mean 'gcc'"):
        toolchain("cortex-m4")


@pytest.mark.parametrize(
    ("core", "words"),
    [
        ("cortex-m4", "arm-none-eabi-gcc.*, or install the Python package ziglang"),
        ("atmega328p", "avr-gcc, which compiles firmware for AVR [^,]*$"),
    ],
)
def test_what_is_missing_is_told_with_both_ways_out(core, words, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setattr(zig, "program", lambda: None)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(ToolMissingError, match=words):
        toolchain(core)
