"""Writing an image with one flasher: what it complains of becomes a sentence."""

from __future__ import annotations

import re

from tinyml.errors import FlashError
from tinyml.flash import flashers  # noqa: F401 - registers all of them
from tinyml.flash.flasher import FLASHERS, Flasher
from tinyml.flash.job import Job
from tinyml.flash.watch import run_watched
from tinyml.progress import Progress, silent
from tinyml.tools import require


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
        flasher.copy(job)


def _run(flasher: Flasher, job: Job, progress: Progress) -> None:
    command = [require(flasher.tool), *flasher.command(job)]
    port = job.port if flasher.port_stays else None
    code, output = run_watched(command, port, progress)
    if code != 0:
        raise FlashError(_translated(flasher, output))


def _translated(flasher: Flasher, output: str) -> str:
    for pattern, meaning in flasher.complaints:
        if re.search(pattern, output, re.IGNORECASE):
            return f"{flasher.tool.program} could not write the image: {meaning}"
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if "error" in line.lower()]
    said = (errors or lines or ["it said nothing"])[-1]
    return f"{flasher.tool.program} could not write the image; it ended with: {said}"
