"""Writing files so that none is ever found half-written."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tinyml.errors import TinymlError
from tinyml.full_disk import full_disk, is_full_disk


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write a file by way of a temporary one beside it; what was there stays until it is complete.

    Raises TinymlError, in a sentence, where the place cannot be written.
    """
    data = content.encode() if isinstance(content, str) else content
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, part = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            # mkstemp makes files private; these are for whoever may read the folder.
            Path(part).chmod(0o644)
            Path(part).replace(path)
        except BaseException:
            Path(part).unlink(missing_ok=True)
            raise
    except OSError as error:
        if is_full_disk(error):
            raise full_disk(path) from error
        raise TinymlError(f"{path} cannot be written: {error.strerror}") from error


def require_writable(folder: Path) -> None:
    """Make a folder; TinymlError, before the work whose result goes there, where one may not."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        if is_full_disk(error):
            raise full_disk(folder) from error
        raise TinymlError(f"{folder} cannot be written: {error.strerror}") from error


def write_folder(folder: Path, files: Mapping[str, str]) -> None:
    """Write several texts by their path in ``folder``; equal ones are left alone.

    Leaving them keeps their times, so that a build after it has nothing to do.
    """
    for relative, text in files.items():
        path = folder / relative
        if not (path.is_file() and path.read_text() == text):
            write_atomically(path, text)
