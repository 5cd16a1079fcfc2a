"""All flashers, and running one: its output becomes a sentence."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from tinyml.errors import FlashError
from tinyml.flash import (
    avrdude,
    bossac,
    dfu_util,
    drive,
    esptool,
    openocd,
    pyocd,
    stm32flash,
)
from tinyml.flash.job import Flasher, Job
from tinyml.flash.watch import run_watched
from tinyml.progress import Progress, silent
from tinyml.tools import require_tool

# By the names that boards use: a program to run, or a file to copy.
FLASHERS: Final[dict[str, Flasher | Callable[[Job], None]]] = {
    "avrdude": avrdude.FLASHER,
    "bossac": bossac.FLASHER,
    "dfu-util": dfu_util.FLASHER,
    "drive": drive.copy_hex,
    "esptool": esptool.FLASHER,
    "openocd": openocd.FLASHER,
    "pyocd": pyocd.FLASHER,
    "stm32flash": stm32flash.FLASHER,
    "uf2": drive.copy_uf2,
}


def flash(job: Job, tool: str, progress: Progress = silent) -> None:
    """Write an image with one tool; ``progress`` is called with (what, done, total).

    Raises FlashError where the tool is not known, where it complains or does not end,
    ToolMissingError where it is not installed.
    """
    if tool not in FLASHERS:
        raise FlashError(
            f"'{tool}' is not a program that tinyml can flash with; choose {', '.join(FLASHERS)}"
        )
    flasher = FLASHERS[tool]
    if isinstance(flasher, Flasher):
        _run(flasher, job, progress)
    else:
        flasher(job)


def _run(flasher: Flasher, job: Job, progress: Progress) -> None:
    command = [require_tool(flasher.program), *flasher.command(job)]
    port = job.port if flasher.port_stays else None
    code, output = run_watched(command, port, progress)
    if code != 0:
        raise FlashError(_translated(flasher, output))


def _translated(flasher: Flasher, output: str) -> str:
    for pattern, meaning in flasher.complaints:
        if re.search(pattern, output, re.IGNORECASE):
            return f"{flasher.program} could not write the image: {meaning}"
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if "error" in line.lower()]
    said = (errors or lines or ["it said nothing"])[-1]
    return f"{flasher.program} could not write the image; it ended with: {said}"
