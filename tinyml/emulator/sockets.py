"""Ports of this machine at which emulators call.

Every emulator connects to us, and not we to it: TCP on the loopback interface is what all systems
and all emulators have in common, and a port that is open before the emulator starts needs no
waiting until somebody listens.
"""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable
from typing import Final

from tinyml.errors import EmulatorError

LOOPBACK: Final = "127.0.0.1"
_LOOK_SECONDS: Final = 0.05


class Listener:
    """A port for one connection of an emulator that is yet to be started.

    Args:
        what: speaks there, for messages.
    """

    def __init__(self, what: str) -> None:
        self._what = what
        self._server = socket.create_server((LOOPBACK, 0), backlog=1)
        self.port: int = self._server.getsockname()[1]

    def accept(self, seconds: float, alive: Callable[[], bool]) -> socket.socket:
        """The connection; the port closes with it.

        EmulatorError where none comes in time, or ``alive`` says that the emulator has ended.
        """
        deadline = time.monotonic() + seconds
        self._server.settimeout(_LOOK_SECONDS)
        while True:
            # Asked before waiting: what ended right after connecting is found by whoever talks.
            running = alive()
            with contextlib.suppress(TimeoutError):
                connection, _ = self._server.accept()
                break
            if not running:
                raise EmulatorError("it ended before it was ready")
            if time.monotonic() > deadline:
                raise EmulatorError(f"its {self._what} did not connect within {seconds:.0f} s")
        self.close()
        connection.settimeout(None)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def close(self) -> None:
        """Give the port back; may be called twice."""
        self._server.close()
