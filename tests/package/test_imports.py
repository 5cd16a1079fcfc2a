"""``tinyml --help`` answers without loading what only some commands need."""

import importlib.util
import subprocess
import sys

import pytest
from click.testing import CliRunner

from tinyml.cli.main import COMMANDS, cli

HEAVY = ("numpy", "tensorflow", "keras", "sqlalchemy", "serial", "cbor2", "ai_edge_litert")
EXISTING = [name for name in COMMANDS if importlib.util.find_spec(f"tinyml.cli.{name}")]


@pytest.mark.parametrize("arguments", [["--help"], ["--version"]])
def test_the_command_starts_light(arguments):
    program = (
        "import sys; from tinyml.cli.main import cli\n"
        f"cli({arguments!r}, standalone_mode=False)\n"
        f"print(sorted(set({HEAVY!r}) & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stderr.strip() == "[]"


@pytest.mark.parametrize(
    "name",
    COMMANDS,
)
def test_every_command_in_the_help_exists(name):
    assert importlib.util.find_spec(f"tinyml.cli.{name}") is not None


def test_help_of_no_command_needs_tensorflow():
    program = (
        "import sys; from tinyml.cli.main import cli\n"
        f"for name in {list(EXISTING)}:\n"
        "    cli([name, '--help'], standalone_mode=False)\n"
        "    assert not {'tensorflow', 'keras'} & set(sys.modules), name"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_table_of_commands_is_the_help():
    shown = CliRunner().invoke(cli, ["--help"]).output
    for name, line in COMMANDS.items():
        assert name in shown
        assert line.split(".")[0].split()[0] in shown
