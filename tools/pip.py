"""Running venv and pip: shows how far they are, and says in a sentence what went wrong."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, NoReturn, TextIO

# Raw progress came with pip 24.1, going on with a cut-off download with pip 25.1.
_PIP: Final = "pip>=25.2"
_AGAIN: Final = "type the same command again: what has been downloaded is kept"
_LOG: Final = "setup.log"
_DOWNLOADING: Final = re.compile(r"\s*Downloading (\S+)")
_TAKING: Final = re.compile(r"\s*Processing (/\S+|\w:\S+)")  # a file of an index in a folder
_PROGRESS: Final = re.compile(r"Progress (\d+) of (\d+)")
_BEGINS: Final = "Installing collected packages"
_FAULTS: Final = (
    (
        re.compile(r"No space left on device|Errno 28|Disk quota exceeded"),
        "the disk is full: {free} MB are free in {place}, about {disk_mb} are needed in all; make "
        "room and " + _AGAIN,
    ),
    (
        re.compile(r"CERTIFICATE_VERIFY_FAILED|SSLError"),
        "the package index's certificate is not trusted: install ca-certificates, or name your "
        "network's certificate with PIP_CERT=FILE, and " + _AGAIN,
    ),
    (
        re.compile(
            r"Max retries|NewConnectionError|NameResolutionError|name resolution|timed out|"
            r"Connection (?:reset|refused|aborted)|IncompleteRead|IncompleteDownload|"
            r"Network is unreachable|ProxyError|ConnectionError"
        ),
        "the package index cannot be reached: check the network (and HTTPS_PROXY, where a proxy "
        "is needed), then " + _AGAIN,
    ),
    (
        re.compile(r"No matching distribution found for (.+)"),
        "the package index has nothing for this system and Python {python} that fits {match}; "
        "use another Python (make demo PYTHON=python3.12), or see README for what works where",
    ),
)


class SetupError(Exception):
    """What a user can mend; its text is the sentence for them."""


def make_environment(folder: Path) -> None:
    """An empty environment in the place of what is there.

    Raises SetupError where this Python cannot make one.
    """
    if not all(importlib.util.find_spec(name) for name in ("venv", "ensurepip")):
        raise SetupError(
            f"{sys.executable} cannot make environments: have `apt install python3-venv` run "
            "(Debian, Ubuntu), or use a Python from python.org, as in "
            "`make demo PYTHON=/path/to/python3`"
        )
    command = [sys.executable, "-m", "venv", "--clear", str(folder)]
    done = subprocess.run(
        command, capture_output=True, encoding="utf-8", errors="replace", check=False
    )
    if done.returncode:
        explain(done.stdout + done.stderr, folder, "making the environment failed", 30)


def install(
    python: Path,
    arguments: list[str],
    disk_mb: int,
    begins: Callable[[], None],
    *,
    fresh: bool,
) -> None:
    """Download and install with pip, and show how far it is.

    Args:
        python: of the environment.
        arguments: of `pip install`.
        disk_mb: what it needs in the end, about.
        begins: called when the environment is about to change.
        fresh: nothing has been installed yet, so that all of the disk will be needed.

    Raises SetupError with what a user can do. Until ``begins`` is called, what was there stays.
    """
    folder = python.parents[1]
    if fresh and shutil.disk_usage(folder).free < disk_mb * 10**6:
        explain("No space left on device", folder, "installing", disk_mb)
    with (folder / _LOG).open("w", encoding="utf-8") as log:
        # A mirror may have older ones only, which do as well, but cannot go on with a cut-off file.
        _run(python, ["--quiet", "--upgrade", _PIP], log, Progress(), lambda: None)
        progress = Progress()
        code, output = _run(python, arguments, log, progress, begins)
    if code:
        explain(output, folder, "installing failed", disk_mb)
    progress.end()


class Progress:
    """One line for each download; on a terminal it moves."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._name = ""
        self._bytes = self._local_bytes = 0
        self._moving = sys.stdout.isatty()

    def line(self, line: str) -> bool:
        """Show what a line of pip says; False where it says nothing that a user wants."""
        if match := _PROGRESS.match(line):
            self._advance(int(match[1]), int(match[2]))
        elif match := _DOWNLOADING.match(line):
            self._name = match[1].rsplit("/", 1)[-1].split("-")[0]
        elif match := _TAKING.match(line):
            path = Path(match[1])
            self._local_bytes += path.stat().st_size if path.is_file() else 0
        elif line.startswith(_BEGINS):
            self._show(f"installing {line.count(',') + 1} packages: some minutes on a slow disk")
        else:
            return False
        return True

    def end(self) -> None:
        """Say what it came to."""
        seconds = time.monotonic() - self._began
        local = f" and {self._local_bytes / 1e6:.1f} from folders" if self._local_bytes else ""
        self._show(f"downloaded {self._bytes / 1e6:.1f} MB{local}; set up in {seconds:.0f} s")

    def _advance(self, done: int, total: int) -> None:
        if done >= total:
            self._bytes += total
            self._show(f"{self._name}, {total / 1e6:.1f} MB; {self._bytes / 1e6:.0f} MB so far")
        elif self._moving:
            print(f"\r  {self._name}: {done / 1e6:.1f} of {total / 1e6:.1f} MB\033[K", end="")

    def _show(self, text: str) -> None:
        print(f"\r\033[K  {text}" if self._moving else f"  {text}", flush=True)


