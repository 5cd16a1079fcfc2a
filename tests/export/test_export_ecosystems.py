"""Arduino, PlatformIO, ESP-IDF, Zephyr: manifests as documented; every file compiles; it runs."""

import configparser
import contextlib
import json
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import serial
import yaml

from tests.export.builds import (
    PATIENT,
    PLACES,
    STUBS,
    build_native,
    compile_export,
    feed_and_collect,
    link,
    sources,
)
from tests.export.exported import export, source_of
from tests.support.targets import require_board, require_cpp
from tests.support.tools import require_tool
from tinyml.device import Node
from tinyml.emulator import Emulator
from tinyml.graph import Oracle

MODEL = "pump-simulated"


@pytest.mark.parametrize("form", PLACES)
@pytest.mark.parametrize("model", [MODEL, "hello"])
def test_every_file_compiles_for_arm(tmp_path, form, model):
    require_cpp("arm-none-eabi-")
    place = export(model, form, tmp_path / "out", core="cortex-m4")
    flags = ["-mcpu=cortex-m4", "-mthumb", "-O2"]
    compile_export(place, form, "arm-none-eabi-", flags, tmp_path / "work")


@pytest.mark.parametrize("form", PLACES)
def test_it_runs_natively_and_is_collected_from(tmp_path, form):
    place = export(MODEL, form, tmp_path / "out")
    program = build_native(place, form, tmp_path / "work", flags=PATIENT)
    feed_and_collect(program, source_of(MODEL), tmp_path / "store.sqlite")


@pytest.mark.parametrize("form", ["esp-idf", "zephyr"])
def test_the_example_tests_itself(tmp_path, form):
    program = build_native(export("occupancy", form, tmp_path / "out"), form, tmp_path / "work")
    process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline().decode().endswith("self test: PASS\n")
    process.kill()
    process.communicate()


@pytest.mark.parametrize("form", ["arduino", "platformio"])
def test_the_self_test_sketch_passes(tmp_path, form):
    place = export("hello", form, tmp_path / "out")
    sketch = next(place.rglob("SelfTest.ino"))
    program = build_native(place, form, tmp_path / "work", sketch)
    process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"PASS\r\n"
    process.kill()
    process.communicate()


def build_avr(place: Path, chip: str, sketch: str, work: Path) -> Path:
    require_cpp("avr-")
    flags = [f"-mmcu={chip}", "-Os", "-ffunction-sections", "-fdata-sections"]
    program = place / "examples" / sketch / f"{sketch}.ino"
    objects = compile_export(place, "arduino", "avr-", flags, work, program)
    stub = STUBS / "arduino" / "avr.cpp"
    command = ["avr-g++", "-std=gnu++11", *flags, f"-I{stub.parent}", str(stub)]
    program = link([*command, "-Wl,--gc-sections"], "avr-ar", objects, work)
    raw = ["avr-objcopy", "-O", "binary", str(program), str(program.with_suffix(".bin"))]
    subprocess.run(raw, check=True)  # simavr's: the chip's flash
    return program


@contextlib.contextmanager
def emulated_avr(machine: str, program: Path) -> Iterator[str]:
    """URL of the serial port of an emulated AVR board."""
    emulator = require_tool("qemu-system-avr")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    serial_port = f"tcp:127.0.0.1:{port},server=on,wait=on"
    command = [emulator, "-M", machine, "-bios", str(program), "-display", "none"]
    process = subprocess.Popen([*command, "-monitor", "none", "-serial", serial_port])
    try:
        yield f"socket://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def connected(url: str) -> serial.SerialBase:
    """The port, as soon as the emulator listens."""
    deadline = time.monotonic() + 30
    while True:
        try:
            return serial.serial_for_url(url, timeout=30)
        except serial.SerialException:
            assert time.monotonic() < deadline
            time.sleep(0.05)


@pytest.mark.emulator
def test_a_small_model_runs_on_an_uno(tmp_path):
    place = export("hello", "arduino", tmp_path / "out")
    program = build_avr(place, "atmega328p", "SelfTest", tmp_path / "work")
    with emulated_avr("uno", program) as url, connected(url) as port:
        assert port.readline() == b"PASS\r\n"


@pytest.mark.emulator
def test_a_node_on_a_mega_answers(tmp_path):
    board = require_board("arduino-mega")
    place = export("hello", "arduino", tmp_path / "out")
    program = build_avr(place, "atmega2560", "Node", tmp_path / "work")
    graph = source_of("hello").graph
    given = np.array([-128, -1, 0, 77, 127], np.int8)
    (expected,) = Oracle(graph).run([given.reshape(-1, 1)])
    with Emulator(board, program) as emulator, Node(emulator.serial_url) as node:
        answers = [node.feed(value.tobytes(), tag=1).output for value in given]
    assert answers == [(value,) for value in expected.reshape(-1).tolist()]


