"""All flashers, and running one: its output becomes a sentence."""

from __future__ import annotations

import re
import subprocess
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
from tinyml.tools import require_tool

_TIMEOUT_SECONDS: Final = 300.0

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


def flash(job: Job, tool: str) -> None:
    """Write an image with one tool.

    Raises FlashError where the tool is not known, where it complains or does not end,
    ToolMissingError where it is not installed.
    """
    if tool not in FLASHERS:
        raise FlashError(f"there is no flasher '{tool}'; there is {', '.join(FLASHERS)}")
    flasher = FLASHERS[tool]
    if isinstance(flasher, Flasher):
        _run(flasher, job)
    else:
        flasher(job)


def _run(flasher: Flasher, job: Job) -> None:
    command = [require_tool(flasher.program), *flasher.command(job)]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_TIMEOUT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise FlashError(
            f"{flasher.program} did not end in {_TIMEOUT_SECONDS:.0f} seconds: unplug the board,"
            " plug it in and flash it again"
        ) from error
    if done.returncode != 0:
        raise FlashError(_translated(flasher, done.stderr + done.stdout))


def _translated(flasher: Flasher, output: str) -> str:
    for pattern, meaning in flasher.complaints:
        if re.search(pattern, output, re.IGNORECASE):
            return f"{flasher.program} could not write the image: {meaning}"
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    said = lines[-1] if lines else "it said nothing"
    return f"{flasher.program} could not write the image, and ended with: {said}"
