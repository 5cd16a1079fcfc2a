"""Where a new flasher starts: copy this file to ``<program>.py`` and change it.

Boards name the flasher in ``[flasher]`` of their TOML, by its program:

    [flasher]
    tools = ["template"]
    template_chip = "m328p"

Source: say here which manual, and of which version, the arguments are from.
"""

from __future__ import annotations

from typing import Final

from tinyml.flash.flasher import Flasher, register
from tinyml.flash.job import Job
from tinyml.tools import Tool


def _command(job: Job) -> list[str]:
    """The arguments; they should make the program verify what it wrote and reset the board.

    ``job`` has the image (``elf``, and ``beside("hex")`` or ``beside("bin")``), the serial port if
    there is one, and what the board's file says (``setting``, ``settings`` for a list). Whatever is
    missing there ends in a sentence.
    """
    port = job.require_port("template")
    return ["--chip", job.setting("template_chip"), "--port", port, str(job.beside("hex"))]


# The program's name on PATH, what it does, and what to type to install it: `tinyml doctor` and the
# error about a missing program say that. A program from the Python package index has `package`.
TOOL: Final = Tool(
    "template",
    "writes to no board: it is an example",
    "sudo apt install template",
    "brew install template",
    "choco install template",
    optional=True,
)

# `tinyml flash` finds this file by its folder; no list has to be changed.
register(
    Flasher(
        tool=TOOL,
        needs_port=True,
        command=_command,
        # What it prints when something goes wrong, as a pattern, and what the user can do.
        complaints=((r"not in sync", "the boot loader does not answer: check --board and --port"),),
        settings=("template_chip",),
    )
)
