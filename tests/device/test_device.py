"""Every way in which a port or a node can fail ends in one sentence that helps."""

import os
import pty
import socket
import threading
import tty
from collections.abc import Callable, Iterator
from pathlib import Path

import cbor2
import pytest
import serial

from tinyml.device import Node, smp
from tinyml.device.framing import Decoder, encode
from tinyml.device.smp import HEADER_BYTES, Command, SmpClient
from tinyml.device.wire import RECORD_FIELDS, NodeInfo, read_record
from tinyml.documents import Fields
from tinyml.errors import NoAnswerError, PortError, ProtocolError

RECORD = [7, [1, 2, None, None, 3, bytes(8), 9, b"\x80\x7f"]]


def closed_tcp_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"socket://127.0.0.1:{probe.getsockname()[1]}"


@pytest.mark.parametrize(
    ("port", "sentence"),
    [
        ("/dev/nothing-here", "there is no port /dev/nothing-here; serial ports here"),
        ("socket://", "give socket://HOST:PORT"),
        ("socket://host:notaport", "give socket://HOST:PORT"),
        ("nosuch://x", "cannot be opened"),
        ("/dev/null", "/dev/null is not a serial port; give one such as"),
        ("/", "/ is not a serial port; give one such as"),
    ],
)
def test_a_bad_port_is_named_with_what_to_do(port: str, sentence: str) -> None:
    with pytest.raises(PortError, match=sentence):
        Node(port)


def test_a_tcp_port_without_a_listener() -> None:
    with pytest.raises(PortError, match="check that the emulator or the gateway is running"):
        Node(closed_tcp_port())


@pytest.fixture
def terminal() -> Iterator[tuple[int, str]]:
    ours, theirs = pty.openpty()
    tty.setraw(theirs)
    yield ours, os.ttyname(theirs)
    os.close(ours)
    os.close(theirs)


def test_a_busy_port(terminal: tuple[int, str]) -> None:
    _, port = terminal
    with serial.Serial(port, exclusive=True), pytest.raises(PortError, match="in use by another"):
        Node(port)


def test_a_forbidden_port(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(PortError, match="dialout"):
        Node(str(tmp_path / "ttyUSB0"))


def test_silence(terminal: tuple[int, str]) -> None:
    with (
        Node(terminal[1], timeout_s=0.01, attempts=2) as node,
        pytest.raises(NoAnswerError, match="does not answer"),
    ):
        node.echo("x")


def test_a_slow_line_is_not_flooded_with_repetitions(monkeypatch: pytest.MonkeyPatch) -> None:
    now, written = [0.0], []

    class Silence:
        def write(self, data: bytes) -> None:
            written.append(now[0])

        def read(self, timeout_s: float) -> bytes:
            now[0] += timeout_s
            return b""

    monkeypatch.setattr(smp.time, "monotonic", lambda: now[0])
    client = SmpClient(Silence(), "the node", timeout_s=2.0, attempts=5)
    with pytest.raises(NoAnswerError, match="5 attempts"):
        client.request(Command(smp.READ, smp.OS_GROUP, 0, "echo"), {})
    assert written == [0, 2, 6, 14, 22]


@pytest.fixture
def answering() -> Iterator[Callable[..., Node]]:
    """A node that answers each request with what the test says."""
    listener = socket.create_server(("127.0.0.1", 0))
    nodes: list[Node] = []

    def start(*answers: Callable[[bytes], bytes]) -> Node:
        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                decoder = Decoder()
                left = list(answers)
                while left and (data := connection.recv(4096)):
                    for request in decoder.put(data):
                        connection.sendall(left.pop(0)(request))

        threading.Thread(target=serve, daemon=True).start()
        port = f"socket://127.0.0.1:{listener.getsockname()[1]}"
        nodes.append(Node(port, timeout_s=0.3, attempts=2))
        return nodes[-1]

    yield start
    for node in nodes:
        node.close()
    listener.close()


def answer(request: bytes, body: bytes, sequence_change: int = 0) -> bytes:
    head = bytearray(request[:HEADER_BYTES])
    head[0] |= 1
    head[2:4] = len(body).to_bytes(2, "big")
    head[6] = (head[6] + sequence_change) % 256
    return encode(bytes(head) + body)


def test_a_late_answer_is_not_taken_for_the_next(answering: Callable[..., Node]) -> None:
    late = cbor2.dumps({"r": "late"})
    good = cbor2.dumps({"r": "good"})
    node = answering(lambda r: answer(r, late, -1) + answer(r, late, 1) + answer(r, good))
    assert node.echo("good") == "good"


def test_a_lost_answer_is_asked_for_again(answering: Callable[..., Node]) -> None:
    good = cbor2.dumps({"r": "good"})
    node = answering(lambda r: b"\x06\x09AAAA\n", lambda r: answer(r, good))
    assert node.echo("good") == "good"


def test_a_port_that_goes_away(answering: Callable[..., Node]) -> None:
    node = answering(lambda r: b"")
    with pytest.raises(PortError, match="went away"):
        node.echo("x")


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"\xff", "is not CBOR, or it is damaged; its firmware may be"),
        (b"\x61\xff", "is not CBOR, or it is damaged"),
        (cbor2.dumps([1]), r"must be a table of keys, not \[1\]"),
        (cbor2.dumps({"rc": 8}), "firmware does not know this command"),
        (cbor2.dumps({"rc": 77}), "error 77"),
        (cbor2.dumps({"rc": [1]}), "'rc' must be a whole number"),
        (cbor2.dumps({}), "lacks 'protocol'"),
        (cbor2.dumps({"protocol": 2}), "'protocol' must be 1, not 2"),
        (cbor2.dumps({"protocol": 1, "version": 5}), "'version' must be text, not 5"),
    ],
)
def test_nonsense_from_a_node(answering: Callable[..., Node], body: bytes, sentence: str) -> None:
    node = answering(lambda r: answer(r, body))
    with pytest.raises(ProtocolError, match=sentence):
        node.info()


