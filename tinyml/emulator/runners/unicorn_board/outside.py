# SPDX-License-Identifier: MIT
"""What connects the board with the world: its serial line, the debugger's, and the reset pin."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import sys
import threading
from typing import Final

_PIECE: Final = 4096
_MOST_WAITING: Final = 4096  # bytes in either direction
_LOOPBACK: Final = "127.0.0.1"


def _connect(port: int | None) -> socket.socket | None:
    if port is None:
        return None
    connection = socket.create_connection((_LOOPBACK, port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


class Line:
    """The serial line, as a UART has it.

    Without a connection it takes all that is sent, and nothing ever comes.
    """

    def __init__(self, connection: socket.socket | None) -> None:
        self.connection = connection
        self.incoming = bytearray()
        self.outgoing = bytearray()
        if connection is not None:
            connection.setblocking(False)

    @property
    def is_jammed(self) -> bool:
        """Whether the board must wait until somebody takes what it has sent."""
        return len(self.outgoing) >= _MOST_WAITING

    def send(self, byte: int) -> None:
        """One byte, which goes out with others."""
        if self.connection is not None:
            self.outgoing.append(byte & 0xFF)

    def flush(self) -> None:
        """Pass on what was sent, as far as it is taken."""
        if self.connection is not None and self.outgoing:
            with contextlib.suppress(BlockingIOError):
                del self.outgoing[: self.connection.send(self.outgoing)]

    def receive(self) -> None:
        """Take what has come; the program ends where the connection has."""
        assert self.connection is not None
        with contextlib.suppress(BlockingIOError):
            data = self.connection.recv(_PIECE)
            if not data:
                end(0)
            self.incoming += data


class Outside:
    """All connections of the board.

    Args:
        ports: TCP ports of this machine by name, of those that are wanted: ``uart``, ``gdb``,
            ``parts``.
    """

    def __init__(self, ports: dict[str, int]) -> None:
        self.line = Line(_connect(ports.get("uart")))
        self.debugger = _connect(ports.get("gdb"))
        self.debugger_received = bytearray()
        self.parts = _connect(ports.get("parts"))
        self._wake, self._wakes = socket.socketpair()
        self._resets = 0
        threading.Thread(target=self._obey, daemon=True).start()

    def _obey(self) -> None:
        """Each line of the standard input is the reset pin; its end ends the program."""
        for _ in sys.stdin:
            self._resets += 1
            self._wakes.send(b"x")
        end(0)

    def take_reset(self) -> bool:
        """Whether the reset pin was pulled since the last question."""
        pulled, self._resets = self._resets > 0, 0
        return pulled

    def look(self, seconds: float | None) -> None:
        """Pass on what was sent and take what has come; waits so long for anything to happen."""
        try:
            self._look(seconds)
        except ConnectionError:  # whoever started this board has ended
            end(0)

    def _look(self, seconds: float | None) -> None:
        self.line.flush()
        readers, writers = [self._wake], []
        uart = self.line.connection
        if uart is not None and len(self.line.incoming) < _MOST_WAITING:
            readers.append(uart)
        if uart is not None and self.line.outgoing:
            writers.append(uart)
        if self.debugger is not None:
            readers.append(self.debugger)
        ready, _, _ = select.select(readers, writers, [], seconds)
        if self._wake in ready:
            self._wake.recv(_PIECE)
        if uart is not None and uart in ready:
            self.line.receive()
        if self.debugger is not None and self.debugger in ready:
            data = self.debugger.recv(_PIECE)
            if not data:
                end(0)
            self.debugger_received += data


def end(code: int) -> None:
    """End the program at once, from whichever thread."""
    sys.stderr.flush()
    os._exit(code)
