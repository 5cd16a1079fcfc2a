"""Connecting to an emulator that is still starting, and to one that never does."""

import socket
import threading
import time

import pytest

from tinyml.emulator.sockets import connect
from tinyml.errors import EmulatorError


def test_a_socket_that_listens_a_moment_later_is_waited_for(tmp_path):
    path = tmp_path / "qmp"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))

        def listen_late():
            time.sleep(0.1)
            server.listen()

        late = threading.Thread(target=listen_late)
        late.start()
        with connect(path):
            accepted, _ = server.accept()
            accepted.close()
        late.join()


def test_no_socket_is_one_sentence(tmp_path):
    with pytest.raises(EmulatorError, match="cannot be reached at gdb"):
        connect(tmp_path / "gdb")
