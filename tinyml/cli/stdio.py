"""Standard output and error: what a terminal cannot show, a full disk, a reader that has left."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import sys
from typing import Final, TextIO

import click

# Windows says EINVAL of a pipe whose reader is gone.
_READER_GONE: Final = {errno.EPIPE, errno.EINVAL} if sys.platform == "win32" else {errno.EPIPE}


def prepare() -> None:
    """Let a title hold what a terminal cannot show, rather than fail on it."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def say(sentence: str) -> None:
    """Print an error's sentence; where not even that can be written, the exit code says it."""
    with contextlib.suppress(OSError):
        click.echo(f"error: {sentence}", err=True)


def finish(exit_code: int) -> int:
    """Write what is still buffered; the exit code, which is not 0 where output got lost.

    Python would do it after everything else, with a message and an exit code of its own.
    """
    try:
        _flush(sys.stdout)
    except OSError as error:
        # Who had enough, as `head` has, wants no message; an error that was said is said once.
        if exit_code == 0 and error.errno not in _READER_GONE:
            say(f"the output cannot be written: {error.strerror}; send it to another file or disk")
        exit_code = exit_code or 1
    with contextlib.suppress(OSError):
        _flush(sys.stderr)
    return exit_code


def _flush(stream: TextIO | None) -> None:
    """Flush; a stream that fails is turned aside first, so that what it holds goes nowhere."""
    if stream is None:  # it was closed when Python began
        return
    try:
        stream.flush()
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
        raise