def test_includes_find_their_files_without_any_include_path(tmp_path):
    place = export("kws", "arduino", tmp_path / "out", core="cortex-m4") / "src"
    for path in (p for p in place.rglob("*") if p.is_file()):
        for name in re.findall(r'^\s*#\s*include\s+"([^"]+)"', path.read_text(), re.MULTILINE):
            assert (path.parent / name).is_file(), f"{path}: {name}"


def test_library_properties(tmp_path):
    """Source: Arduino library specification 1.5, "library.properties file format"."""
    place = export(MODEL, "arduino", tmp_path / "out")
    lines = (place / "library.properties").read_text().splitlines()
    fields = dict(line.split("=", 1) for line in lines)
    needed = {"name", "version", "author", "maintainer", "sentence", "paragraph", "category", "url"}
    assert needed <= fields.keys() and all(fields.values())
    assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9 _.-]{0,62}", fields["name"])
    assert re.fullmatch(r"\d+\.\d+\.\d+", fields["version"])
    assert fields["category"] == "Data Processing"
    assert fields["architectures"] == "*"
    assert (place / "src" / fields["includes"]).is_file()
    for sketch in place.glob("examples/*"):
        assert (sketch / f"{sketch.name}.ino").is_file()


def test_platformio_manifests(tmp_path):
    """Source: PlatformIO documentation, library.json and platformio.ini."""
    place = export(MODEL, "platformio", tmp_path / "out")
    (manifest,) = place.glob("lib/*/library.json")
    fields = json.loads(manifest.read_text())
    assert fields["name"] == manifest.parent.name
    assert {"version", "description", "frameworks", "platforms", "license"} <= fields.keys()
    assert (manifest.parent / "src" / fields["headers"]).is_file()
    project = configparser.ConfigParser()
    project.read(place / "platformio.ini")
    environments = {name.removeprefix("env:") for name in project if name.startswith("env:")}
    assert project["platformio"]["default_envs"] in environments
    for name in environments:
        assert {"platform", "board"} <= set(project[f"env:{name}"])


def test_esp_idf_manifests(tmp_path):
    """Source: IDF Component Manager documentation, idf_component.yml; partition tables."""
    place = export(MODEL, "esp-idf", tmp_path / "out")
    manifest = yaml.safe_load((place / "idf_component.yml").read_text())
    assert re.fullmatch(r"\d+\.\d+\.\d+", manifest["version"])
    assert {"description", "license"} <= manifest.keys()
    assert "idf" in manifest["dependencies"]
    needed = yaml.safe_load((place / "examples/node/main/idf_component.yml").read_text())
    (override,) = (value["override_path"] for value in needed["dependencies"].values())
    assert (place / "examples/node/main" / override).resolve() == place.resolve()
    cmake = (place / "CMakeLists.txt").read_text()
    assert set(re.findall(r"^\s+(src/\S+)$", cmake, re.MULTILINE)) == {
        str(path.relative_to(place)) for path in sources(place, "esp-idf")[:-1]
    }
    rows = [
        [field.strip() for field in line.split(",")]
        for line in (place / "examples/node/partitions.csv").read_text().splitlines()
        if not line.startswith("#")
    ]
    assert ["tml_log", "data"] in [row[:2] for row in rows]
    assert all(len(row) == 5 for row in rows)


def test_zephyr_manifests(tmp_path):
    """Source: Zephyr documentation, Modules (module.yml), west manifests, twister's sample.yaml."""
    place = export(MODEL, "zephyr", tmp_path / "out")
    module = yaml.safe_load((place / "zephyr/module.yml").read_text())
    assert (place / module["build"]["kconfig"]).is_file()
    assert (place / module["build"]["cmake"] / "CMakeLists.txt").is_file()
    cmake = (place / "zephyr/CMakeLists.txt").read_text()
    assert set(re.findall(r"^\s+\.\./(src/\S+)$", cmake, re.MULTILINE)) == {
        str(path.relative_to(place)) for path in sources(place, "zephyr")[:-1]
    }
    manifest = yaml.safe_load((place / "west.yml").read_text())["manifest"]
    remotes = {remote["name"] for remote in manifest["remotes"]}
    assert {project["remote"] for project in manifest["projects"]} <= remotes
    tests = yaml.safe_load((place / "samples/node/sample.yaml").read_text())["tests"]
    assert all(name.startswith("sample.") for name in tests)
    kconfig = (place / "zephyr/Kconfig").read_text()
    declared = set(re.findall(r"^config (\w+)", kconfig, re.MULTILINE))
    used = re.findall(r"^CONFIG_(TINYML_\w+)=", (place / "samples/node/prj.conf").read_text(), re.M)
    assert used and set(used) <= declared


@pytest.mark.parametrize("form", PLACES)
def test_no_place_of_a_template_is_left_open(tmp_path, form):
    place = export("hello", form, tmp_path / "out")
    for path in (p for p in place.rglob("*") if p.is_file() and p.suffix != ".tflite"):
        assert not re.search(r"@[A-Z_]+@", path.read_text()), path
