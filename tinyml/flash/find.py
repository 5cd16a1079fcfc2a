"""Which boards are plugged in: serial ports by USB id, drives by a file on them."""

from __future__ import annotations

import ctypes
import string
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from serial.tools import list_ports

from tinyml import boards
from tinyml.boards import Board

_LABEL_CHARACTERS: Final = 261  # MAX_PATH + 1, which GetVolumeInformationW asks for


@dataclass(frozen=True)
class Port:
    """A serial port at USB."""

    device: str
    usb: str  # vendor:product, four hex digits each
    description: str


def ports(board: Board) -> list[Port]:
    """Serial ports whose USB id is one of the board's, in the order of their names."""
    wanted = board.flashing.usb if board.flashing else ()
    found = [
        Port(entry.device, f"{entry.vid:04x}:{entry.pid:04x}", entry.description or "")
        for entry in list_ports.comports()
        if entry.vid is not None and entry.pid is not None
    ]
    return sorted((port for port in found if port.usb in wanted), key=lambda port: port.device)


def plugged_in() -> list[Board]:
    """Boards of the catalogue that may be connected: by a port's USB id, or by a drive."""
    every = (boards.load(name) for name in boards.names())
    return [board for board in every if ports(board) or drives(board)]


def drives(board: Board, mounts: list[Path] | None = None) -> list[Path]:
    """Mounted drives that look like the board's.

    Args:
        board: what is looked for.
        mounts: the folders of all drives; those of this system where absent.
    """
    settings = board.flashing.settings if board.flashing else {}
    marker, label = settings.get("drive_file"), settings.get("drive_label")
    if not isinstance(marker, str):
        return []
    return [
        place
        for place in (_mounts() if mounts is None else mounts)
        if (place / marker).is_file() and label in (None, _label(place))
    ]


def _label(drive: Path) -> str:
    """The name that a drive gives itself: its folder's, where systems mount it under that."""
    if sys.platform != "win32":
        return drive.name
    label = ctypes.create_unicode_buffer(_LABEL_CHARACTERS)
    ctypes.windll.kernel32.GetVolumeInformationW(
        str(drive), label, len(label), None, None, None, None, 0
    )
    return label.value


def _mounts() -> list[Path]:
    if sys.platform == "win32":
        return [Path(f"{letter}:/") for letter in string.ascii_uppercase]
    if sys.platform == "darwin":
        return sorted(Path("/Volumes").glob("*"))
    return sorted([*Path("/media").glob("*/*"), *Path("/run/media").glob("*/*")])
