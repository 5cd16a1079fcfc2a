"""docs/dependencies.md, made from pyproject.toml, the packages' metadata and the package index.

``python -m tools.dependencies`` writes it; tests/docs/test_dependencies.py holds it to be true.
"""

from __future__ import annotations

import importlib.metadata
import re
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import product
from typing import Final

from packaging.requirements import Requirement

from tools.wheels import (
    AT_ONCE,
    EXTRAS,
    PYTHONS,
    ROOT,
    SYSTEMS,
    Wheel,
    check,
    resolve,
    total_megabytes,
)

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PAGE: Final = ROOT / "docs" / "dependencies.md"
PYTHON: Final = "3.12"  # whose wheels the table of packages shows
# Why each is taken; what the others need comes with them.
WHY: Final = {
    "ai-edge-litert": "LiteRT, which tests and `tinyml verify` compare with",
    "build": "makes the wheel that a test installs",
    "cbor2": "the link's messages are CBOR (RFC 8949)",
    "clang-format": "the format of C",
    "click": "the command line",
    "cmake": "builds images with gcc, and exported projects",
    "hatchling": "makes the wheel",
    "httpx": "asks pages as a browser does, in tests",
    "hypothesis": "random cases in tests",
    "intelhex": "reads and writes Intel hex images",
    "jinja2": "pages are templates, in which every value is escaped",
    "mypy": "checks types",
    "ninja": "runs builds, and only what changed",
    "numpy": "arrays: data, front ends, the oracle",
    "optuna": "the search",
    "packaging": "reads requirements",
    "psycopg": "stores in PostgreSQL",
    "pyarrow": "reads Parquet",
    "pyelftools": "sections and symbols of images",
    "pyserial": "serial ports, on every system",
    "pytest": "runs the tests",
    "pytest-xdist": "runs them on all cores",
    "pyyaml": "reads exported manifests and workflows",
    "rich": "tables and progress",
    "ruff": "lint and format of Python",
    "scikit-learn": "the random forest beside each model, and teachers",
    "smpclient": "another client of the link's protocol, in tests",
    "soundfile": "reads compressed sounds",
    "sqlalchemy": "the store, over SQLite or PostgreSQL",
    "starlette": "pages for a browser on this computer",
    "tensorflow": "training and conversion, where tensorflow-cpu has no wheel",
    "tensorflow-cpu": "training and conversion, on Linux x86-64",
    "tflite-runtime": "TensorFlow Lite on old gateways; its last release",
    "tomli": "reads TOML on Python 3.10",
    "tzdata": "time zones, on Windows",
    "unicorn": "emulates the cores of boards",
    "uv": "sees which wheels other systems would get",
    "uvicorn": "serves them",
    "vermin": "finds what Python 3.10 lacks",
    "ziglang": "Zig with clang and lld: the C compiler",
}
NOT_RESOLVED: Final = ("gateway-legacy", "dev")  # of old Pythons; not for users
# Where a package's own metadata is wrong; and of those that other systems than the maker's have.
LICENCES: Final = {
    "unicorn": "GPL-2.0 (core), BSD (Python binding)",
    "colorama": "BSD-3-Clause",
    "tensorflow": "Apache-2.0",
    "tflite-runtime": "Apache-2.0",
    "tomli": "MIT",
    "tzdata": "Apache-2.0",
}
HEAD: Final = """\
# Dependencies
Made by `python -m tools.dependencies` from `pyproject.toml`, the packages' metadata and the package
index. A test compares the licences with those of what is installed.

tinyml is under Apache-2.0. Its dependencies have permissive licences, or licences that cover single
files (MPL-2.0: certifi, tqdm). There are two exceptions, both in extras: psycopg (LGPL-3.0, used as
a library) and **Unicorn**.

Unicorn's metadata says BSD, which is true for its Python binding. The core that the binding loads
comes from QEMU and is **GPL-2.0**. Therefore:

- The emulator is a separate process, which tinyml talks to through sockets, as it does with QEMU
  (also GPL-2.0).
- Nothing else of tinyml loads Unicorn; the file that does is under the MIT licence, which is
  compatible with the GPL.
- If you distribute Unicorn together with tinyml, you distribute two programs, and must offer the
  source of Unicorn. Without the extra `light`, Unicorn is not installed.

Programs that are not Python packages (gcc, QEMU, avrdude, ...) run unchanged and are not part of
tinyml; `tinyml doctor` names them. Firmware contains tinyml's sources and what its compiler adds:
libgcc, with its exception for compiled programs, and newlib, or compiler-rt (Apache-2.0 with LLVM's
exception).
"""


