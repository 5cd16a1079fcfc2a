"""The clone's own Python environment: made from the package index, checked, and mended.

Needs nothing but Python, and no administrator. What has been done is kept in a stamp inside of the
environment, so that a second run needs no network: the lists of dependencies by their hash, the
folder, Python's version. Where installing was interrupted, where the interpreter is gone or another
version, it is made again; where the clone was moved, its paths are mended.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tools import pip
from tools.pip import SetupError

ROOT: Final = Path(__file__).resolve().parents[1]
MINIMUM_PYTHON: Final = (3, 10)
_STAMP: Final = "tinyml-setup.json"
_LIST: Final = re.compile(r"^([\w-]+) = \[(.*?)\]$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Level:
    """How much is installed; each holds the one before."""

    name: str
    extras: tuple[str, ...]  # of pyproject.toml
    lists: tuple[str, ...]  # of pyproject.toml that decide what is installed
    download_mb: int  # about, on Linux
    disk_mb: int  # about, when installed


_BASE: Final = ("requires", "dependencies", "light")
LEVELS: Final = (
    Level("light", ("light",), _BASE, 150, 610),
    Level("train", ("light", "train"), (*_BASE, "train"), 560, 2450),
    Level("dev", ("dev",), (*_BASE, "train", "runtime", "postgres", "serve", "dev"), 660, 2750),
)


@dataclass
class Stamp:
    """What an environment was made of."""

    root: str = ""  # the clone's folder
    python: str = ""  # version, as 3.11
    unfinished: bool = False  # installing has begun and not ended
    hashes: dict[str, str] = field(default_factory=dict)  # of the lists of each level that is there


class Environment:
    """The environment in a folder, which need not exist.

    Args:
        root: the clone.
        folder: of the environment.
    """

    def __init__(self, root: Path = ROOT, folder: Path | None = None) -> None:
        self.root = root
        self.folder = root / (folder or os.environ.get("TINYML_VENV", ".venv"))
        windows = sys.platform == "win32"
        self.programs = self.folder / ("Scripts" if windows else "bin")
        self.python = self.programs / ("python.exe" if windows else "python")

    def ensure(self, name: str) -> bool:
        """Install what a level needs and is not there; whether anything was done.

        Raises SetupError with a sentence for the user.
        """
        level = next(level for level in LEVELS if level.name == name)
        wanted = hashes(self.root)
        stamp = self._mended(self._stamp())
        if not stamp.unfinished and stamp.hashes.get(name) == wanted[name]:
            return False
        _check_python()
        if stamp.unfinished or not self._usable(stamp):
            pip.make_environment(self.folder)
            stamp = Stamp()
        stamp.root, stamp.python = str(self.root), self._version()
        self._install(level, stamp)
        reached = LEVELS[: LEVELS.index(level) + 1]
        stamp.hashes |= {level.name: wanted[level.name] for level in reached}
        stamp.unfinished = False
        self._write(stamp)
        return True

    @property
    def activation(self) -> str:
        """What a user types so that `tinyml` is found."""
        folder = os.path.relpath(self.programs)
        if sys.platform == "win32":
            return rf"{folder}\activate"
        return f". {folder}/activate"

    def _install(self, level: Level, stamp: Stamp) -> None:
        def begin() -> None:
            stamp.unfinished = True
            self._write(stamp)

        print(
            f"Setting up {self.folder}: up to {level.download_mb} MB to download, "
            f"{level.disk_mb / 1000:.1f} GB of disk; no administrator is needed.",
            flush=True,
        )
        target = f"{self.root}[{','.join(level.extras)}]"
        fresh = not stamp.hashes
        pip.install(self.python, ["-e", target], level.disk_mb, begin, fresh=fresh)

    def _mended(self, stamp: Stamp) -> Stamp:
        """The stamp as far as it can be believed, after a look at the environment itself."""
        if not stamp.hashes or stamp.unfinished:
            return stamp
        if self._version() != stamp.python:
            print("The environment's Python is gone or another one: it is made again.", flush=True)
            return Stamp(unfinished=True)
        if stamp.root != str(self.root):
            self._move(stamp.root)
            stamp.root = str(self.root)
            if not self._says("-m", "tinyml", "--version"):
                return Stamp(unfinished=True)
            self._write(stamp)
        return stamp

    def _move(self, old: str) -> None:
        """Write the folder's new name where pip and venv wrote the old one."""
        print(f"The clone was in {old}: its paths are mended.", flush=True)
        for path in self._files_with_paths():
            content = path.read_bytes()
            if old.encode() in content:
                path.write_bytes(content.replace(old.encode(), str(self.root).encode()))

    def _files_with_paths(self) -> Iterator[Path]:
        programs = (path for path in self.programs.iterdir() if not path.is_symlink())
        yield from (path for path in programs if path.is_file() and path.suffix != ".exe")
        yield from self.folder.glob("[Ll]ib/**/site-packages/*.pth")
        yield from self.folder.glob("[Ll]ib/**/site-packages/*.dist-info/direct_url.json")

    def _usable(self, stamp: Stamp) -> bool:
        """Whether pip can add to what is there; one that was never finished has to be as asked."""
        asked = bool(stamp.hashes) or self._version() == _version(sys.version)
        return asked and self._says("-m", "pip", "--version") != ""

    def _version(self) -> str:
        """Of its Python, as 3.11; empty where it does not run."""
        return _version(self._says("-c", "import sys; print(sys.version)"))

    def _says(self, *arguments: str) -> str:
        """What its Python prints; empty where that fails."""
        command = [str(self.python), "-I", *arguments]  # whatever the folder and PYTHONPATH hold
        try:
            return subprocess.run(
                command, capture_output=True, encoding="utf-8", errors="replace", check=True
            ).stdout
        except (OSError, subprocess.CalledProcessError):
            return ""

    def _stamp(self) -> Stamp:
        try:
            known: Any = json.loads((self.folder / _STAMP).read_text(encoding="utf-8"))
            return Stamp(**known)
        except (OSError, ValueError, TypeError):
            return Stamp()  # what cannot be read proves nothing

    def _write(self, stamp: Stamp) -> None:
        path = self.folder / _STAMP
        beside = path.with_suffix(".part")
        beside.write_text(json.dumps(vars(stamp), indent=2) + "\n", encoding="utf-8")
        beside.replace(path)


def hashes(root: Path) -> dict[str, str]:
    """A hash for each level, which changes when its dependencies do."""
    lists = dependency_lists((root / "pyproject.toml").read_text(encoding="utf-8"))
    return {
        level.name: hashlib.sha256(
            "\n".join(line for name in level.lists for line in lists.get(name, ())).encode()
        ).hexdigest()
        for level in LEVELS
    }


def dependency_lists(text: str) -> dict[str, tuple[str, ...]]:
    """Lists of strings in a pyproject.toml by name; Python 3.10 has no reader of TOML yet."""
    return {
        name: tuple(re.findall(r'"([^"]*)"', re.sub(r"(?m)(^|\s)#.*$", "", body)))
        for name, body in _LIST.findall(text)
    }


def _version(text: str) -> str:
    """3.11 of 3.11.2 (main, ...)."""
    return ".".join(text.split(".")[:2])


def _check_python() -> None:
    if sys.version_info[:2] < MINIMUM_PYTHON:
        wanted, found = ".".join(map(str, MINIMUM_PYTHON)), _version(sys.version)
        raise SetupError(
            f"Python {wanted} or newer is needed, and {sys.executable} is {found}: use another one,"
            f" as in `python{wanted} run.py demo` or `make demo PYTHON=python{wanted}`"
        )
