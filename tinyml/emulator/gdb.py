"""A client for gdb's remote protocol: memory, registers, breakpoints.

Source: "GDB Remote Serial Protocol", appendix E of the GDB manual.
"""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass
from typing import Final

from tinyml.errors import EmulatorError

_CHUNK_BYTES: Final = 1800  # of memory a packet: two hex digits a byte must fit QEMU's 4096
_TIMEOUT_SECONDS: Final = 10.0


@dataclass(frozen=True)
class Registers:
    """Numbers of registers, as gdb counts them."""

    stack_pointer: int
    program_counter: int


REGISTERS: Final = {"cortex_m": Registers(13, 15), "riscv": Registers(2, 32)}


class GdbClient:
    """Controls a stopped or running machine over ``connection``, which it closes.

    Every method raises EmulatorError where the emulator does not answer or refuses.
    """

    def __init__(
        self, connection: socket.socket, registers: Registers = REGISTERS["cortex_m"]
    ) -> None:
        self.registers = registers
        self._socket = connection
        self._breakpoints: set[int] = set()
        self._received = b""
        self._command("qSupported:hwbreak+;swbreak+")
        # QEMU answers for single registers only to those who have read its description of them.
        self._command("qXfer:features:read:target.xml:0,ffb")
        self._command("QStartNoAckMode")
        self._acknowledge = False

    _acknowledge = True

    def close(self) -> None:
        """Leave the machine as it is."""
        self._socket.close()

    def read(self, address: int, count: int) -> bytes:
        """``count`` bytes of memory."""
        found = bytearray()
        while len(found) < count:
            chunk = min(_CHUNK_BYTES, count - len(found))
            answer = self._command(f"m{address + len(found):x},{chunk:x}")
            self._refuse_errors(answer, f"reading memory at {address:#x}")
            found += bytes.fromhex(answer)
        return bytes(found)

    def write(self, address: int, data: bytes) -> None:
        """Write memory."""
        for start in range(0, len(data), _CHUNK_BYTES):
            chunk = data[start : start + _CHUNK_BYTES]
            answer = self._command(f"M{address + start:x},{len(chunk):x}:{chunk.hex()}")
            self._refuse_errors(answer, f"writing memory at {address + start:#x}")

    def register(self, number: int) -> int:
        """A core register."""
        answer = self._command(f"p{number:x}")
        self._refuse_errors(answer, f"reading register {number}")
        return int.from_bytes(bytes.fromhex(answer), "little")

    def set_register(self, number: int, value: int) -> None:
        """Change a core register of 32 bits."""
        answer = self._command(f"P{number:x}={value.to_bytes(4, 'little').hex()}")
        self._refuse_errors(answer, f"writing register {number}")

    def add_breakpoint(self, address: int) -> None:
        """Stop before the instruction at ``address``."""
        self._refuse_errors(self._command(f"Z0,{address:x},2"), "setting a breakpoint")
        self._breakpoints.add(address)

    def remove_breakpoint(self, address: int) -> None:
        """Undo :meth:`add_breakpoint`."""
        self._refuse_errors(self._command(f"z0,{address:x},2"), "removing a breakpoint")
        self._breakpoints.discard(address)

    def resume(self, timeout_seconds: float = 60.0) -> int:
        """Run until a breakpoint; returns its address."""
        here = self.register(self.registers.program_counter)
        if here in self._breakpoints:
            # It would stop at once where it stands: step over the breakpoint first.
            self.remove_breakpoint(here)
            reached = self._run("s", _TIMEOUT_SECONDS)
            self.add_breakpoint(here)
            if reached in self._breakpoints:
                return reached
        return self._run("c", timeout_seconds)

    def detach(self) -> None:
        """Let the machine run on without breakpoints; nothing more is asked of it."""
        for address in tuple(self._breakpoints):
            self.remove_breakpoint(address)
        self._refuse_errors(self._command("D"), "letting the program run")

    def _run(self, how: str, timeout_seconds: float) -> int:
        self._send(how)
        answer = self._receive(timeout_seconds)
        if not answer.startswith(("T05", "S05")):
            raise EmulatorError(f"the emulated program stopped with '{answer}': it has crashed")
        return self.register(self.registers.program_counter)

    def _command(self, text: str) -> str:
        self._send(text)
        return self._receive(_TIMEOUT_SECONDS)

    @staticmethod
    def _refuse_errors(answer: str, doing: str) -> None:
        if answer.startswith("E") or not answer:
            raise EmulatorError(f"the emulator refused {doing}: {answer}")

    def _send(self, text: str) -> None:
        checksum = sum(text.encode()) & 0xFF
        try:
            self._socket.sendall(f"${text}#{checksum:02x}".encode())
        except ConnectionError as error:
            raise _ended() from error

    def _receive(self, timeout_seconds: float) -> str:
        deadline = time.monotonic() + timeout_seconds
        while True:
            start = self._received.find(b"$")
            end = self._received.find(b"#", start)
            if 0 <= start < end and len(self._received) >= end + 3:
                body = self._received[start + 1 : end]
                self._received = self._received[end + 3 :]
                if self._acknowledge:
                    self._socket.sendall(b"+")
                return _expand(body)
            self._fill(deadline)

    def _fill(self, deadline: float) -> None:
        left = deadline - time.monotonic()
        if left <= 0:
            raise EmulatorError("the emulated program did not stop in time: it hangs")
        self._socket.settimeout(left)
        try:
            data = self._socket.recv(65536)
        except TimeoutError:
            return
        except ConnectionError as error:
            raise _ended() from error
        if not data:
            raise _ended()
        self._received += data


def _ended() -> EmulatorError:
    return EmulatorError("the emulator ended while it was being debugged")


def _expand(body: bytes) -> str:
    """Undo run-length encoding: ``0* `` is four zeros."""
    text = body.decode("ascii", errors="replace")
    if "*" not in text:
        return text
    found: list[str] = []
    position = 0
    while position < len(text):
        if text[position] == "*" and position + 1 < len(text):
            found.append(found[-1][-1] * (ord(text[position + 1]) - 29))
            position += 2
        else:
            found.append(text[position])
            position += 1
    return "".join(found)
