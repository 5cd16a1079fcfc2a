"""One emulated UART as a pseudo-terminal and as a TCP port, both at once.

What the board sends goes to everybody who is connected; where nobody is, it is lost, as on a real
cable. A slow reader slows the board down instead of losing bytes.
"""

from __future__ import annotations

import contextlib
import errno
import os
import pty
import select
import socket
import threading
import tty
from collections.abc import Callable
from pathlib import Path
from typing import Final

from tinyml.emulator.faults import Faults, FaultyLine, Schedule
from tinyml.emulator.sockets import connect
from tinyml.errors import EmulatorError

_PIECE: Final = 4096


class SerialBridge:
    """Joins the emulator's socket with a pty and a TCP server in a thread of its own.

    Args:
        uart: the emulator's socket.
        tcp_port: of the server; 0 takes any that is free.
        faults: what goes wrong on the line.
        reset: resets the board; called from the thread.
        resets_when_opened: whether opening the pty does so, too.
    """

    def __init__(
        self,
        uart: Path,
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
        # A real port keeps its name when it is plugged in again; a new terminal has a new one.
        self._link = uart.with_name("port") if faults.events else None
        self._uart = connect(uart)
        self._uart.setblocking(False)
        self._terminal, self.serial_path = self._plug_in()
        try:
            self._server = socket.create_server(("127.0.0.1", tcp_port))
        except OSError as error:
            raise EmulatorError(
                f"TCP port {tcp_port} cannot be opened ({os.strerror(error.errno or 0)}); give "
                "another, or none for any that is free"
            ) from error
        self._server.setblocking(False)
        self.tcp_port: int = self._server.getsockname()[1]
        self._clients: list[socket.socket] = []
        self._pending: dict[int, bytes] = {}  # file -> what it has not taken yet
        self._to_board = b""
        self._wake_read, self._wake_write = os.pipe()
        self._ended = False
        self._due: list[str] = []  # events between two turns: descriptors change in them
        self._thread = threading.Thread(target=self._run, name="serial bridge", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the thread and all connections."""
        self._ended = True
        os.write(self._wake_write, b"x")
        self._thread.join()
        for client in self._clients:
            client.close()
        self._uart.close()
        self._server.close()
        for descriptor in (self._terminal, self._wake_read, self._wake_write):
            os.close(descriptor)

    def _plug_in(self) -> tuple[int, str]:
        """A new terminal and its path."""
        terminal, slave = pty.openpty()
        tty.setraw(slave)
        path = os.ttyname(slave)
        # Closed, so that a hang-up tells whether anybody else has it open.
        os.close(slave)
        os.set_blocking(terminal, False)
        if self._link is None:
            return terminal, path
        part = self._link.with_suffix(".part")
        part.symlink_to(path)
        part.replace(self._link)
        return terminal, str(self._link)

    def _unplug(self) -> None:
        """Everybody who is connected notices; what was on its way is lost."""
        for client in list(self._clients):
            self._drop(client.fileno())
        self._to_board = b""
        self._pending.clear()
        gone = self._terminal
        self._terminal, self.serial_path = self._plug_in()
        os.close(gone)  # last: who notices finds the new one already there

    def _happen(self, event: str) -> None:
        if event in ("unplug", "brown-out"):
            self._unplug()
        if event in ("reset", "brown-out"):
            self._reset()

    def _run(self) -> None:
        while not self._ended:
            poller = select.poll()
            listening = self._terminal_open()
            if self._resets_when_opened and listening and not self._was_open:
                self._reset()
            self._was_open = listening
            busy = any(self._pending.values())
            uart_events = 0 if busy else select.POLLIN
            if self._to_board:
                uart_events |= select.POLLOUT
            poller.register(self._uart, uart_events)
            poller.register(self._server, select.POLLIN)
            poller.register(self._wake_read, select.POLLIN)
            if listening:
                poller.register(self._terminal, self._events(self._terminal))
            for client in self._clients:
                poller.register(client, self._events(client.fileno()))
            # Without a listener on the terminal, look again soon: opening it wakes nobody.
            for descriptor, event in poller.poll(None if listening else 20):
                self._serve(descriptor, event)
            while self._due:
                self._happen(self._due.pop(0))

    def _events(self, descriptor: int) -> int:
        events = 0 if self._to_board else select.POLLIN
        return events | (select.POLLOUT if self._pending.get(descriptor) else 0)

    def _terminal_open(self) -> bool:
        poller = select.poll()
        poller.register(self._terminal, 0)
        hung_up = any(event & select.POLLHUP for _, event in poller.poll(0))
        if hung_up:
            self._pending.pop(self._terminal, None)
        return not hung_up

    def _serve(self, descriptor: int, event: int) -> None:
        if descriptor == self._server.fileno():
            client, _ = self._server.accept()
            client.setblocking(False)
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._clients.append(client)
        elif descriptor == self._uart.fileno():
            self._serve_board(event)
        elif descriptor != self._wake_read:
            self._serve_listener(descriptor, event)

    def _serve_board(self, event: int) -> None:
        if event & select.POLLOUT and self._to_board:
            sent = self._uart.send(self._to_board)
            self._to_board = self._to_board[sent:]
        if event & (select.POLLIN | select.POLLHUP):
            with contextlib.suppress(BlockingIOError):
                data = self._receive()
                if not data:
                    self._ended = True
                self._due += self._schedule.after(len(data))
                data = self._from_line.pass_on(data)
                for client in list(self._clients):
                    self._give(client.fileno(), data)
                if self._terminal_open():
                    self._give(self._terminal, data)

    def _receive(self) -> bytes:
        """What the board sends; nothing where the emulator is gone."""
        try:
            return self._uart.recv(_PIECE)
        except ConnectionError:
            return b""

    def _serve_listener(self, descriptor: int, event: int) -> None:
        if event & select.POLLOUT:
            self._give(descriptor, b"")
        if event & (select.POLLIN | select.POLLHUP | select.POLLERR):
            try:
                data = os.read(descriptor, _PIECE)
            except BlockingIOError:
                return
            except OSError as error:
                data = b""
                if error.errno == errno.EIO:  # the terminal was closed by its reader
                    return
            if data:
                self._to_board += self._to_line.pass_on(data)
            elif descriptor != self._terminal:
                self._drop(descriptor)

    def _give(self, descriptor: int, data: bytes) -> None:
        waiting = self._pending.get(descriptor, b"") + data
        try:
            written = os.write(descriptor, waiting) if waiting else 0
        except BlockingIOError:
            written = 0
        except OSError:
            if descriptor != self._terminal:
                self._drop(descriptor)
            return
        self._pending[descriptor] = waiting[written:]

    def _drop(self, descriptor: int) -> None:
        self._pending.pop(descriptor, None)
        for client in self._clients:
            if client.fileno() == descriptor:
                client.close()
        self._clients = [client for client in self._clients if client.fileno() >= 0]
