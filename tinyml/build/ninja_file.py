"""Writes what Ninja builds by, and has it built.

Source: the Ninja manual, "Ninja file reference".
"""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tinyml.build.compiler import LinkCommand
from tinyml.files import write_atomically
from tinyml.tools import require_tool

_RULES: Final = """\
ninja_required_version = 1.8
builddir = {objects}

rule compile
  command = $with -MMD -MF $out.d -c $in -o $out
  depfile = $out.d
  deps = gcc
  description = $in

rule link
  command = {link}
  rspfile = $out.rsp
  rspfile_content = $in_newline
  description = $out

"""
_OBJECTS: Final = "objects"


@dataclass(frozen=True)
class Unit:
    """A source with the command that compiles it, but for its own name and its object's."""

    source: Path
    group: str  # a folder of objects
    command: tuple[str, ...]


@dataclass(frozen=True)
class Build:
    """A program to be made in a folder."""

    place: Path
    target: str  # file name of the program
    units: tuple[Unit, ...]
    link: LinkCommand
    inputs: tuple[Path, ...]  # of the linker, besides objects
    made_with: str  # whatever changes objects and no command shows, such as a compiler's version

    def objects(self, group: str) -> list[Path]:
        """Object files of a group."""
        return [
            self.place / path
            for unit, path in zip(self.units, self._object_paths(), strict=True)
            if unit.group == group
        ]

    def _object_paths(self) -> list[str]:
        """Relative to the place; sources of one name get numbers."""
        found: list[str] = []
        for unit in self.units:
            stem = f"{_OBJECTS}/{unit.group}/{unit.source.name}"
            count = sum(path.startswith(f"{stem}.") for path in found)
            found.append(f"{stem}.{count}.o" if count else f"{stem}.o")
        return found

    def run(self) -> subprocess.CompletedProcess[str]:
        """Build what is not up to date; the output says what failed."""
        ninja = require_tool("ninja")
        self._forget_others()
        write_atomically(self.place / "build.ninja", self._text())
        return subprocess.run(
            [ninja, "-C", str(self.place)], capture_output=True, text=True, check=False,
            encoding="utf-8", errors="replace",
        )  # fmt: skip

    def _forget_others(self) -> None:
        """Objects that another compiler made."""
        memory = self.place / _OBJECTS / "made_with.txt"
        if not memory.is_file() or memory.read_text(encoding="utf-8") != self.made_with:
            shutil.rmtree(self.place / _OBJECTS, ignore_errors=True)
            write_atomically(memory, self.made_with)

    def _text(self) -> str:
        link = [*self.link.before, "@$out.rsp", "-o", "$out", *self.link.behind]
        lines = [_RULES.format(objects=_OBJECTS, link=_command(link))]
        objects = self._object_paths()
        for unit, path in zip(self.units, objects, strict=True):
            lines.append(f"build {path}: compile {_path(unit.source)}")
            lines.append(f"  with = {_command(unit.command)}")
        inputs = " ".join(map(_path, self.inputs))
        lines.append(f"build {self.target}: link {' '.join(objects)} | {inputs}")
        lines.append(f"default {self.target}")
        return "\n".join(lines) + "\n"


def _path(path: Path) -> str:
    """As Ninja reads it in a list of files."""
    return str(path).replace("$", "$$").replace(" ", "$ ").replace(":", "$:")


_OURS: Final = ("$out", "@$out.rsp")  # Ninja's own variables


def _command(arguments: Iterable[str]) -> str:
    """A command line for the shell, or for Windows, which has none, as Ninja reads it."""
    parts = [
        argument if argument in _OURS else quoted([argument]).replace("$", "$$")
        for argument in arguments
    ]
    return " ".join(parts)


def quoted(arguments: Sequence[str]) -> str:
    """Arguments as the system's command line has them."""
    return subprocess.list2cmdline(arguments) if sys.platform == "win32" else shlex.join(arguments)
