"""Boards that show themselves as a drive: an image is copied onto it."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Final

from tinyml.errors import FlashError
from tinyml.flash import uf2
from tinyml.flash.flasher import Copier, register
from tinyml.flash.job import Job

_FAILURE_FILE: Final = "FAIL.TXT"
_LOOK_SECONDS: Final = 2.0


def copy_hex(job: Job) -> None:
    """An Intel hex onto a DAPLink drive (micro:bit, mbed boards, newer ST-LINKs)."""
    drive = _require_drive(job)
    (drive / _FAILURE_FILE).unlink(missing_ok=True)
    _copy(job.beside("hex").read_bytes(), drive / "tinyml.hex")
    # The interface chip tells what it dislikes in a file; otherwise the drive comes back empty.
    deadline = time.monotonic() + _LOOK_SECONDS
    while time.monotonic() < deadline:
        failure = drive / _FAILURE_FILE
        if failure.is_file():
            said = failure.read_text(encoding="utf-8", errors="replace").strip()
            raise FlashError(f"the board refused the image: {said}")
        time.sleep(0.1)


def copy_uf2(job: Job) -> None:
    """A UF2 onto the drive of the RP2040's boot loader; it is checked before it is copied."""
    drive = _require_drive(job)
    family = job.board.flashing.settings.get("uf2_family") if job.board.flashing else None
    if not isinstance(family, int):
        raise FlashError(
            f"the file of the board {job.board.name} lacks 'uf2_family', so a UF2 cannot "
            "be made for it"
        )
    image = job.beside("bin").read_bytes()
    file = uf2.encode(image, job.board.flash.origin, family)
    address, content = uf2.decode(file, family)
    if address != job.board.flash.origin or content[: len(image)] != image:
        raise FlashError(
            "the UF2 does not hold the image: this is a bug in tinyml, please report it"
        )
    _copy(file, drive / "tinyml.uf2")


def _require_drive(job: Job) -> Path:
    if job.drive is None:
        raise FlashError(
            f"no drive of {job.board.name} was found; plug the board in (hold BOOTSEL on "
            "a Pico), or give the drive's folder with --drive"
        )
    if not job.drive.is_dir():
        raise FlashError(f"{job.drive} is not a folder; give the folder where the drive is mounted")
    return job.drive


def _copy(data: bytes, target: Path) -> None:
    # Not by way of a temporary file: boot loaders watch what is written, name by name.
    try:
        with target.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise FlashError(
            f"the drive was disconnected during writing ({error.strerror}): plug the "
            "board in and flash it again"
        ) from error


register(Copier("drive", copy_hex, ("drive_file", "drive_label")))
register(Copier("uf2", copy_uf2, ("drive_file", "drive_label", "uf2_family")))
