"""A node, as a program on the host sees it."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from types import TracebackType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tinyml.device.event import Event
from tinyml.device.framing import FRAME_OVERHEAD_BYTES
from tinyml.device.record import Record
from tinyml.device.smp import HEADER_BYTES, OS_GROUP, READ, TML_GROUP, WRITE, Command, SmpClient
from tinyml.device.transport import open_transport
from tinyml.device.wire import RECORD_FIELDS, NodeInfo, read_entry, read_record
from tinyml.errors import ProtocolError

_ECHO: Final = Command(WRITE, OS_GROUP, 0, "echo")
_RESET: Final = Command(WRITE, OS_GROUP, 5, "reset")
_PARAMETERS: Final = Command(READ, OS_GROUP, 6, "parameters")
_INFO: Final = Command(READ, TML_GROUP, 0, "info")
_FEED: Final = Command(WRITE, TML_GROUP, 1, "feed")
_RECORDS: Final = Command(READ, TML_GROUP, 2, "records")
_SAMPLES: Final = Command(READ, TML_GROUP, 4, "samples")
_SET_TIME: Final = Command(WRITE, TML_GROUP, 3, "set time")

PROTOCOL: Final = 1  # of our group's commands
_FEED_KEYS_BYTES: Final = 48  # upper bound of a feed's map without its data
_RESTART_S: Final = 0.2  # a request during the restart is lost, and costs a whole time-out
_MAX_STEPS_BACK: Final = 10  # of one feed, each after a lost piece or a restart of the node


@dataclass(frozen=True)
class Batch:
    """Some records of a node, in the order of their sequence numbers."""

    records: list[Record]
    events: list[Event]
    newest: int  # number of the last of both; `after` as it was asked where there are none
    log_id: int  # of the log that counts the sequence numbers
    last_sequence: int  # the newest in the log: whether there is more to read

    @property
    def boots(self) -> set[int]:
        """In which they were."""
        return {record.boot_id for record in self.records} | {e.boot_id for e in self.events}


@dataclass(frozen=True)
class Samples:
    """Some samples of a node's own sensor."""

    first: int  # number of the first one, counted from 0 at boot
    counts: NDArray[np.int16]  # [samples][channels]
    sampled: int  # how many there were since boot; more to read where that is beyond these
    monotonic_ms: int  # of the node, when it answered