def declared() -> dict[str, list[Requirement]]:
    """What pyproject.toml asks for, by extra; ``base`` is what everybody gets."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    texts = {"base": project["dependencies"], **project["optional-dependencies"]}
    found = {extra: [Requirement(text) for text in lines] for extra, lines in texts.items()}
    return {
        extra: [needed for needed in wanted if needed.name != project["name"]]
        for extra, wanted in found.items()
    }


def licence(name: str) -> str | None:
    """A package's licence by its metadata; None where it is not installed."""
    if name in LICENCES:
        return LICENCES[name]
    try:
        metadata = importlib.metadata.metadata(name)
    except importlib.metadata.PackageNotFoundError:
        return None
    # An absent field is asked for in the plural without a warning.
    if expressions := metadata.get_all("License-Expression"):
        return str(expressions[0])
    classified = [
        line.rpartition(" :: ")[2]
        for line in metadata.get_all("Classifier") or []
        if line.startswith("License ::") and line.count(" :: ") > 1
    ]
    text = str((metadata.get_all("License") or [""])[0]).strip().partition("\n")[0]
    return ", ".join(classified) or text or "not said"


def rows(page: str) -> dict[str, list[str]]:
    """The cells after the name of every package that the page's tables show."""
    found = re.findall(r"^\| `([a-z0-9._-]+)` \| (.*) \|$", page, re.MULTILINE)
    return {name: cells.split(" | ") for name, cells in found}


def page() -> str:
    """The whole page. Needs uv and the index (UnknowableError)."""
    return "\n".join([HEAD, *_downloads(), *_packages()])


def _downloads() -> Iterator[str]:
    newest = max(wheel.released for wheel in _wheels("train")["Linux x86-64"].values())
    yield "## Downloads"
    yield (
        f"MB of all wheels, with releases up to {newest}, over Python {PYTHONS[0]} to"
        f" {PYTHONS[-1]}; `python -m tools.wheels` computes the current figures. Nothing needs"
        " compiling.\n"
    )
    yield _head("")
    for name, extras in EXTRAS.items():
        cells = []
        for system in SYSTEMS:
            sizes = [total_megabytes(resolve(system, python, extras)) for python in PYTHONS]
            low, high = round(min(sizes)), round(max(sizes))
            cells.append(str(low) if low == high else f"{low} to {high}")
        yield _line(f"`[{','.join(extras)}]`" if extras else name, *cells)
    yield ""


def _packages() -> Iterator[str]:
    base = set().union(*_wheels().values())
    for extra, wanted in declared().items():
        direct = sorted({needed.name for needed in wanted})
        yield f"## {extra}\n" if extra == "base" else f"## `[{extra}]`\n"
        if extra in NOT_RESOLVED:
            yield _head("package", "why", "licence", systems=False)
            for name in direct:
                yield _line(*_about(name))
        else:
            wheels = _wheels(*({extra} - {"base"}))
            known = base if extra != "base" else set()
            yield f"MB of wheels for Python {PYTHON}.\n"
            yield _head("package", "why", "licence", "release", "of")
            for name in [*direct, *sorted(set().union(*wheels.values()) - set(direct) - known)]:
                yield _row(name, [by_name.get(name) for by_name in wheels.values()])
        yield ""


def _head(*columns: str, systems: bool = True) -> str:
    right = list(SYSTEMS) if systems else []
    return f"{_line(*columns, *right)}\n|{'---|' * len(columns)}{'---:|' * len(right)}"


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


@cache
def _wheels(*extras: str) -> dict[str, dict[str, Wheel]]:
    """Every system's wheels by name."""
    return {
        system: {wheel.name: wheel for wheel in resolve(system, PYTHON, extras)}
        for system in SYSTEMS
    }


def _about(name: str) -> tuple[str, str, str]:
    said = licence(name)
    if said is None:
        raise SystemExit(f"{name} is not installed here: name its licence in LICENCES")
    return f"`{name}`", WHY.get(name, "needed by another package"), said


def _row(name: str, wheels: list[Wheel | None]) -> str:
    newest = max(filter(None, wheels), key=lambda wheel: wheel.released, default=None)
    return _line(
        *_about(name),
        newest.version if newest else "",
        str(newest.released) if newest else "",
        *("" if wheel is None else f"{wheel.bytes / 1e6:.1f}" for wheel in wheels),
    )


def main() -> None:
    """Write the page."""
    with ThreadPoolExecutor(AT_ONCE) as pool:  # resolving waits for the index
        list(pool.map(check, product(SYSTEMS, PYTHONS, EXTRAS)))
    PAGE.write_text(page(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
