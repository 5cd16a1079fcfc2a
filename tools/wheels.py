"""Whether pip installs tinyml without a compiler on every system, and how much it downloads.

``python -m tools.wheels`` resolves the dependencies of the base, ``[light]`` and ``[train]`` for
each system and Python, of wheels alone, as uv sees the package index now. It ends with 1 where a
wheel lacks, and with 0 and the reason where nobody can say: without uv, or without an index.
"""

from __future__ import annotations

import datetime
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any, Final

from tinyml.tools import find_tool

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT: Final = Path(__file__).resolve().parents[1]
PYTHONS: Final = ("3.10", "3.11", "3.12", "3.13")
SYSTEMS: Final = {  # as uv names them; those of Linux stand for glibc 2.28 and later
    "Linux x86-64": "x86_64-unknown-linux-gnu",
    "Linux aarch64": "aarch64-unknown-linux-gnu",
    "Windows": "x86_64-pc-windows-msvc",
    "macOS arm64": "aarch64-apple-darwin",
}
EXTRAS: Final = {"base": (), "light": ("light",), "train": ("light", "train")}
AT_ONCE: Final = 8  # resolving waits for the index
_NO_SOLUTION: Final = 1  # uv's exit code; trouble of another kind, such as no network, has 2


class MissingWheelError(Exception):
    """No set of wheels satisfies what tinyml depends on; uv's own words say why."""


class UnknowableError(Exception):
    """uv, or the index, cannot be reached here."""


@dataclass(frozen=True)
class Wheel:
    """One file that pip would download."""

    name: str
    version: str
    bytes: int
    released: datetime.date


@cache
def resolve(system: str, python: str, extras: tuple[str, ...]) -> list[Wheel]:
    """What an installation downloads on a system of SYSTEMS.

    Raises MissingWheelError, and UnknowableError where there is no uv or no index.
    """
    uv = find_tool("uv")
    if uv is None:
        raise UnknowableError("uv is not installed")
    done = subprocess.run(
        [
            uv, "pip", "compile", "--no-config", "--quiet", "--only-binary", ":all:",
            "--python-platform", SYSTEMS[system], "--python-version", python,
            *(f"--extra={extra}" for extra in extras), "--format", "pylock.toml", "pyproject.toml",
        ],
        cwd=ROOT, capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    if done.returncode == _NO_SOLUTION:
        raise MissingWheelError(done.stderr.strip())
    if done.returncode:
        raise UnknowableError(done.stderr.strip())
    return [_wheel(package) for package in tomllib.loads(done.stdout)["packages"]]


def _wheel(package: dict[str, Any]) -> Wheel:
    # Of several that fit, pip takes the one made for the system: the largest.
    file = max(package["wheels"], key=lambda wheel: wheel["size"])
    return Wheel(package["name"], package["version"], file["size"], file["upload-time"].date())


def total_megabytes(wheels: list[Wheel]) -> float:
    """The download of all of them, in MB of 10**6 bytes."""
    return sum(wheel.bytes for wheel in wheels) / 1e6


def check(place: tuple[str, str, str]) -> tuple[str, bool]:
    """A line on a system, a Python and one of EXTRAS, and whether all wheels are there."""
    system, python, name = place
    title = f"{system}, Python {python}, {name}"
    try:
        wheels = resolve(system, python, EXTRAS[name])
    except MissingWheelError as error:
        return f"{title}: {error}", False
    return f"{title}: {len(wheels)} wheels, {total_megabytes(wheels):.0f} MB", True


def main() -> int:
    """Print a line for each system, Python and extra; the exit code."""
    whole = True
    try:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for line, there in pool.map(check, product(SYSTEMS, PYTHONS, EXTRAS)):
                print(line, flush=True)
                whole = whole and there
    except UnknowableError as error:
        print(f"skipped: {error}")
        return 0
    return 0 if whole else 1


if __name__ == "__main__":
    sys.exit(main())