def answered(record: object) -> Fields:
    return Fields({"record": record}, "the answer", ProtocolError)


def test_a_record_is_read_as_it_is_written() -> None:
    record = read_record(answered(RECORD).row("record", RECORD_FIELDS), "ab")
    assert (record.device_id, record.sequence, record.output) == ("ab", 7, (-128, 127))
    assert (record.tag, record.wall_time) == (None, None)


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        [7, []],
        [-1, RECORD[1]],
        [True, RECORD[1]],
        [2**32, RECORD[1]],
        *([7, [*RECORD[1][:i], "wrong", *RECORD[1][i + 1 :]]] for i in range(8)),
        [7, [1, 2, None, None, 3, bytes(8), 7, b"odd"]],
        [7, [1, 2, None, None, 3, bytes(8), 0, bytes(4)]],
        [7, [1, 2**63, None, None, 3, bytes(8), 9, b""]],
    ],
)
def test_a_bad_record_is_refused(value: object) -> None:
    with pytest.raises(ProtocolError, match="the answer"):
        read_record(answered(value).row("record", RECORD_FIELDS), "ab")


INFO = {
    "protocol": 1, "version": "0.1.0", "device_id": bytes(8), "boot_id": 1, "log_id": 2,
    "persistent": True, "first_sequence": 1, "last_sequence": 0, "monotonic_ms": 5,
    "wall_ms": None, "model": "m", "model_hash": bytes(8), "labels": 0, "window": 0, "channels": 0,
    "feed_bytes": 4, "inputs": [], "outputs": [],
}  # fmt: skip


def info_of(**more: object) -> NodeInfo:
    return NodeInfo.read(Fields({**INFO, **more}, "the answer", ProtocolError))


def test_a_node_that_says_nothing_of_its_sensor_has_none() -> None:
    info = info_of()
    assert (info.sample_period_us, info.missed_samples, info.failed_readings) == (0, 0, 0)


def test_a_node_says_how_it_samples() -> None:
    day_us = 24 * 3_600_000_000  # beyond 32 bits
    info = info_of(sample_period_us=day_us, missed_samples=2**40, failed_readings=3)
    assert info.sample_period_us == day_us
    assert (info.missed_samples, info.failed_readings) == (2**40, 3)
    with pytest.raises(ProtocolError, match="missed_samples"):
        info_of(missed_samples=-1)
