"""Images for every board and port: they build without a warning, and their sizes add up."""

import shutil
import subprocess
from dataclasses import replace

import pytest

from tests.system.test_emulator import tiny_model
from tests.targets import require_build, require_native
from tinyml import boards
from tinyml.build import build_image, build_native
from tinyml.build.elf import read_for
from tinyml.build.toolchain import toolchain
from tinyml.compiler import compile_model
from tinyml.errors import BuildError
from tinyml.resources import folder


def build(board, app, place):
    require_build(board.name)
    model = compile_model(tiny_model(), core=board.core).write(place / "model")
    return build_image(board, model, app, place / "build")


@pytest.mark.parametrize("name", boards.names())
def test_sizes_add_up(name, tmp_path):
    image = build(boards.load(name), "bench", tmp_path)
    size = toolchain(boards.load(name).core).program("size")
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
    assert image.elf_path.with_suffix(".hex").read_text().startswith(":")


def test_a_folder_serves_one_board_after_another(tmp_path):
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "mine.txt").write_text("mine")
    for name in ("mps2-an386", "riscv32-virt", "mps2-an386"):
        image = build(boards.load(name), "bench", tmp_path)
        read_for(boards.load(name), image.elf_path, BuildError)
    assert (tmp_path / "build" / "mine.txt").read_text() == "mine"


def test_an_application_of_ones_own_is_found_from_here(tmp_path, monkeypatch):
    shutil.copytree(folder("firmware") / "bench", tmp_path / "mine")
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path)
    assert build(boards.load("mps2-an386"), "mine", tmp_path).elf_path.is_file()
    for app in ("nothing", "empty"):
        with pytest.raises(BuildError, match=f"'{app}' is no application: give node, bench"):
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


def test_a_mistake_in_c_is_told_with_its_line(tmp_path):
    app = tmp_path / "app"
    app.mkdir()
    (app / "main.c").write_text("int main(void) { return nothing; }\n")
    with pytest.raises(BuildError, match=r"main\.c:1:.*nothing"):
        build(boards.load(boards.DEFAULT), str(app), tmp_path)
