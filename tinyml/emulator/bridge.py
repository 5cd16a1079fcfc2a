"""One emulated UART as a TCP port and, where the system has them, as a pseudo-terminal at once.

What the board sends goes to everybody who is connected; where nobody is, it is lost, as on a real
cable. A slow reader slows the board down instead of losing bytes.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import socket
import sys
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from tinyml.emulator.faults import Faults, FaultyLine, Schedule
from tinyml.emulator.sockets import LOOPBACK
from tinyml.emulator.terminal import HAS_TERMINALS, Terminal
from tinyml.errors import EmulatorError

_PIECE: Final = 4096
_LOOK_SECONDS: Final = 0.02

# Everything is registered for one turn only, which costs least with poll.
if sys.platform == "win32":
    _Selector = selectors.SelectSelector
else:
    _Selector = selectors.PollSelector

Listener = socket.socket | Terminal


class SerialBridge:
    """Joins the emulator's connection with a terminal and a TCP server in a thread of its own.

    Args:
        uart: the emulator's connection.
        place: a folder for the terminal's lasting name.
        tcp_port: of the server; 0 takes any that is free.
        faults: what goes wrong on the line.
        reset: resets the board; called from the thread.
        resets_when_opened: whether opening the terminal does so, too.
    """

    def __init__(
        self,
        uart: socket.socket,
        place: Path,
        tcp_port: int = 0,
        faults: Faults | None = None,
        reset: Callable[[], None] = lambda: None,
        resets_when_opened: bool = False,
    ) -> None:
        faults = faults or Faults({}, (), 0)
        self._to_line = FaultyLine(faults, "to the board")
        self._from_line = FaultyLine(faults, "from the board")
        self._schedule = Schedule(faults)
        self._reset = reset
        self._resets_when_opened = resets_when_opened
        self._was_open = False
        self._server = _serve(tcp_port)
        self.tcp_port: int = self._server.getsockname()[1]
        self._uart = uart
        self._uart.setblocking(False)
        self._link = place / "port" if faults.events else None
        self._terminal = Terminal(self._link) if HAS_TERMINALS else None
        self._clients: list[socket.socket] = []
        self._pending: dict[Listener, bytes] = {}  # what each has not taken yet
        self._to_board = b""
        self._wake, self._wakes = socket.socketpair()
        self._ended = False
        self._due: list[str] = []  # events between two turns: connections change in them
        self._thread = threading.Thread(target=self._run, name="serial bridge", daemon=True)
        self._thread.start()

    @property
    def serial_path(self) -> str:
        """The port's name: the terminal, or the URL where the system has none."""
        return self._terminal.path if self._terminal is not None else self.serial_url

    @property
    def serial_url(self) -> str:
        """The port over TCP, as pyserial's serial_for_url takes it."""
        return f"socket://{LOOPBACK}:{self.tcp_port}"

    def close(self) -> None:
        """End the thread and all connections."""
        self._ended = True
        self._wakes.send(b"x")
        self._thread.join()
        for part in (*self._clients, self._uart, self._server, self._wake, self._wakes):
            part.close()
        if self._terminal is not None:
            self._terminal.close()

    def _unplug(self) -> None:
        """Everybody who is connected notices; what was on its way is lost."""
        for client in list(self._clients):
            self._drop(client)
        self._to_board = b""
        self._pending.clear()
        if self._terminal is not None:
            gone, self._terminal = self._terminal, Terminal(self._link)
            gone.close()  # last: who notices finds the new one already there

    def _happen(self, event: str) -> None:
        if event in ("unplug", "brown-out"):
            self._unplug()
        if event in ("reset", "brown-out"):
            self._reset()

    def _run(self) -> None:
        while not self._ended:
            listening = self._terminal_open()
            if self._resets_when_opened and listening and not self._was_open:
                self._reset()
            self._was_open = listening
            with _Selector() as selector:
                self._register(selector, listening)
                # Without a listener on the terminal, look again soon: opening it wakes nobody.
                alone = self._terminal is not None and not listening
                for key, events in selector.select(_LOOK_SECONDS if alone else None):
                    key.data(events)
            while self._due:
                self._happen(self._due.pop(0))

    def _register(self, selector: selectors.BaseSelector, listening: bool) -> None:
        busy = any(self._pending.values())
        uart_events = (0 if busy else selectors.EVENT_READ) | (
            selectors.EVENT_WRITE if self._to_board else 0
        )
        if uart_events:
            selector.register(self._uart, uart_events, self._serve_board)
        selector.register(self._server, selectors.EVENT_READ, self._accept)
        selector.register(self._wake, selectors.EVENT_READ, lambda events: None)
        listeners: list[Listener] = list(self._clients)
        if self._terminal is not None and listening:
            listeners.append(self._terminal)
        for listener in listeners:
            events = (0 if self._to_board else selectors.EVENT_READ) | (
                selectors.EVENT_WRITE if self._pending.get(listener) else 0
            )
            if events:
                selector.register(listener, events, partial(self._serve_listener, listener))

    def _terminal_open(self) -> bool:
        if self._terminal is None:
            return False
        listening = self._terminal.is_open
        if not listening:
            self._pending.pop(self._terminal, None)
        return listening

    def _accept(self, events: int) -> None:
        del events
        try:
            client, _ = self._server.accept()
        except OSError:  # gone before it was taken
            return
        client.setblocking(False)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._clients.append(client)

    def _serve_board(self, events: int) -> None:
        if events & selectors.EVENT_WRITE and self._to_board:
            with contextlib.suppress(BlockingIOError):
                self._to_board = self._to_board[self._send() :]
        if events & selectors.EVENT_READ:
            with contextlib.suppress(BlockingIOError):
                data = self._receive()
                if not data:
                    self._ended = True
                self._due += self._schedule.after(len(data))
                data = self._from_line.pass_on(data)
                for client in list(self._clients):
                    self._give(client, data)
                if self._terminal is not None and self._terminal_open():
                    self._give(self._terminal, data)

    def _send(self) -> int:
        try:
            return self._uart.send(self._to_board)
        except ConnectionError:
            self._ended = True
            return 0

    def _receive(self) -> bytes:
        """What the board sends; nothing where the emulator is gone."""
        try:
            return self._uart.recv(_PIECE)
        except ConnectionError:
            return b""

    def _serve_listener(self, listener: Listener, events: int) -> None:
        if events & selectors.EVENT_WRITE:
            self._give(listener, b"")
        if events & selectors.EVENT_READ:
            try:
                data = listener.recv(_PIECE)
            except BlockingIOError:
                return
            except OSError:
                data = b""
            if data:
                self._to_board += self._to_line.pass_on(data)
            else:
                self._drop(listener)

    def _give(self, listener: Listener, data: bytes) -> None:
        waiting = self._pending.get(listener, b"") + data
        try:
            written = listener.send(waiting) if waiting else 0
        except BlockingIOError:
            written = 0
        except OSError:
            self._drop(listener)
            return
        self._pending[listener] = waiting[written:]

    def _drop(self, listener: Listener) -> None:
        """Forget a client; the terminal stays, whoever opens it."""
        self._pending.pop(listener, None)
        if isinstance(listener, socket.socket) and listener in self._clients:
            self._clients.remove(listener)
            listener.close()


def _serve(tcp_port: int) -> socket.socket:
    try:
        server = socket.create_server((LOOPBACK, tcp_port))
    except OSError as error:
        raise EmulatorError(
            f"TCP port {tcp_port} cannot be opened ({os.strerror(error.errno or 0)}); "
            "give another port, or 0 for any free one"
        ) from error
    server.setblocking(False)
    return server