def _run(
    python: Path,
    arguments: list[str],
    log: TextIO,
    progress: Progress,
    begins: Callable[[], None],
) -> tuple[int, str]:
    """pip's exit code, and what it said that was not shown."""
    said = []
    # A system's folder for temporary files may be a small one in memory.
    temporary = python.parents[1] / "tmp"
    temporary.mkdir(exist_ok=True)
    try:
        with subprocess.Popen(
            [str(python), "-m", "pip", "install", *_progress_option(python), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            env=_environment(temporary),
        ) as running:
            assert running.stdout is not None
            for line in running.stdout:
                log.write(line)
                if line.startswith(_BEGINS):
                    begins()
                if not progress.line(line):
                    said.append(line)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return running.returncode, "".join(said)


def _environment(temporary: Path) -> dict[str, str]:
    """The user's settings of pip hold, but for those that stand in the way."""
    fixed = {
        "PIP_USER": "0",
        "PIP_REQUIRE_VIRTUALENV": "0",
        "PIP_NO_INPUT": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PYTHONUNBUFFERED": "1",
        "TMPDIR": str(temporary),
        "TMP": str(temporary),
        "TEMP": str(temporary),
    }
    slow_links = {"PIP_DEFAULT_TIMEOUT": "60", "PIP_RESUME_RETRIES": "100"}
    return {**slow_links, **os.environ, **fixed}


def _progress_option(python: Path) -> list[str]:
    """Numbers rather than a bar, where this pip can."""
    asked = [str(python), "-m", "pip", "install", "--help"]
    known = subprocess.run(
        asked, capture_output=True, encoding="utf-8", errors="replace", check=False
    ).stdout
    return ["--progress-bar", "raw"] if re.search(r"\braw\b", known) else []


def explain(output: str, folder: Path, what: str, disk_mb: int) -> NoReturn:
    """SetupError for what pip or venv said; ``what`` failed, and needs so much of the disk."""
    for pattern, sentence in _FAULTS:
        if match := pattern.search(output):
            free = shutil.disk_usage(folder.parent).free // 10**6
            raise SetupError(
                sentence.format(
                    free=free,
                    place=folder.parent,
                    disk_mb=disk_mb,
                    python=sys.version.split()[0],
                    match=match[match.lastindex or 0],
                )
            )
    errors = [line for line in output.splitlines() if line.startswith(("ERROR", "error", "Error"))]
    last = (errors or output.strip().splitlines() or ["nothing was said"])[-1]
    raise SetupError(f"{what}: {last} (all that pip said is in {folder / _LOG})")
