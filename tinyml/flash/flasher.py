"""What a flasher is, and all of them by the names that boards use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tinyml.flash.job import Job
from tinyml.tools import Tool


@dataclass(frozen=True)
class Flasher:
    """A program that writes to boards.

    Attributes:
        tool: the program, and how to install it.
        needs_port: whether it writes over a serial port.
        command: its arguments; also has it verify and reset, as far as it can.
        complaints: a pattern in its output -> what that means and what to do.
        settings: the keys of a board's ``[flasher]`` that it reads.
        port_stays: whether the serial port belongs to an interface chip, which stays when the chip
            resets.
    """

    tool: Tool
    needs_port: bool
    command: Callable[[Job], list[str]]
    complaints: tuple[tuple[str, str], ...]
    settings: tuple[str, ...] = ()
    port_stays: bool = False


@dataclass(frozen=True)
class Copier:
    """A way to copy an image onto the drive that a board shows.

    Attributes:
        name: as boards name it.
        copy: does it.
        settings: the keys of a board's ``[flasher]`` that it reads.
    """

    name: str
    copy: Callable[[Job], None]
    settings: tuple[str, ...]


FLASHERS: Final[dict[str, Flasher | Copier]] = {}


def register(how: Flasher | Copier) -> None:
    """Let boards name it, as every file of ``programs/`` does."""
    FLASHERS[how.tool.program if isinstance(how, Flasher) else how.name] = how
