# SPDX-License-Identifier: MIT
"""The far end of gdb's remote protocol: memory, registers, breakpoints, steps.

Source: "GDB Remote Serial Protocol", appendix E of the GDB manual.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from unicorn import UcError

if TYPE_CHECKING:
    import socket

    from processor import Processor

_STOPPED: Final = "T05"  # SIGTRAP
_INTERRUPTED: Final = "T02"  # SIGINT
_INTERRUPT: Final = 0x03
_WORD_BYTES: Final = 4
_FAILED: Final = "E01"
_ACKNOWLEDGE = b"+"


class Debugger:
    """Answers a client that controls the processor; the board waits until it is let run.

    Args:
        connection: the client.
        received: what has come of it, filled by others.
        processor: what it controls.
    """

    def __init__(
        self, connection: socket.socket, received: bytearray, processor: Processor
    ) -> None:
        self._connection = connection
        self._received = received
        self._processor = processor
        self._acknowledges = True
        self.is_halted = True
        self._handlers: dict[str, Callable[[str], str | None]] = {
            "?": lambda rest: _STOPPED,
            "D": self._detach,
            "H": lambda rest: "OK",
            "M": self._write,
            "P": self._set_register,
            "Q": self._set_mode,
            "Z": lambda rest: self._set_breakpoint(rest, on=True),
            "c": self._go,
            "g": self._registers,
            "m": self._read,
            "p": self._register,
            "q": lambda rest: "PacketSize=4000" if rest.startswith("Supported") else "",
            "s": self._step,
            "z": lambda rest: self._set_breakpoint(rest, on=False),
        }

    def stopped(self) -> None:
        """The processor has met a breakpoint or a trap."""
        self._halt(_STOPPED)

    def _halt(self, why: str) -> None:
        self.is_halted = True
        self._processor.blocks.spread()
        self._send(why)

    def serve(self) -> None:
        """Answer what has come."""
        while self._received:
            if self._received[0] == _INTERRUPT:
                del self._received[0]
                if not self.is_halted:
                    self._halt(_INTERRUPTED)
                continue
            start, end = self._received.find(b"$"), self._received.find(b"#")
            if start < 0:  # acknowledgements
                self._received.clear()
            if not 0 <= start < end or len(self._received) < end + 3:
                return
            command = self._received[start + 1 : end].decode("ascii", "replace")
            del self._received[: end + 3]
            if self._acknowledges:
                self._connection.sendall(_ACKNOWLEDGE)
            self._answer(command)

    def _answer(self, command: str) -> None:
        handler = self._handlers.get(command[:1])
        try:
            answer = handler(command[1:]) if handler is not None else ""
        except (ValueError, KeyError, UcError):
            answer = _FAILED
        if answer is not None:
            self._send(answer)

    def _send(self, text: str) -> None:
        checksum = sum(text.encode()) & 0xFF
        self._connection.sendall(f"${text}#{checksum:02x}".encode())

    def _go(self, rest: str) -> None:
        del rest
        self.is_halted = False

    def _step(self, rest: str) -> str:
        del rest
        self._processor.step()
        self._processor.blocks.spread()
        return _STOPPED

    def _detach(self, rest: str) -> str:
        del rest
        self.is_halted = False
        return "OK"

    def _set_mode(self, rest: str) -> str:
        if rest != "StartNoAckMode":
            return ""
        self._acknowledges = False
        return "OK"

    def _read(self, rest: str) -> str:
        address, count = (int(part, 16) for part in rest.split(","))
        return bytes(self._processor.engine.mem_read(address, count)).hex()

    def _write(self, rest: str) -> str:
        where, _, data = rest.partition(":")
        self._processor.engine.mem_write(int(where.split(",")[0], 16), bytes.fromhex(data))
        return "OK"

    def _number(self, register: int) -> int:
        return self._processor.registers[register]

    def _register(self, rest: str) -> str:
        value: int = self._processor.engine.reg_read(self._number(int(rest, 16)))
        return value.to_bytes(_WORD_BYTES, "little").hex()

    def _registers(self, rest: str) -> str:
        del rest
        return "".join(self._register(f"{number:x}") for number in self._processor.registers)

    def _set_register(self, rest: str) -> str:
        number, _, value = rest.partition("=")
        word = int.from_bytes(bytes.fromhex(value), "little")
        self._processor.engine.reg_write(self._number(int(number, 16)), word)
        return "OK"

    def _set_breakpoint(self, rest: str, *, on: bool) -> str:
        kind, address, _ = rest.split(",")
        if kind not in "01":
            return ""
        self._processor.set_breakpoint(int(address, 16), on=on)
        return "OK"
