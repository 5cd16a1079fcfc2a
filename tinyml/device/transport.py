"""Opening a node's port: a serial device, or ``socket://host:port``, or ``rfc2217://host:port``."""

import errno
import os
import select
import socket
import sys
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

import serial
from serial.tools import list_ports

from tinyml.errors import PortError

BAUD: Final = 115200
_CONNECT_TIMEOUT_S: Final = 5.0
_WRITE_TIMEOUT_S: Final = 30.0
_PIECE_BYTES: Final = 4096
_NO_TERMINAL: Final = f"({errno.ENOTTY}, "  # as pyserial writes the reason


class Transport(Protocol):
    """A byte stream both ways. Its methods raise PortError where the port has gone."""

    def read(self, timeout_s: float) -> bytes:
        """What has arrived; waits up to ``timeout_s`` for the first byte, empty where none came."""

    def write(self, data: bytes) -> None:
        """Send all of ``data``."""

    def close(self) -> None:
        """Give the port back."""


def open_transport(port: str, baud: int = BAUD) -> Transport:
    """Open ``port``, a serial one at ``baud``. PortError says what is wrong and what to do."""
    if port.startswith("socket://"):
        return _SocketTransport(port)
    return _SerialTransport(port, baud)


class _SerialTransport:
    def __init__(self, port: str, baud: int) -> None:
        self._port = port
        settings: dict[str, Any] = {"baudrate": baud, "write_timeout": _WRITE_TIMEOUT_S}
        if os.name == "posix" and "://" not in port:
            settings["exclusive"] = True  # two programs on a port take each other's answers
        try:
            self._serial = serial.serial_for_url(port, **settings)
        except (serial.SerialException, OSError, ValueError) as error:
            raise PortError(_why_not_open(port, error)) from error

    def read(self, timeout_s: float) -> bytes:
        try:
            self._serial.timeout = timeout_s
            first = self._serial.read(1)
            return bytes(first + self._serial.read(self._serial.in_waiting) if first else first)
        except (serial.SerialException, OSError, TypeError) as error:
            # pyserial itself fails with a TypeError where another thread has closed the port.
            raise _gone(self._port) from error

    def write(self, data: bytes) -> None:
        try:
            self._serial.write(data)
        except (serial.SerialException, OSError) as error:
            raise _gone(self._port) from error

    def close(self) -> None:
        self._serial.close()


class _SocketTransport:
    # pyserial's own socket port hands out one byte at a time or waits for all.
    def __init__(self, port: str) -> None:
        self._port = port
        try:
            parts = urlsplit(port)
            address = (parts.hostname or "", parts.port or 0)
        except ValueError as error:
            raise PortError(f"{port!r} is not a port; give socket://HOST:PORT") from error
        if not all(address):
            raise PortError(f"{port!r} is not a port; give socket://HOST:PORT")
        try:
            self._socket = socket.create_connection(address, _CONNECT_TIMEOUT_S)
        except OSError as error:
            reason = error.strerror or str(error)
            raise PortError(
                f"nothing answers at {port} ({reason}); check that the emulator or the "
                "gateway is running"
            ) from error
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.settimeout(_WRITE_TIMEOUT_S)

    def read(self, timeout_s: float) -> bytes:
        try:
            ready, _, _ = select.select([self._socket], [], [], timeout_s)
            if not ready:
                return b""
            data = self._socket.recv(_PIECE_BYTES)
        except (OSError, ValueError) as error:
            raise _gone(self._port) from error
        if not data:
            raise _gone(self._port)
        return data

    def write(self, data: bytes) -> None:
        try:
            self._socket.sendall(data)
        except OSError as error:
            raise _gone(self._port) from error

    def close(self) -> None:
        self._socket.close()


def _gone(port: str) -> PortError:
    return PortError(
        f"the port {port} went away; check that the board is still plugged in and powered"
    )


def _why_not_open(port: str, error: Exception) -> str:
    number = getattr(error, "errno", None)
    text = str(error)
    # On Windows pyserial gives no number, only the text of the system's error.
    if number == errno.ENOENT or "FileNotFoundError" in text:
        known = ", ".join(sorted(entry.device for entry in list_ports.comports())) or "none"
        return f"there is no port {port}; serial ports here: {known}"
    denied = "PermissionError" in text
    busy = number in (errno.EBUSY, errno.EAGAIN) or "exclusively lock" in text
    if busy or (denied and sys.platform == "win32"):  # where ports have no owners
        return f"{port} is in use by another program; close that program and try again"
    if denied or number == errno.EACCES:
        group = "the group of serial ports (sudo usermod -aG dialout $USER) and log in again"
        how = f"add yourself to {group}" if sys.platform == "linux" else "ask its administrator"
        return f"you do not have permission to open {port}; {how}"
    if number == errno.EISDIR or _NO_TERMINAL in text:
        return f"{port} is not a serial port; give one such as /dev/ttyUSB0 or COM3"
    return f"{port} cannot be opened: {text}"
