"""The node application on every target: the same questions, the same answers."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import serial

from tests.support.nodes import TARGETS, build_node, outputs_of, running, samples_of, shipped_model
from tinyml import __version__
from tinyml.device import Node
from tinyml.graph import Graph
from tinyml.model import ModelSettings, model_hash


@pytest.fixture(scope="module", params=TARGETS)
def built(request: pytest.FixtureRequest):
    return request.param, build_node(request.param, shipped_model(request.param))


@pytest.fixture
def graph(built) -> Graph:
    return shipped_model(built[0])


@pytest.fixture
def port(built, tmp_path: Path) -> Iterator[str]:
    target, image = built
    with running(target, image, tmp_path) as opened:
        yield opened


def test_node_says_what_it_is(port: str, graph: Graph) -> None:
    with Node(port) as node:
        info = node.info()
        assert node.echo("Malawi, ünïcode") == "Malawi, ünïcode"
    assert info.version == __version__
    assert info.model_hash == model_hash(graph.sha256)
    settings = ModelSettings.of(graph.metadata)
    if settings is not None:
        assert info.labels == len(settings.labels)
        assert (info.window, info.channels) == samples_of(graph, 1).shape[1:]
    assert [t.shape for t in info.inputs] == [graph.tensors[i].shape for i in graph.inputs]
    assert (info.first_sequence, info.last_sequence) == (1, 0)


def test_outputs_are_the_oracles_and_records_say_so(port: str, graph: Graph) -> None:
    samples = samples_of(graph, 12)
    with Node(port) as node:
        fed = [node.feed(window, tag=1000 + i) for i, window in enumerate(samples)]
        assert node.records(0).records == fed[: len(node.records(0).records)]
    assert [list(record.output) for record in fed] == outputs_of(graph, samples)
    assert [record.tag for record in fed] == list(range(1000, 1012))
    assert [record.sequence for record in fed] == list(range(1, 13))
    assert {record.model_hash for record in fed} == {model_hash(graph.sha256)}


def read_all(node: Node) -> list:
    records: list = []
    while batch := node.records(records[-1].sequence if records else 0).records:
        records += batch
    return records


def test_a_reset_loses_nothing_and_repeats_no_number(port: str, graph: Graph) -> None:
    samples = samples_of(graph, 3)
    with Node(port) as node:
        fed = []
        for tag in range(3):
            fed += [node.feed(window, tag=tag) for window in samples]
            node.reset()
        info = node.info()
        assert info.persistent
        assert read_all(node) == fed
    assert len({record.boot_id for record in fed}) == 3
    assert info.boot_id not in {record.boot_id for record in fed}
    assert [record.sequence for record in fed] == list(range(1, 10))


def test_a_set_clock_dates_the_records_until_the_next_reset(port: str, graph: Graph) -> None:
    (window,) = samples_of(graph, 1)
    with Node(port) as node:
        assert node.feed(window).wall_time is None
        node.set_time(1.8e9)
        dated = node.feed(window).wall_time
        assert dated is not None
        assert 1.8e9 <= dated < 1.8e9 + 3600
        node.reset()
        assert node.feed(window).wall_time is None


def test_garbage_between_frames_changes_nothing(port: str, graph: Graph) -> None:
    generator = np.random.default_rng(5)
    samples = samples_of(graph, 4)
    with Node(port) as node:
        expected = [node.feed(window).output for window in samples]
    found = []
    for window in samples:
        with serial.Serial(port) as line:
            line.write(generator.bytes(300) + b"\x06\x09AAAA" + generator.bytes(200))
        with Node(port) as node:
            found.append(node.feed(window).output)
    assert found == expected


def test_a_third_partys_client_gets_on_with_the_node(port: str) -> None:
    from smpclient import SMPClient
    from smpclient.generics import success
    from smpclient.requests.os_management import (
        EchoWrite,
        MCUMgrParametersRead,
        ResetWrite,
    )
    from smpclient.transport.serial import SMPSerialTransport

    async def talk() -> None:
        async with SMPClient(SMPSerialTransport(), port) as client:
            parameters = await client.request(MCUMgrParametersRead())
            assert success(parameters)
            text = "x" * min(600, parameters.buf_size - 32)
            echo = await client.request(EchoWrite(d=text))
            assert success(echo)
            assert echo.r == text
            assert success(await client.request(ResetWrite()))

    with Node(port) as node:
        before = node.info().boot_id
    asyncio.run(talk())
    with Node(port) as node:
        assert node.info().boot_id != before
