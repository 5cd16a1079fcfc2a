"""Any byte stream is safe: the node's decoder under the sanitizers, and the host's."""

import binascii
import struct
from collections.abc import Iterator
from pathlib import Path

import cbor2
import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.support.graphs import GraphBuilder, quantization
from tests.support.nodes import build_node, native, shipped_model
from tinyml.device.framing import Decoder, encode
from tinyml.device.node import Node
from tinyml.device.smp import HEADER_BYTES, OS_GROUP, READ, TML_GROUP, WRITE, Command, SmpClient
from tinyml.device.transport import Transport, open_transport
from tinyml.errors import ProtocolError
from tinyml.graph import DType, Oracle

messages = st.binary(max_size=1000)
numbers = st.integers(0, 2**64 - 1)
values = st.recursive(
    st.none()
    | st.booleans()
    | numbers
    | st.floats()
    | st.binary(max_size=60)
    | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)
keys = st.sampled_from(["after", "off", "id", "tag", "data", "wall_ms", "d"])
bodies = st.dictionaries(keys, numbers | values, max_size=5).map(cbor2.dumps)
# Not the reset (0, 5): a restart in every other example would test little else.
commands = st.sampled_from([(0, 0), (0, 6), (0, 7), (64, 0), (64, 1), (64, 2), (64, 3), (64, 9)])


def request(operation: int, command: tuple[int, int], body: bytes) -> bytes:
    return struct.pack(">BBHHBB", operation, 0, len(body), command[0], 99, command[1]) + body


requests = st.builds(request, st.sampled_from([READ, WRITE]), commands, bodies | messages)


@st.composite
def mutated(draw: st.DrawFn, originals: st.SearchStrategy[bytes]) -> bytes:
    data = bytearray(draw(originals))
    for _ in range(draw(st.integers(1, 4))):
        if data:
            at = draw(st.integers(0, len(data) - 1))
            data[at : at + draw(st.integers(0, 3))] = draw(st.binary(max_size=3))
    return bytes(data)


frames = (requests | messages | mutated(requests)).map(encode)
streams = st.lists(st.binary(max_size=300) | frames | mutated(frames), max_size=6).map(b"".join)


@pytest.fixture(scope="module")
def image() -> Path:
    return build_node("host", shipped_model())


@pytest.fixture(scope="module")
def line(image: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Transport]:
    with native(image, tmp_path_factory.mktemp("storage") / "storage") as port:
        transport = open_transport(port)
        yield transport
        transport.close()


def asks_first_echo(stream: bytes) -> bool:
    """Whether damage made a request that has the number of a client's first one, 1: its answer
    cannot be told from the one that the test waits for."""
    for message in Decoder().put(stream):
        if len(message) >= HEADER_BYTES:
            operation, _, _, group, sequence, number = struct.unpack_from(">BBHHBB", message)
            if (operation & 7, group, sequence, number) == (WRITE, OS_GROUP, 1, 0):
                return True
    return False


@settings(max_examples=300, suppress_health_check=list(HealthCheck))
@given(stream=streams)
def test_after_any_bytes_the_next_good_frame_is_answered(line: Transport, stream: bytes) -> None:
    assume(not asks_first_echo(stream))
    line.write(stream)
    client = SmpClient(line, "the node", timeout_s=5.0, attempts=1)
    echo = Command(WRITE, OS_GROUP, 0, "echo")
    text = f"{len(stream)} bytes"
    assert client.request(echo, {"d": text}).text("r") == text


@pytest.mark.parametrize(
    ("group", "number", "operation", "body", "reason"),
    [
        (TML_GROUP, 99, READ, {}, "does not know this command"),
        (99, 0, READ, {}, "does not know this command"),
        (TML_GROUP, 0, WRITE, {}, "does not know this command"),
        (TML_GROUP, 2, READ, {}, "invalid"),
        (TML_GROUP, 2, READ, {"after": -1}, "invalid"),
        (TML_GROUP, 2, READ, {"after": 2**32}, "invalid"),
        (TML_GROUP, 2, READ, {"after": "1"}, "invalid"),
        (TML_GROUP, 1, WRITE, {"id": 1, "off": 0, "data": "text"}, "invalid"),
        (TML_GROUP, 1, WRITE, {"id": 1, "off": 1 << 20, "data": b"x"}, "invalid"),
        (TML_GROUP, 3, WRITE, {"wall_ms": 0}, "invalid"),
        (OS_GROUP, 0, WRITE, {"d": 5}, "invalid"),
        (OS_GROUP, 0, WRITE, {"d": [[[[[[[[1]]]]]]]]}, "invalid"),
    ],
)
def test_bad_requests_are_refused(
    line: Transport, group: int, number: int, operation: int, body: dict, reason: str
) -> None:
    client = SmpClient(line, "the node")
    with pytest.raises(ProtocolError, match=reason):
        client.request(Command(operation, group, number, "a test"), body)