class Node:
    """A node at a port; a context manager.

    Args:
        port: a serial device, ``socket://host:port`` or ``rfc2217://host:port``.
        on_text: gets every line that the node prints beside the protocol.
        timeout_s: how long to wait for an answer before asking again; later waits are longer.
        attempts: how often to ask.

    Raises PortError where the port cannot be opened; every method raises PortError, NoAnswerError
    or ProtocolError.
    """

    def __init__(
        self,
        port: str,
        *,
        on_text: Callable[[str], None] | None = None,
        timeout_s: float = 2.0,
        attempts: int = 3,
    ) -> None:
        self.port = port
        self._transport = open_transport(port)
        self._client = SmpClient(
            self._transport, port, on_text=on_text, timeout_s=timeout_s, attempts=attempts
        )
        self._info: NodeInfo | None = None
        self._piece_bytes = 0
        # Random, so that a feed is not mistaken for that of the program that was here before.
        self._feed_id = random.SystemRandom().randrange(2**32)

    def close(self) -> None:
        """Give the port back."""
        self._transport.close()

    def __enter__(self) -> "Node":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def echo(self, text: str) -> str:
        """What the node answers to ``text``: the same."""
        return self._client.request(_ECHO, {"d": text}).text("r")

    def info(self) -> NodeInfo:
        """What the node says of itself now."""
        answer = self._client.request(_INFO, {})
        if answer.whole("protocol") != PROTOCOL:
            raise answer.wrong("protocol", f"must be {PROTOCOL}")
        self._info = NodeInfo.read(answer)
        return self._info

    def feed(self, samples: NDArray[np.integer[Any]] | bytes, tag: int | None = None) -> Record:
        """Let the node infer from ``samples`` and return the record that it logged.

        Args:
            samples: int16 ``[window][channels]`` where the model has a front end, otherwise the
                model's input as it is; or the bytes of either, little endian.
            tag: a uint32 that the record will carry.

        ValueError where the size or type does not fit the node's model.
        """
        info = self._info or self.info()
        data = _feed_bytes(samples, info)
        self._feed_id = (self._feed_id + 1) % 2**32
        request: dict[str, Any] = {"id": self._feed_id}
        if tag is not None:
            request["tag"] = tag
        offset, steps_back = 0, 0
        while True:
            piece = data[offset : offset + self._feed_piece_bytes()]
            answer = self._client.request(_FEED, {**request, "off": offset, "data": piece})
            if "record" in answer:
                return read_record(answer.row("record", RECORD_FIELDS), info.device_id)
            reached = answer.whole("off", high=len(data) - 1)
            if reached <= offset:  # a piece was lost, or the node has restarted: from there again
                steps_back += 1
                if steps_back > _MAX_STEPS_BACK:
                    raise ProtocolError(f"the node at {self.port} does not take in samples")
            offset = reached

    def records(self, after: int = 0) -> Batch:
        """The records and events behind sequence number ``after``, as many as fit one answer.

        Asking tells the node that all up to ``after`` are stored safely.
        """
        info = self._info or self.info()
        answer = self._client.request(_RECORDS, {"after": after})
        log_id, last = answer.whole("log_id"), answer.whole("last_sequence")
        batch = [read_entry(row, info.device_id) for row in answer.rows("records", RECORD_FIELDS)]
        numbers = [after, *(entry.sequence for entry in batch)]
        if any(later <= earlier for earlier, later in pairwise(numbers)):
            raise answer.fault(f"{answer.where} has records in the wrong order")
        records = [entry for entry in batch if isinstance(entry, Record)]
        events = [entry for entry in batch if isinstance(entry, Event)]
        return Batch(records, events, numbers[-1], log_id, last)

    def samples(self, after: int) -> Samples:
        """What the node's own sensor measured from number ``after`` on, as far as it is kept.

        ProtocolError where the node's model has no front end, and so no samples.
        """
        info = self._info or self.info()
        if info.channels == 0:
            raise ProtocolError(
                f"the node at {self.port} runs a model without a front end, so it keeps no "
                "samples; flash a model with a front end"
            )
        answer = self._client.request(_SAMPLES, {"after": after})
        first, sampled, now = (answer.whole(k) for k in ("first", "sampled", "monotonic_ms"))
        content = answer.data("data")
        if len(content) % (2 * info.channels):
            raise answer.wrong("data", f"must be samples of {2 * info.channels} bytes each")
        counts = np.frombuffer(content, "<i2").astype(np.int16).reshape(-1, info.channels)
        if first + len(counts) > sampled:
            raise answer.fault(f"{answer.where} has more samples than it announced")
        return Samples(first, counts, sampled, now)

    def set_time(self, wall_time: float | None = None) -> None:
        """Tell the node the time, in seconds since 1970; by default the host's."""
        now = time.time() if wall_time is None else wall_time
        self._client.request(_SET_TIME, {"wall_ms": round(now * 1000)})

    def reset(self) -> None:
        """Restart the node; returns when it has agreed and had a moment to start."""
        self._client.request(_RESET, {})
        time.sleep(_RESTART_S)
        self._info = None

    def _feed_piece_bytes(self) -> int:
        """How much data fits one message."""
        if self._piece_bytes == 0:
            overhead = FRAME_OVERHEAD_BYTES + HEADER_BYTES + _FEED_KEYS_BYTES
            size = self._client.request(_PARAMETERS, {}).whole("buf_size", low=overhead + 1)
            self._piece_bytes = size - overhead
        return self._piece_bytes


def _feed_bytes(samples: NDArray[np.integer[Any]] | bytes, info: NodeInfo) -> bytes:
    if isinstance(samples, bytes):
        data = samples
    else:
        if info.window and samples.dtype != np.int16:
            raise ValueError(f"the front end takes int16 samples, not {samples.dtype}")
        data = samples.astype(samples.dtype.newbyteorder("<")).tobytes()
    if len(data) != info.feed_bytes:
        raise ValueError(f"{info.model} takes {info.feed_bytes} bytes at a time, not {len(data)}")
    return data
