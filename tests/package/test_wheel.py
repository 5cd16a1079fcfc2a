"""The wheel alone, outside the checkout, runs everything."""

import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.support.shared import ROOT
from tests.support.targets import require_counting
from tinyml import boards


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """The ``tinyml`` of a new environment that holds the wheel, and the tests' own dependencies."""
    require_counting(boards.DEFAULT)
    place = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "-o", str(place)]
    subprocess.run([*build, str(ROOT)], check=True, capture_output=True)
    subprocess.run([sys.executable, "-m", "venv", str(place / "venv")], check=True)
    python = place / "venv" / "bin" / "python"
    wheel = next(place.glob("tinyml_toolkit-*.whl"))
    subprocess.run(
        [python, "-m", "pip", "install", "-q", "--no-deps", "--no-index", str(wheel)], check=True
    )
    site = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    # Behind the wheel on the path; editable installs there are not followed.
    (Path(site) / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return python


@pytest.fixture
def away(tmp_path, monkeypatch) -> Path:
    """A folder outside the checkout, from which no path leads back to it but for the build tools
    that pip installed beside this Python."""
    monkeypatch.delenv("PYTHONPATH", raising=False)
    beside = str(Path(sys.executable).parent)
    monkeypatch.setenv("PATH", os.pathsep.join((beside, os.environ["PATH"])))
    return tmp_path


def test_the_wheel_is_what_runs(installed, away):
    found = subprocess.run(
        [installed, "-c", "import tinyml; print(tinyml.__file__)"],
        capture_output=True, text=True, check=True, cwd=away,
    ).stdout  # fmt: skip
    assert str(installed.parent.parent) in found


def test_the_demo_runs_from_the_wheel(installed, away):
    done = subprocess.run(
        [installed, "-m", "tinyml", "demo", "--pretrained", "--samples", "24", "--json",
         "-o", str(away / "demo")],
        capture_output=True, text=True, check=False, cwd=away,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["equal_samples"] == result["samples"] == 24
    assert result["host"] == result["board"]
    assert (away / "demo" / "report.html").is_file()
