"""Running a tool that writes to a board, with an eye on what it says and on its port."""

from __future__ import annotations

import os
import queue
import re
import subprocess
import sys
import threading
import time
from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import Final

from serial.tools import list_ports

from tinyml.errors import FlashError
from tinyml.progress import Progress

TIMEOUT_SECONDS: Final = 300.0
_GONE_SECONDS: Final = 3.0  # without its port, until a tool is ended that did not notice
_LOOK_SECONDS: Final = 0.2
_PERCENT: Final = re.compile(r"(\d{1,3})(?:\.\d+)? ?%")
_BAR: Final = re.compile(r"(\w+) \| (#+)$")  # avrdude's, two percent a mark


def run_watched(command: Sequence[str], port: str | None, progress: Progress) -> tuple[int, str]:
    """Exit code and output of a tool.

    Args:
        command: the program and its arguments.
        port: a serial port that stays while the tool works; None where there is none.
        progress: told the percentages that the tool prints.

    Raises FlashError where the port goes away and the tool does not end, and where it never does:
    avrdude reads from a port that is gone for ever.
    """
    identity = _identity(port)
    start = seen = time.monotonic()
    output = b""
    pieces: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        assert process.stdout is not None
        # A thread, since not every system can wait for a pipe with a time limit.
        arguments = (process.stdout.fileno(), pieces)
        threading.Thread(target=_pass_on, args=arguments, daemon=True).start()
        try:
            while True:
                said = _next(pieces)
                if said == b"":
                    return process.wait(), output.decode(errors="replace")
                if said is not None:
                    output += said
                    _report(output.decode(errors="replace"), progress)
                now = time.monotonic()
                seen = now if _identity(port) == identity else seen
                if now - seen > _GONE_SECONDS:
                    raise FlashError(
                        "the board was disconnected during writing: plug it in and flash it again"
                    )
                if now - start > TIMEOUT_SECONDS:
                    raise FlashError(
                        f"{command[0]} did not end within {TIMEOUT_SECONDS:.0f} seconds: "
                        "unplug the board, plug it in and flash it again"
                    )
        finally:
            process.kill()


def _pass_on(pipe: int, pieces: queue.SimpleQueue[bytes]) -> None:
    """What comes out of a pipe, piece by piece; an empty one at its end."""
    piece = b"more"
    while piece:
        try:
            piece = os.read(pipe, 4096)
        except OSError:  # closed, because the tool was ended
            piece = b""
        pieces.put(piece)


def _next(pieces: queue.SimpleQueue[bytes]) -> bytes | None:
    try:
        return pieces.get(timeout=_LOOK_SECONDS)
    except queue.Empty:
        return None


def _identity(port: str | None) -> Hashable:
    """Which device it is; None where there is none."""
    if port is None:
        return None
    if sys.platform == "win32":  # where a port is not a file
        there = {entry.device.upper() for entry in list_ports.comports()}
        return port.upper() if port.upper() in there else None
    try:
        status = Path(port).stat()
    except OSError:
        return None
    return status.st_rdev, status.st_ino


def _report(output: str, progress: Progress) -> None:
    """The last percentage, or bar, of what has been printed so far."""
    last = re.split(r"[\r\n]", output)[-1]
    if bar := _BAR.search(last):
        progress(bar[1].lower(), min(2 * len(bar[2]), 100), 100)
    elif percents := _PERCENT.findall(output):
        progress("writing", min(int(percents[-1]), 100), 100)
