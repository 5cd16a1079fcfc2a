"""A pseudo-terminal that stands for a serial port, on systems that have them."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path
from typing import Final

HAS_TERMINALS: Final = sys.platform != "win32"


class Terminal:
    """Our end of a pseudo-terminal; the other one is ``path``.

    Args:
        link: a name that points at it, replaced where it is there: a real port keeps its name when
            it is plugged in again, while a new terminal has a new one.
    """

    path: str
    _descriptor: int

    def __init__(self, link: Path | None = None) -> None:
        if sys.platform == "win32":
            raise NotImplementedError
        import pty  # noqa: PLC0415 - Windows has none
        import tty  # noqa: PLC0415

        self._descriptor, theirs = pty.openpty()
        tty.setraw(theirs)
        self.path = os.ttyname(theirs)
        # Closed, so that a hang-up tells whether anybody else has it open.
        os.close(theirs)
        os.set_blocking(self._descriptor, False)
        if link is not None:
            part = link.with_suffix(".part")
            part.symlink_to(self.path)
            part.replace(link)
            self.path = str(link)

    def fileno(self) -> int:
        """The descriptor, for a selector."""
        return self._descriptor

    @property
    def is_open(self) -> bool:
        """Whether anybody has the other end open."""
        if sys.platform == "win32":
            raise NotImplementedError
        import select  # noqa: PLC0415 - Windows has another one

        poller = select.poll()
        poller.register(self._descriptor, 0)
        return not any(event & select.POLLHUP for _, event in poller.poll(0))

    def recv(self, size: int) -> bytes:
        """What was written at the other end; BlockingIOError where there is nothing."""
        try:
            return os.read(self._descriptor, size)
        except OSError as error:
            if error.errno == errno.EIO:  # closed there, and perhaps opened again
                raise BlockingIOError from error
            raise

    def send(self, data: bytes) -> int:
        """Write for the other end; BlockingIOError where there is no space."""
        return os.write(self._descriptor, data)

    def close(self) -> None:
        """Whoever has the other end open notices."""
        os.close(self._descriptor)
