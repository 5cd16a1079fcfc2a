"""A disk that is full, told by the error or the program that met it: one sentence that names it."""

from __future__ import annotations

import errno
import re
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tinyml.errors import DiskFullError

_ERRORS: Final = (errno.ENOSPC, errno.EDQUOT)
# As compilers, TensorFlow and the like repeat what their system says.
_SAID: Final = re.compile(
    r"no space left on device|disk quota exceeded|not enough space on the disk|disk is full"
    r"|NoSpaceLeft",
    re.IGNORECASE,
)
_LEAST_BYTES: Final = 64 * 1024  # a program that needs so little more has met another error


def is_full_disk(error: BaseException) -> bool:
    """Whether an error, or what a library made of one, comes from a full disk."""
    if isinstance(error, OSError) and error.errno in _ERRORS:
        return True
    return bool(_SAID.search(str(error)))


def full_disk(place: Path | None) -> DiskFullError:
    """The error for a full disk that holds ``place``; None where nobody knows which one."""
    where = f", so {place} cannot be written" if place is not None else ""
    return DiskFullError(f"the disk is full{where}; free some space and start again")


def explain_full_disk(output: str, places: Sequence[Path]) -> DiskFullError | None:
    """What the ``output`` of a program that failed means; None where no disk is full.

    Args:
        output: of the program; many say nothing of it, and leave half a file to the next one.
        places: where it writes; the folder of temporary files is looked at, too.
    """
    looked_at = (*places, Path(tempfile.gettempdir()))
    fullest = min(looked_at, key=_free_bytes)
    if not has_space(fullest):
        return full_disk(fullest)
    if not _SAID.search(output):
        return None
    # What was half written is gone again, and with it the lack of space.
    named = [place for place in looked_at if str(place) in output]
    return full_disk(named[0] if named else fullest)


def has_space(place: Path) -> bool:
    """Whether the disk that holds a place takes more than a few kilobytes."""
    return _free_bytes(place) >= _LEAST_BYTES


def require_space(folder: Path, needed_bytes: int) -> None:
    """DiskFullError, before the work, where a folder's disk has fewer bytes free than it needs."""
    free = _free_bytes(folder)
    if free < needed_bytes:
        raise DiskFullError(
            f"{folder} has {free / 1e6:,.0f} MB free, but needs "
            f"{needed_bytes / 1e6:,.0f} MB; free some space and start again"
        )


def _free_bytes(place: Path) -> float:
    """Of the disk that holds a place, or will hold it; endless where that cannot be known."""
    there = next((path for path in (place, *place.absolute().parents) if path.exists()), None)
    try:
        return float("inf") if there is None else shutil.disk_usage(there).free
    except OSError:
        return float("inf")
