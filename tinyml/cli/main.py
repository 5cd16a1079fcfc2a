"""The ``tinyml`` command: a table of commands, each loaded only when it is used."""

import importlib
import os
import signal
import sys
import tempfile
from pathlib import Path
from types import FrameType
from typing import Final, NoReturn

import click

from tinyml import __version__
from tinyml.cli import stdio
from tinyml.errors import DiskFullError, TinymlError
from tinyml.files import reason
from tinyml.full_disk import full_disk, has_space, is_full_disk

# name -> one line of help. The command itself is `command` in tinyml/cli/<name>.py. Keeping the
# help here lets `tinyml --help` answer without importing any of them.
COMMANDS: Final = {
    "init": "Start a new project from the model zoo.",
    "data": "List, fetch, show and import data sets.",
    "train": "Train, quantise and evaluate a project's model.",
    "search": "Search for the best model within a board's memory, time and energy.",
    "evaluate": "Compare float and int8 figures, on the host or on a board.",
    "card": "Write a model card: data, figures, cost on three boards, limits.",
    "check": "Say in plain words whether a model will run, and where.",
    "compile": "Compile a model to C with an exact arena.",
    "run": "Run a model on an emulated board, from .npy files to .npy files.",
    "verify": "Check that a board computes every layer exactly as TFLite Micro does.",
    "bench": "Count instructions, memory and flash, layer by layer.",
    "export": "Write a model as a project for Arduino, ESP-IDF, Zephyr and others.",
    "import": "Get the .tflite back from an export or a C array.",
    "boards": "List the boards and how far each one is tested.",
    "sensors": "List the sensors that a node can read, and on which boards.",
    "build": "Build a firmware image for a board.",
    "flash": "Write an image to a board and check that it answers.",
    "emulate": "Start an emulated board with a serial port.",
    "collect": "Collect records from nodes into a store.",
    "monitor": "Show live what a node senses and infers.",
    "report": "Write a self-contained HTML report.",
    "doctor": "Check what is installed and print what to install.",
    "demo": "Do all steps on an emulated board, from training to a report.",
}


class _LazyGroup(click.Group):
    """A group that imports a command's module only when that command is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"tinyml.cli.{cmd_name}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="tinyml")
def cli() -> None:
    """Tiny machine learning on edge sensors, from data to a report."""


def main() -> NoReturn:
    """Entry point: our errors become one sentence and an exit code, bugs keep their traceback."""
    # What a service manager sends ends a command as Ctrl-C does: nothing is left behind.
    signal.signal(signal.SIGTERM, _end)
    if sys.platform == "win32":
        signal.signal(signal.SIGBREAK, _end)
    stdio.prepare()
    try:
        cli(prog_name="tinyml")
    except SystemExit as end:
        exit_code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except TinymlError as error:
        stdio.say(str(error))
        exit_code = error.exit_code
    except PermissionError as error:
        if error.filename is None:
            raise
        stdio.say(f"{error.filename} cannot be opened, written or removed: {reason(error)}")
        exit_code = 1
    except Exception as error:  # of any library: a full disk, and nothing else
        if not is_full_disk(error):
            raise
        stdio.say(str(_full_disk(error)))
        exit_code = DiskFullError.exit_code
    sys.exit(stdio.finish(exit_code))


def _full_disk(error: Exception) -> DiskFullError:
    """With the file that could not be written, or the first disk in use that is full."""
    if isinstance(error, OSError) and (error.filename2 or error.filename):
        return full_disk(Path(os.fsdecode(error.filename2 or error.filename)))
    places = (Path.cwd(), Path(tempfile.gettempdir()))
    return next((full_disk(place) for place in places if not has_space(place)), full_disk(None))


def _end(number: int, frame: FrameType | None) -> NoReturn:
    del frame
    raise SystemExit(128 + number)
