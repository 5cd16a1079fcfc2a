"""Exports for ecosystems compiled against stand-ins of their APIs, run, and collected from."""

import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tests.export.exported import compile_all
from tests.support.nodes import native
from tests.support.targets import require_cpp, require_native
from tinyml.collect import Store
from tinyml.device import Node
from tinyml.export import Source
from tinyml.graph import Oracle

STUBS = Path(__file__).parent / "stubs"
STRICT = ["-Wall", "-Wextra", "-Werror"]
SANITIZED = ["-g", "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
# Where the library's sources are, the application, and the stand-in of the API.
PLACES = {
    "arduino": ("src", "examples/Node/Node.ino", "arduino"),
    "platformio": ("lib/tinyml_under_test/src", "src/main.cpp", "arduino"),
    "esp-idf": ("src", "examples/node/main/main.c", "esp_idf"),
    "zephyr": ("src", "samples/node/src/main.c", "zephyr"),
}
FLAGS = {"zephyr": ["-DCONFIG_FLASH_MAP=1", "-DCONFIG_TINYML_SELF_TEST=1"]}


def sources(place: Path, form: str) -> list[Path]:
    library, application, _ = PLACES[form]
    found = [p for p in sorted((place / library).rglob("*")) if p.suffix in (".c", ".cpp", ".S")]
    return [*found, place / application]


def compile_export(
    place: Path, form: str, prefix: str, flags: list[str], work: Path, program: Path | None = None
) -> list[Path]:
    """Objects of the library and an application, C as C11 and the rest as C++17 (AVR: C++11).

    ``flags`` may have places of TFLite Micro's headers.
    """
    library, application, stub = PLACES[form]
    includes = [f"-I{place / library}", f"-I{STUBS / stub}", *FLAGS.get(form, [])]
    files = [*sources(place, form)[:-1], program or place / application]
    dialect = "gnu++11" if prefix == "avr-" else "gnu++17"
    c_files = [path for path in files if path.suffix in (".c", ".S")]
    others = [path for path in files if path not in c_files]
    c = [f"{prefix}gcc", "-std=gnu11", *STRICT, *flags, *includes]
    cpp = [f"{prefix}g++", f"-std={dialect}", *STRICT, *flags, *includes, "-x", "c++"]
    cpp += ["-include", "Arduino.h"] if stub == "arduino" else []
    return [
        *compile_all(c, c_files, work / "c"),
        *(compile_all(cpp, others, work / "cpp") if others else []),
    ]


def build_native(
    place: Path,
    form: str,
    work: Path,
    program: Path | None = None,
    flags: Sequence[str] = (),
    more: Sequence[str] = (),
) -> Path:
    """A program of this computer; ``flags`` for compiling, ``more`` for linking."""
    require_native()
    require_cpp()
    objects = compile_export(place, form, "", [*SANITIZED, *flags], work, program)
    stub = next((STUBS / PLACES[form][2]).glob("native.c*"))
    (stub_object,) = compile_all(
        ["g++" if stub.suffix == ".cpp" else "gcc", *SANITIZED, f"-I{stub.parent}"],
        [stub],
        work / "stub",
    )
    return link(["g++", *SANITIZED, str(stub_object)], "ar", objects, work, more)


def link(
    command: list[str], archiver: str, objects: list[Path], work: Path, more: Sequence[str] = ()
) -> Path:
    """A program, with the library as an archive: so these ecosystems link it."""
    library = work / "library.a"
    subprocess.run([archiver, "rcs", str(library), *map(str, objects)], check=True)
    subprocess.run([*command, str(library), *more, "-o", str(work / "program")], check=True)
    return work / "program"


# The hook of the tests has a sample at any time, however late a busy machine asks.
PATIENT = ("-DTML_SENSOR_BUFFERED=1000000000u",)


def feed_and_collect(program: Path, source: Source, store: Path) -> None:
    """A node computes what it is fed and what its sensor gives; `tinyml collect` gets both."""
    assert source.settings is not None
    seed = 20261124
    print(f"seed {seed}")
    front_end = source.settings.front_end
    window = np.random.default_rng(seed).integers(
        -3000, 3000, (1, front_end.window, front_end.channels), np.int16
    )
    shape = source.graph.tensor(source.graph.inputs[0]).shape
    (expected,) = Oracle(source.graph).run([front_end.transform(window).reshape(shape)])
    with native(program, None) as port:
        with Node(port) as node:
            record = node.feed(window.tobytes(), tag=7)
            assert record.output == tuple(expected.reshape(-1).tolist())
            assert node.info().model == "under_test"
            _wait_for_a_window_of_the_sensors(node)
        command = [sys.executable, "-m", "tinyml", "collect", port, "--store", str(store), "--once"]
        subprocess.run(command, check=True, capture_output=True)
    with Store(str(store)) as opened:
        records = opened.records()
    assert [r.output for r in records if r.tag == 7] == [record.output]
    assert any(r.tag is None for r in records)


def _wait_for_a_window_of_the_sensors(node: Node) -> None:
    """A busy machine delays samples, so that a window has no set length."""
    deadline = time.monotonic() + 60
    while all(record.tag is not None for record in node.records().records):
        assert time.monotonic() < deadline, "no record of the sensor hook's samples"
        time.sleep(0.1)
