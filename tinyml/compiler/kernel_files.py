"""Which files of firmware/ a model needs."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from tinyml.resources import folder


def firmware_files(sources: Iterable[str]) -> dict[str, str]:
    """Text by path under firmware/: these sources, all that they include, and the public headers.

    A kernel's header brings along the source of its name, .c or .S, which defines what it declares.
    """
    firmware = folder("firmware")
    found: dict[str, str] = {}
    pending = [*sources, "include/tml/model.h"]
    while pending:
        relative = pending.pop()
        if relative in found:
            continue
        found[relative], needed = _file(firmware, relative)
        pending += needed
    return found


@functools.cache
def _file(firmware: Path, relative: str) -> tuple[str, tuple[str, ...]]:
    """The text of a file under firmware/, and the files that it brings along."""
    path = PurePosixPath(relative)
    text = (firmware / path).read_text(encoding="utf-8")
    included = re.findall(r'^#include "([^"]+)"', text, flags=re.MULTILINE)
    needed = [_resolved(firmware, path, name) for name in included]
    if path.suffix == ".h" and path.parts[0] in ("kernels", "features"):
        defining = (path.with_suffix(suffix) for suffix in (".c", ".S"))
        needed += [str(other) for other in defining if (firmware / other).is_file()]
    return text, tuple(needed)


def sources_of(sources: Iterable[str]) -> list[str]:
    """Paths under firmware/ of all that is compiled or assembled for these sources."""
    return sorted(path for path in firmware_files(sources) if path.endswith((".c", ".S")))


def _resolved(firmware: Path, includer: PurePosixPath, included: str) -> str:
    """As a compiler does: beside the file that includes, then in the folders of headers."""
    folders = (includer.parent, *map(PurePosixPath, ("kernels", "include", "")))
    return str(next(f / included for f in folders if (firmware / f / included).is_file()))
