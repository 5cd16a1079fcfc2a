"""Small programs and libraries of the emulators, compiled when they are first needed."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from tinyml.errors import BuildError
from tinyml.files import require_writable
from tinyml.full_disk import explain_full_disk
from tinyml.tools import cache_folder, find_tool, require_tool


def compiler() -> list[str] | None:
    """The command of a C compiler for this machine: gcc, else the one of package ziglang."""
    gcc = find_tool("gcc")
    if gcc is not None:
        return [gcc]
    return [sys.executable, "-m", "ziglang", "cc"] if find_spec("ziglang") is not None else None


def compiled_library(source: Path) -> Path | None:
    """A C file that needs no other as a shared library; None where there is no compiler."""
    if compiler() is None:
        return None
    return compiled(
        source, ["-shared", "-fPIC", "-nostdlib"], "this is a bug in tinyml, please report it"
    )


def compiled(source: Path, options: Sequence[str], mend: str) -> Path:
    """What the compiler makes of a C file with these options, from the cache where it is there.

    Raises BuildError with ``mend``, what to do about it, where it cannot be compiled, TinymlError
    where the cache cannot be written, ToolMissingError without a compiler.
    """
    key = source.read_bytes() + "\0".join(options).encode()
    target = cache_folder() / f"{source.stem}-{hashlib.sha256(key).hexdigest()[:16]}"
    if sys.platform == "win32":
        target = target.with_suffix(".dll" if "-shared" in options else ".exe")
    if target.exists():
        return target
    require_writable(target.parent)
    part = target.with_name(f"{target.stem}.{os.getpid()}.part{target.suffix}")
    command = [
        *(compiler() or [require_tool("gcc")]), "-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror",
        str(source), "-o", str(part), *options,
    ]  # fmt: skip
    done = subprocess.run(
        command, capture_output=True, encoding="utf-8", errors="replace", check=False
    )
    if done.returncode != 0:
        part.unlink(missing_ok=True)
        full = explain_full_disk(done.stderr, (target.parent,))
        if full is not None:
            raise full
        reason = next((line for line in done.stderr.splitlines() if "error" in line), done.stderr)
        raise BuildError(f"{source.name} cannot be compiled ({reason.strip()}): {mend}")
    part.replace(target)
    return target
