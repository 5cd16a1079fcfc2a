"""QEMU's machine protocol: the heartbeat that keeps its serial ports awake, and resets.

Source: docs/interop/qmp-intro of QEMU. On most machines bytes that arrive soon after boot can stay
in the emulated UART for ever, unless something makes QEMU's main loop turn: a status query does.
"""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from typing import Any, Final

from tinyml.errors import EmulatorError

_HEARTBEAT_SECONDS: Final = 0.02
_TIMEOUT_SECONDS: Final = 10.0


class Qmp:
    """QEMU's monitor at the other end of ``connection``, with a heartbeat while it is open."""

    def __init__(self, connection: socket.socket) -> None:
        self._lock = threading.Lock()
        self._socket = connection
        self._socket.settimeout(_TIMEOUT_SECONDS)
        self._file = self._socket.makefile("rw", encoding="utf-8")
        self._file.readline()
        self.command("qmp_capabilities")
        self._ended = threading.Event()
        self._heart = threading.Thread(target=self._beat, name="qmp heartbeat", daemon=True)
        self._heart.start()

    def command(self, name: str, **arguments: Any) -> Any:
        """Execute a command; EmulatorError where QEMU refuses or is gone."""
        request = {"execute": name, "arguments": arguments} if arguments else {"execute": name}
        with self._lock:
            try:
                self._file.write(json.dumps(request) + "\n")
                self._file.flush()
                while True:
                    line = self._file.readline()
                    if not line:
                        raise EmulatorError("the emulator has ended")
                    answer = json.loads(line)
                    if "return" in answer:
                        return answer["return"]
                    if "error" in answer:
                        raise EmulatorError(f"the emulator refused: {answer['error']['desc']}")
            except (OSError, ValueError) as error:
                raise EmulatorError("the emulator has ended") from error

    def close(self) -> None:
        """Stop the heartbeat and leave."""
        self._ended.set()
        self._heart.join()
        with contextlib.suppress(OSError):
            self._file.close()
        self._socket.close()

    def _beat(self) -> None:
        while not self._ended.wait(_HEARTBEAT_SECONDS):
            try:
                self.command("query-status")
            except EmulatorError:
                return
