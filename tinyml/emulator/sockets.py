"""Connecting to QEMU's sockets."""

from __future__ import annotations

import socket
import time
from pathlib import Path
from typing import Final

from tinyml.errors import EmulatorError

_TIMEOUT_SECONDS: Final = 10.0


def connect(path: Path) -> socket.socket:
    """A connection to a UNIX socket; EmulatorError where nobody listens at it.

    QEMU makes the file first and listens a moment later: a refusal is not yet an answer.
    """
    deadline = time.monotonic() + _TIMEOUT_SECONDS
    while True:
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(_TIMEOUT_SECONDS)
        try:
            connection.connect(str(path))
        except OSError as error:
            connection.close()
            refused = isinstance(error, ConnectionRefusedError)
            if not refused or time.monotonic() > deadline:
                raise EmulatorError(
                    f"the emulator cannot be reached at {path.name}: {error.strerror}"
                ) from error
            time.sleep(0.01)
        else:
            return connection
