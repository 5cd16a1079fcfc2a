"""SMP requests and answers: sent, awaited, repeated, told apart."""

import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import cbor2

from tinyml.device.framing import Decoder, encode
from tinyml.device.transport import Transport
from tinyml.documents import Fields, parse_cbor
from tinyml.errors import NoAnswerError, ProtocolError, RefusedError

READ: Final = 0
WRITE: Final = 2
OS_GROUP: Final = 0
TML_GROUP: Final = 64

_HEADER: Final = struct.Struct(">BBHHBB")  # operation, flags, bytes, group, sequence, command
HEADER_BYTES: Final = _HEADER.size
# What to do about an answer that is not as it should be.
_MEND: Final = "its firmware may be another version: flash it with this version of tinyml"
_LONGEST_WAIT: Final = 4.0  # of the first wait for an answer

TOO_LARGE: Final = 7
# MCUmgr's error codes, in words.
_REASONS: Final = {
    1: "it had an internal error, perhaps in its storage",
    2: "it does not have enough memory",
    3: "the request is invalid",
    5: "it does not have what was asked for",
    6: "it cannot do that in its current state",
    TOO_LARGE: "the answer is too large for it",
    8: "its firmware does not know this command",
    10: "it is busy",
}


@dataclass(frozen=True)
class Command:
    """A command of a group, to be read or written."""

    operation: int
    group: int
    number: int
    name: str  # for messages


class SmpClient:
    """Sends requests over a transport and finds their answers among everything that arrives."""

    def __init__(
        self,
        transport: Transport,
        port: str,
        *,
        on_text: Callable[[str], None] | None = None,
        timeout_s: float = 2.0,
        attempts: int = 3,
    ) -> None:
        self._transport = transport
        self._port = port
        self._decoder = Decoder(on_text)
        self._timeout_s = timeout_s
        self._attempts = attempts
        self._sequence = 0

    def request(self, command: Command, payload: dict[str, Any]) -> Fields:
        """The answer's map.

        The request is repeated where no answer comes, each time after twice as long up to four
        times the first wait, so it must do no harm to be obeyed twice.
        Raises NoAnswerError, ProtocolError (the node refuses, or its answer is no SMP), PortError.
        """
        # Answers carry the request's number, so one that comes late is not taken for the next.
        self._sequence = (self._sequence + 1) % 256
        body = cbor2.dumps(payload)
        head = _HEADER.pack(
            command.operation, 0, len(body), command.group, self._sequence, command.number
        )
        frame = encode(head + body)
        for attempt in range(self._attempts):
            self._transport.write(frame)
            # On a slow line repetitions at the first pace would pile up before the answers.
            answer = self._await_answer(command, self._timeout_s * min(2.0**attempt, _LONGEST_WAIT))
            if answer is not None:
                return self._checked(command, answer)
        raise NoAnswerError(
            f"the node at {self._port} does not answer ({command.name}, {self._attempts} "
            "attempts); check that this is the right port and that the board runs "
            "tinyml's firmware"
        )

    def _await_answer(self, command: Command, timeout_s: float) -> bytes | None:
        wanted = (command.operation + 1, command.group, self._sequence, command.number)
        deadline = time.monotonic() + timeout_s
        while (left_s := deadline - time.monotonic()) > 0:
            for message in self._decoder.put(self._transport.read(left_s)):
                if len(message) < HEADER_BYTES:
                    continue
                operation, _, length, group, sequence, number = _HEADER.unpack_from(message)
                is_ours = (operation & 7, group, sequence, number) == wanted
                if is_ours and length == len(message) - HEADER_BYTES:
                    return message[HEADER_BYTES:]
        return None

    def _checked(self, command: Command, body: bytes) -> Fields:
        where = f"the answer of the node at {self._port} to {command.name}"
        answer = parse_cbor(body, where, ProtocolError, _MEND)
        code = answer.whole("rc", 0)
        if code != 0:
            reason = _REASONS.get(code, f"error {code}")
            raise RefusedError(f"the node at {self._port} refuses {command.name}: {reason}", code)
        return answer
