"""Tries tinyml with every Python that it promises and that is here: `python -m tools.pythons`.

For each of them a new environment with the extra ``light`` and pytest, the tests that are named (by
default those that need neither TensorFlow nor other programs) and the demo. Interpreters are looked
for on PATH and among those of pyenv; one that is missing is named, and is no failure.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
VERSIONS: Final = ("3.10", "3.11", "3.12", "3.13")
_PACKAGES: Final = ("pytest", "pytest-xdist", "hypothesis")
_ROOMS: Final = (
    "package", "cli", "graph", "features", "data", "device", "model", "judge", "collect", "link",
)  # fmt: skip
_TESTS: Final = tuple(f"tests/{room}" for room in _ROOMS)
_PYENV: Final = Path.home() / ".pyenv" / "versions"


def interpreter(version: str) -> str | None:
    """The newest one of a version, such as 3.10; None where there is none."""
    found = sorted(_PYENV.glob(f"{version}.*/bin/python"))
    return str(found[-1]) if found else shutil.which(f"python{version}")


def tried(python: str, tests: list[str], place: Path) -> str:
    """What went wrong with an interpreter; empty where nothing did."""
    inside = place / "bin" / "python"
    steps = {
        "the environment": [python, "-m", "venv", str(place)],
        "pip": [str(inside), "-m", "pip", "install", "-q", "-e", f"{ROOT}[light]", *_PACKAGES],
        "the tests": [str(inside), "-m", "pytest", "-q", "-n", "auto", *tests],
        "the demo": [str(inside), "-m", "tinyml", "demo", "--pretrained", "-o", str(place / "d")],
    }
    for name, command in steps.items():
        if subprocess.run(command, cwd=ROOT, check=False).returncode != 0:
            return f"{name} failed"
    return ""


def main(tests: list[str]) -> int:
    """1 where an interpreter failed, or none was found."""
    report = []
    for version in VERSIONS:
        python = interpreter(version)
        if python is None:
            report.append(f"Python {version}: not here, untried")
            continue
        began = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="tinyml-python-") as place:
            wrong = tried(python, tests or list(_TESTS), Path(place))
        seconds = f"{time.monotonic() - began:.0f} s"
        report.append(f"Python {version} ({python}): {wrong or 'passed'}, {seconds}")
        print(report[-1], flush=True)
    print("\n".join(["", *report]))
    failed = any("failed" in line for line in report)
    return int(failed or all("untried" in line for line in report))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
