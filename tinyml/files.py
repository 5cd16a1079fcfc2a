"""Writing files so that none is ever found half-written, and reading them with one sentence for
what is wrong."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tinyml.errors import TinymlError
from tinyml.full_disk import full_disk, is_full_disk

# On Windows a file that a virus scanner or an indexer looks into cannot be replaced for a moment.
_BUSY_TRIES: Final = 20
_BUSY_SECONDS: Final = 0.05
_DEVICES: Final = frozenset(
    ("con", "prn", "aux", "nul", *(f"{name}{n}" for name in ("com", "lpt") for n in range(10)))
)


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
            replace_file(Path(part), path)
        except BaseException:
            Path(part).unlink(missing_ok=True)
            raise
    except OSError as error:
        if is_full_disk(error):
            raise full_disk(path) from error
        raise TinymlError(f"{path} cannot be written: {reason(error)}") from error


def read_text(path: Path, error: type[TinymlError], encoding: str = "utf-8-sig") -> str:
    """A file's text; ``error`` where it cannot be read or is not text in this encoding.

    Editors on Windows put a mark before UTF-8, which is left out.
    """
    try:
        return path.read_text(encoding=encoding)
    except OSError as problem:
        raise _unreadable(path, problem, error) from problem
    except UnicodeError as problem:
        wanted = "UTF-8" if encoding.startswith("utf-8") else encoding
        raise error(f"{path} is not a text file in {wanted}; save it in that encoding") from problem


def read_bytes(path: Path, error: type[TinymlError], mend: str = "") -> bytes:
    """A file's bytes; ``error`` where it cannot be read, with what to do about it in ``mend``."""
    try:
        return path.read_bytes()
    except OSError as problem:
        raise _unreadable(path, problem, error, mend) from problem


def _unreadable(
    path: Path, problem: OSError, error: type[TinymlError], mend: str = ""
) -> TinymlError:
    return error(f"{path} cannot be read: {reason(problem)}{f'; {mend}' if mend else ''}")


def replace_file(new: Path, path: Path) -> None:
    """Give a file the name ``path``, in the place of what has it now."""
    for _ in range(_BUSY_TRIES if sys.platform == "win32" else 0):
        try:
            new.replace(path)
        except PermissionError:
            time.sleep(_BUSY_SECONDS)
        else:
            return
    new.replace(path)


def reason(error: OSError) -> str:
    """What the system says; on Windows also what it leaves out."""
    said = error.strerror or str(error)
    if sys.platform == "win32" and isinstance(error, PermissionError):
        return f"{said}; if another program has it open, close it there"
    return said


def is_reserved(name: str) -> bool:
    """Whether Windows takes a file's name for a device, whatever comes after its first dot.

    Source: Microsoft, "Naming Files, Paths, and Namespaces".
    """
    return name.partition(".")[0].rstrip().lower() in _DEVICES


def require_writable(folder: Path) -> None:
    """Make a folder; TinymlError, before the work whose result goes there, where one may not."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        if is_full_disk(error):
            raise full_disk(folder) from error
        raise TinymlError(f"{folder} cannot be written: {reason(error)}") from error


def write_folder(folder: Path, files: Mapping[str, str]) -> None:
    """Write several texts by their path in ``folder``; equal ones are left alone.

    Leaving them keeps their times, so that a build after it has nothing to do.
    """
    for relative, text in files.items():
        path = folder / relative
        if not (path.is_file() and path.read_bytes() == text.encode()):
            write_atomically(path, text)