def test_an_interrupted_feed_and_a_repeated_last_piece_make_one_record(image: Path) -> None:
    feed = Command(WRITE, TML_GROUP, 1, "feed")
    with native(image, None) as port, Node(port) as node:
        size = node.info().feed_bytes
        transport = node._transport
        client = SmpClient(transport, port)
        ask = lambda **fields: client.request(feed, {"id": 7, **fields}).plain()  # noqa: E731
        assert ask(off=0, data=bytes(100)) == {"off": 100}
        assert ask(off=0, data=bytes(100)) == {"off": 100}, "the same piece once more"
        assert ask(off=300, data=b"x") == {"off": 100}, "a piece was lost"
        rest = {"off": 100, "data": bytes(700)}
        assert ask(**rest) == {"off": 800}
        last = {"off": 800, "data": bytes(size - 800)}
        first, again = ask(**last), ask(**last)
        assert first == again
        assert node.info().last_sequence == 1
        assert not node.info().persistent


def test_a_restart_in_the_middle_of_a_feed_begins_it_again(image: Path, tmp_path: Path) -> None:
    feed = Command(WRITE, TML_GROUP, 1, "feed")
    with native(image, tmp_path / "storage") as port, Node(port) as node:
        client = SmpClient(node._transport, port)
        piece = {"id": 7, "off": 0, "data": bytes(500)}
        assert client.request(feed, piece).whole("off") == 500
        node.reset()
        assert client.request(feed, {**piece, "off": 500}).whole("off") == 0
        assert node.info().last_sequence == 0
        assert node.feed(bytes(node.info().feed_bytes)).sequence == 1


def test_a_model_without_front_end_is_fed_its_input() -> None:
    builder = GraphBuilder("tiny")
    x = builder.input((1, 6), quantization(0.1))
    y = builder.tensor((1, 6), DType.INT8, quantization(1 / 256, -128))
    builder.op("LOGISTIC", [x], y)
    graph = builder.build(y)
    values = np.array([[-128, -50, -1, 0, 60, 127]], np.int8)
    (expected,) = Oracle(graph).run([values])
    with native(build_node("host", graph), None) as port, Node(port) as node:
        info = node.info()
        assert (info.window, info.channels, info.feed_bytes) == (0, 0, 6)
        assert node.feed(values).output == tuple(expected.ravel().tolist())
        with pytest.raises(ValueError, match="6 bytes at a time, not 5"):
            node.feed(bytes(5))


@given(message=messages, before=st.binary(max_size=40).filter(lambda b: b"\n" not in b))
def test_frames_come_back_from_the_hosts_decoder(message: bytes, before: bytes) -> None:
    encoded = encode(message)
    assert all(len(one) <= 127 for one in encoded.splitlines(keepends=True))
    assert list(Decoder().put(before + b"\n" + encoded)) == [message]


@given(stream=streams, cut=st.integers(0, 2000))
def test_the_hosts_decoder_takes_any_bytes_in_any_pieces(stream: bytes, cut: int) -> None:
    whole, pieces = Decoder(), Decoder()
    expected = list(whole.put(stream))
    assert [*pieces.put(stream[:cut]), *pieces.put(stream[cut:])] == expected
    assert b"after" in list(whole.put(b"\n" + encode(b"after")))


def test_text_beside_frames_reaches_the_caller() -> None:
    seen: list[str] = []
    decoder = Decoder(seen.append)
    assert list(decoder.put(b"booting\n\xff\n" + b"t=3 " + encode(b"m") + b"done\r\n")) == [b"m"]
    assert seen == ["booting", "\N{REPLACEMENT CHARACTER}", "t=3", "done"]


def test_the_checksum_is_xmodems() -> None:
    # The check value of CRC-16/XMODEM in the catalogue of parametrised CRC algorithms.
    assert binascii.crc_hqx(b"123456789", 0) == 0x31C3
