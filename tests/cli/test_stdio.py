"""Output that cannot be written ends in one sentence, whether Python buffers it or not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tinyml.cli.main import COMMANDS

FULL = Path("/dev/full")
BUFFERED = pytest.mark.parametrize("buffered", [True, False], ids=["buffered", "unbuffered"])
# What prints by way of click, of rich, of both, and of click's own help and version.
PRINTING = (["boards"], ["boards", "--json"], ["data", "list"], ["--help"], ["--version"])


def tinyml(*arguments, buffered, **streams) -> subprocess.CompletedProcess[str]:
    """A command whose streams are files, with what it said on those that are not given."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONUNBUFFERED"}
    if not buffered:
        environment["PYTHONUNBUFFERED"] = "1"
    return subprocess.run(
        [sys.executable, "-m", "tinyml", *arguments],
        env=environment, text=True, check=False, timeout=120,
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams},
    )  # fmt: skip


@pytest.fixture
def full():
    if not FULL.exists():
        pytest.skip("/dev/full is only on Linux")
    with FULL.open("wb") as device:
        yield device


@pytest.fixture
def left():
    """A pipe whose reader is gone before anything is written."""
    reader, writer = os.pipe()
    os.close(reader)
    yield writer
    os.close(writer)


@BUFFERED
@pytest.mark.parametrize("arguments", PRINTING, ids=" ".join)
def test_a_full_output_is_one_sentence(arguments, buffered, full):
    done = tinyml(*arguments, buffered=buffered, stdout=full)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1, done.stderr
    assert done.stderr.startswith("error: ")


@BUFFERED
@pytest.mark.parametrize("name", COMMANDS)
def test_no_help_is_lost_in_silence(name, buffered, full):
    done = tinyml(name, "--help", buffered=buffered, stdout=full)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr


@BUFFERED
@pytest.mark.parametrize("arguments", PRINTING, ids=" ".join)
def test_a_reader_that_left_ends_a_command_quietly(arguments, buffered, left):
    done = tinyml(*arguments, buffered=buffered, stdout=left)
    assert (done.returncode, done.stderr) == (1, "")


@BUFFERED
def test_errors_that_cannot_be_said_keep_their_exit_code(buffered, full, left):
    for place in (full, left):
        done = tinyml("check", "nowhere.tflite", buffered=buffered, stderr=place)
        assert (done.returncode, done.stdout) == (1, "")


@BUFFERED
def test_both_streams_full_still_fail(buffered, full):
    assert tinyml("boards", buffered=buffered, stdout=full, stderr=full).returncode == 1
    assert tinyml("boards", "--nothing", buffered=buffered, stdout=full, stderr=full).returncode
