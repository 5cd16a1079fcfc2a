"""Every emulated node has a number of its own, by which two of them are told apart."""

import contextlib
import socket

import pytest

from tests.support.nodes import build_node, shipped_model
from tests.support.targets import EMULATED, require_board
from tinyml.cli.values import DeviceId
from tinyml.device import Node, is_emulated
from tinyml.emulator import Emulator

BOARD = "mps2-an386"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def numbers(board, image, *settings):
    """What nodes say that run at the same time."""
    with contextlib.ExitStack() as stack:
        emulators = [stack.enter_context(Emulator(board, image, **each)) for each in settings]
        return [Node(emulator.serial_path).info().device_id for emulator in emulators]


@pytest.mark.parametrize("name", EMULATED)
def test_two_nodes_of_a_board_have_two_numbers(name):
    board = require_board(name)
    first, second = numbers(board, build_node(name, shipped_model(name)), {}, {})
    assert first != second
    assert is_emulated(first) and is_emulated(second)


def test_a_port_or_the_user_keeps_a_number():
    board = require_board(BOARD)
    image = build_node(BOARD, shipped_model(BOARD))
    port = free_port()
    runs = [numbers(board, image, {"tcp_port": port}) for _ in range(2)]
    assert runs[0] == runs[1]
    given = DeviceId().convert("00112233445566ff", None, None)
    assert numbers(board, image, {"device_id": given}) == ["00112233445566ff"]
