"""Models of parts on the buses of an emulated board, which runs in another process.

The emulator asks over a socket, line by line: ``BUS NOW_US VERB [WORD]``, with the bus as the board
names it and the board's own time; each line gets one as an answer. Bytes are hexadecimal.

- I2C, as a controller on the wire has it: ``start READS_ADDRESS`` (8 bits, the lowest says that it
  reads) is answered by ``ACK STRETCH_US``, ``put BYTE`` by ``ACK``, ``get`` by a byte and ``stop``
  by 1. ``held`` asks whether a part holds the data line though nobody asked it, and ``clock`` gives
  such a part a clock.
- UART: ``take`` is answered by the bytes that have come, ``give BYTES`` by 1.
- ADC: ``sample INPUT`` is answered by microvolts.
- Sound: ``hear COUNT`` is answered by so many samples, 16 bits each, the low byte first.
- One-wire: ``reset`` is answered by 1 where a part is present, ``slot BIT`` by the bit that the
  line has in this slot: the part's, where it is the part's turn. ``held`` as above.

ACK is 1 or 0. Where nothing hangs, nobody answers: 0 and ``ff``.
"""

from __future__ import annotations

import contextlib
import copy
import socket
import threading
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Final

from tinyml.emulator.parts import (
    AdcPart,
    I2cPart,
    ModelledPart,
    OneWirePart,
    SoundPart,
    UartPart,
)

_AHEAD: Final = 256  # bytes that a reading may have
_BYTE_BITS: Final = 8


class _Wire(ABC):
    """One bus with its parts, by address."""

    def __init__(self, parts: Mapping[int, ModelledPart]) -> None:
        self.parts = parts

    @abstractmethod
    def ask(self, verb: str, word: str) -> str:
        """The answer to a line."""


class _I2c(_Wire):
    """Transfers byte by byte, for models that know whole ones.

    Whether a part agrees is asked of a copy; the part itself gets the transfer when it has ended,
    and its length is known.
    """

    def __init__(self, parts: Mapping[int, ModelledPart]) -> None:
        super().__init__(parts)
        self._part: I2cPart | None = None
        self._written = b""
        self._coming: bytes | None = None
        self._read = 0

    def ask(self, verb: str, word: str) -> str:
        """See _Wire."""
        if verb == "start":
            self._finish()
            agrees = self._start(int(word, 16))
            return f"{agrees:d} {self._part.stretch_us if self._part else 0}"
        if verb == "put":
            return f"{self._put(int(word, 16)):d}"
        if verb == "get":
            return f"{self._get():02x}"
        if verb == "stop":
            self._finish()
        elif verb == "held":
            return f"{self._holder() is not None:d}"
        elif verb == "clock":
            holder = self._holder()
            if holder is not None:
                holder.held_clocks -= 1
        return "1"

    def _holder(self) -> I2cPart | None:
        held = (p for p in self.parts.values() if isinstance(p, I2cPart) and p.held_clocks > 0)
        return next(held, None)

    def _start(self, address: int) -> bool:
        found = self.parts.get(address >> 1)
        if not isinstance(found, I2cPart):
            return False
        if address & 1:
            self._coming = copy.deepcopy(found).read(_AHEAD)
            agrees = self._coming is not None
        else:
            agrees = copy.deepcopy(found).write(b"")
        self._part = found if agrees else None
        return agrees

    def _put(self, byte: int) -> bool:
        if self._part is None or self._coming is not None:
            return False
        written = self._written + bytes([byte])
        agrees = copy.deepcopy(self._part).write(written)
        self._written = written
        return agrees

    def _get(self) -> int:
        if self._part is None or self._coming is None or self._read >= len(self._coming):
            return 0xFF
        self._read += 1
        return self._coming[self._read - 1]

    def _finish(self) -> None:
        if self._part is not None and self._coming is None:
            self._part.write(self._written)
        elif self._part is not None and self._read:
            self._part.read(self._read)
        self._part, self._written, self._coming, self._read = None, b"", None, 0


class _Uart(_Wire):
    def ask(self, verb: str, word: str) -> str:
        """See _Wire."""
        talkers = [part for part in self.parts.values() if isinstance(part, UartPart)]
        if verb == "take":
            return b"".join(part.take() for part in talkers).hex()
        for part in talkers:
            part.give(bytes.fromhex(word))
        return "1"


