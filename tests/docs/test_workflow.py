"""The workflow for GitHub runs what there is, on every system that tinyml promises."""

import re
import shlex

import pytest
import yaml

from tests.support.shared import ROOT
from tinyml.cli.main import COMMANDS

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
TARGETS = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
JOBS = [
    (f"{path.stem}: {name}", job)
    for path in WORKFLOWS
    for name, job in yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"].items()
]


def commands(job: dict) -> list[list[str]]:
    """The words of every command that a job runs, without sudo."""
    lines = [line for step in job["steps"] for line in step.get("run", "").splitlines()]
    parts = [part for line in lines for part in line.split("&&")]
    return [[word for word in shlex.split(part) if word != "sudo"] for part in parts]


@pytest.mark.parametrize(("name", "job"), JOBS, ids=[name for name, _ in JOBS])
def test_a_job_runs_what_there_is(name, job):
    assert job["runs-on"]
    for program, *arguments in commands(job):
        if program == "make":
            assert set(arguments) <= set(TARGETS)
        elif program == "bash":
            assert (ROOT / arguments[0]).is_file()
        elif program == "tinyml":
            assert arguments[0] in COMMANDS
        elif program == "python":
            assert arguments[0] == "-m"
            module = (ROOT / arguments[1].replace(".", "/")).with_suffix(".py")
            assert arguments[1] in ("pip", "pytest") or module.is_file()
        else:
            assert program == "apt-get", f"{name} runs {program}, which nobody looks after"


@pytest.mark.parametrize(("name", "job"), JOBS, ids=[name for name, _ in JOBS])
def test_actions_have_a_version(name, job):
    used = [step["uses"] for step in job["steps"] if "uses" in step]
    assert used
    assert all(re.fullmatch(r"actions/[a-z-]+@v\d+", action) for action in used), name


def test_promised_systems_and_pythons_are_tried():
    light = dict(JOBS)["ci: light"]["strategy"]["matrix"]
    assert {"windows", "macos", "ubuntu"} == {os.split("-")[0] for os in light["os"]}
    assert any(os.endswith("-arm") for os in light["os"])
    promised = re.search(
        r'requires-python = ">=(3\.\d+)"', (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    )
    assert light["python"][0] == promised[1]
