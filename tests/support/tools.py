"""External programs in tests: skipped where absent, an error where they are required."""

import functools
import os
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

import pytest

from tinyml.tools import find_tool


def require_tool(program: str) -> str:
    """The program's path.

    Skips with the reason where it is missing, unless the environment variable TINYML_REQUIRE, a
    list with commas, names it: then its absence is a failure.
    """
    found = find_tool(program)
    if found is None:
        _missing(program)
    return found


def require_module(name: str) -> None:
    """A Python package; what is missing is treated as a program is."""
    if find_spec(name) is None:
        _missing(name)


def require_package(package: str, file: Path) -> Path:
    """``file``, which comes with a Debian package; what is missing is treated as a program is."""
    if not file.is_file():
        _missing(package)
    return file


def require_compiler(program: str, package: str, source: str, *options: str) -> str:
    """The path of a compiler that makes something of ``source``.

    One that cannot lacks what comes with ``package``, which is treated as a missing program.
    """
    found = require_tool(program)
    if not _compiles(found, source, options):
        _missing(package)
    return found


@functools.cache
def _compiles(compiler: str, source: str, options: tuple[str, ...]) -> bool:
    with tempfile.TemporaryDirectory() as place:
        path = Path(place, "probe.c")
        path.write_text(source)
        command = [compiler, *options, str(path), "-o", str(path.with_suffix(".out"))]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _missing(name: str) -> NoReturn:
    if name in os.environ.get("TINYML_REQUIRE", "").split(","):
        pytest.fail(f"{name} is required here, but not installed")
    pytest.skip(f"{name} is not installed")