class _Adc(_Wire):
    def ask(self, verb: str, word: str) -> str:
        """See _Wire."""
        part = self.parts.get(int(word))
        return str(part.microvolts if isinstance(part, AdcPart) else 0)


class _OneWire(_Wire):
    """Bits of a part that knows bytes."""

    def __init__(self, parts: Mapping[int, ModelledPart]) -> None:
        super().__init__(parts)
        self._part = next((p for p in parts.values() if isinstance(p, OneWirePart)), None)
        self._present = False
        self._bits = 0
        self._byte = 0
        self._sending = False

    def ask(self, verb: str, word: str) -> str:
        """See _Wire."""
        if verb == "held":
            return f"{self._part is not None and self._part.holds:d}"
        if verb == "reset":
            self._bits = 0
            self._present = self._part is not None and self._part.reset()
            return f"{self._present:d}"
        return f"{self._slot(int(word)):d}"

    def _slot(self, bit: int) -> int:
        if self._part is None or not self._present:
            return bit
        if self._bits == 0:
            self._sending = self._part.sends
            self._byte = self._part.read() if self._sending else 0
        if self._sending:
            bit &= self._byte >> self._bits & 1
        else:
            self._byte |= bit << self._bits
        self._bits = (self._bits + 1) % _BYTE_BITS
        if self._bits == 0 and not self._sending:
            self._part.write(self._byte)
        return bit


class _Sound(_Wire):
    def ask(self, verb: str, word: str) -> str:
        """See _Wire."""
        part = next((p for p in self.parts.values() if isinstance(p, SoundPart)), None)
        count = int(word)
        samples = [0] * count if part is None else part.hear(count)
        return b"".join(sample.to_bytes(2, "little", signed=True) for sample in samples).hex()


_WIRES: Final[dict[str, type[_Wire]]] = {
    "i2c": _I2c, "uart": _Uart, "adc": _Adc, "one_wire": _OneWire, "sound": _Sound,
}  # fmt: skip


class Wiring:
    """The parts of a board, and the thread that answers for them.

    Args:
        kinds: the kind of each bus, by its name.
        parts: the parts, by bus and address; an ADC's address is its input.
    """

    def __init__(
        self, kinds: Mapping[str, str], parts: Mapping[tuple[str, int], ModelledPart]
    ) -> None:
        self.parts = tuple(parts.values())
        self._wires = {
            name: _WIRES[kind]({at: p for (bus, at), p in parts.items() if bus == name})
            for name, kind in kinds.items()
            if kind in _WIRES
        }
        self._lock = threading.Lock()
        self._now_us = 0
        self._connection: socket.socket | None = None
        self._thread: threading.Thread | None = None

    def measure(self, number: int, quantity: str, value: float) -> None:
        """Let a part measure something else from now on; see ModelledPart."""
        with self._lock:
            self.parts[number].measure(quantity, value)

    def serve(self, connection: socket.socket) -> None:
        """Answer what an emulator asks, until it ends or ``close``."""
        self._connection = connection
        self._thread = threading.Thread(target=self._serve, name="parts", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the answering; may be called twice."""
        if self._connection is not None and self._thread is not None:
            with contextlib.suppress(OSError):
                self._connection.shutdown(socket.SHUT_RDWR)
            self._thread.join()
            self._connection.close()
            self._connection = None

    def _serve(self) -> None:
        assert self._connection is not None
        try:
            with (
                contextlib.suppress(OSError),  # the emulator has ended
                self._connection.makefile("rw", encoding="ascii", newline="\n") as lines,
            ):
                for line in lines:
                    lines.write(self.answer(line) + "\n")
                    lines.flush()
        finally:
            # Where a model has failed, too: else the emulator would wait for its answer for ever.
            with contextlib.suppress(OSError):
                self._connection.shutdown(socket.SHUT_RDWR)

    def answer(self, line: str) -> str:
        """The answer to a line of the emulator."""
        bus, now_us, verb, *words = line.split()
        with self._lock:
            passed, self._now_us = int(now_us) - self._now_us, int(now_us)
            for part in self.parts:
                part.advance(max(passed, 0))
            return self._wires[bus].ask(verb, words[0] if words else "")
