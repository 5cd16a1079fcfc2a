"""A full disk ends every command in one sentence that names what could not be written."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.data import made
from tests.support.targets import require_counting
from tinyml import boards
from tinyml.full_disk import explain_full_disk
from tinyml.resources import folder

PUMP = folder("models") / "pump-simulated"
MODEL = str(PUMP / "model.tflite")
BOARD = boards.DEFAULT
# Everything is written: results here, what is kept between runs, what is temporary.
SMALL = "16k"
# What a command does on such a disk, and what it cannot write there.
COMMANDS = {
    "init": (["init", "pump-simulated", "p"], "p"),
    "compile": (["compile", MODEL, "--board", BOARD, "-o", "c"], "c/"),
    "export": (["export", MODEL, "--format", "arduino", "-o", "e"], "e/"),
    "import": (
        ["data", "import", "shake", "{given}", "--time", "t", "--project", "."],
        "datasets/",
    ),
    "picture": (["data", "show", "pump-simulated", "--picture", "p.svg"], "p.svg"),
}
ON_BOARDS = {
    "bench": (["bench", MODEL], "tmp/"),
    "demo": (["demo", "--pretrained", "-o", "d"], "d/"),
    "run": (["run", MODEL, "--input", "{given}/in.npy", "--output", "out.npy"], "tmp/"),
    "record": (["data", "record", BOARD, "x", "--label", "a"], "tmp/"),
}


@pytest.fixture
def disk(tmp_path):
    """A file system of its own, in a namespace of its own; skips where that is not permitted."""
    command = ["unshare", "-m", "mount", "-t", "tmpfs", "-o", f"size={SMALL}", "none", tmp_path]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("unshare is not installed")
    if done.returncode != 0:
        pytest.skip(f"no small disk can be mounted here: {done.stderr.strip()}")
    return tmp_path


def on(disk: Path, arguments: list[str], size: str = SMALL, before: str = "") -> str:
    """What a command prints as its error; the disk is full of it before the command ends."""
    prepared = (
        f"mount -t tmpfs -o size={size} none {disk} && cd {disk} && mkdir tmp && {before or ':'}"
        ' && exec "$@"'
    )
    environment = {
        **os.environ,
        "PYTHONPATH": str(folder("models").parent.resolve()),
        "XDG_CACHE_HOME": str(disk / "cache"),
        "TMPDIR": str(disk / "tmp"),
    }
    command = ["unshare", "-m", "sh", "-c", prepared, "sh", sys.executable, "-m", "tinyml"]
    done = subprocess.run(
        [*command, *arguments], capture_output=True, text=True, check=False, env=environment
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    (error,) = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    return error


@pytest.fixture(scope="module")
def given(tmp_path_factory) -> Path:
    """What commands read."""
    place = tmp_path_factory.mktemp("given")
    made.csv_files(place)
    np.save(place / "in.npy", np.zeros((1, 16, 3), np.int8))
    return place


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_names_what_cannot_be_written(name, disk, given):
    arguments, place = COMMANDS[name]
    error = on(disk, [argument.format(given=given) for argument in arguments])
    assert "the disk is full" in error and place in error, error


@pytest.mark.emulator
@pytest.mark.parametrize("name", ON_BOARDS)
def test_a_command_on_a_board_does_too(name, disk, given):
    require_counting(BOARD)
    arguments, place = ON_BOARDS[name]
    error = on(disk, [argument.format(given=given) for argument in arguments])
    assert "the disk is full" in error and place in error, error


@pytest.mark.emulator
@pytest.mark.parametrize("size", ["200k", "300k", "450k", "600k", "750k", "900k"])
def test_a_build_that_runs_out_of_space_says_so(size, disk):
    """Wherever that happens: sources, objects, the image, what the emulator counts in."""
    require_counting(BOARD)
    error = on(disk, ["bench", MODEL], size)
    assert "free some space and start again" in error and str(disk) in error, error


@pytest.mark.parametrize(
    ("output", "named"),
    [
        ("fatal error: error writing to {place}/cc.s: No space left on device", "place"),
        ("IOError: disk quota exceeded", ""),
        ("undefined reference to `x'", None),
    ],
)
def test_what_programs_say_of_a_full_disk_is_understood(output, named, tmp_path):
    found = explain_full_disk(output.format(place=tmp_path), (tmp_path,))
    assert (found is None) == (named is None)
    if named:
        assert str(tmp_path) in str(found)
