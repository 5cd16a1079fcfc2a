"""How emulators are reached, and how they end."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest

from tinyml.emulator import process as module
from tinyml.emulator.process import EmulatorProcess
from tinyml.emulator.sockets import Listener
from tinyml.errors import EmulatorError

SLEEPER = [sys.executable, "-c", "import os, time; print(os.getpid(), flush=True); time.sleep(600)"]
READER = [sys.executable, "-c", "import os, sys; print(os.getpid(), flush=True); sys.stdin.read()"]
STARTER = """
import sys, time
from pathlib import Path
from tinyml.emulator.process import EmulatorProcess
sys.platform = sys.argv.pop(1)
EmulatorProcess(sys.argv[2:], Path(sys.argv[1]), watches_input=False)
time.sleep(600)
"""


def exists(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return True


def await_gone(number: int) -> None:
    deadline = time.monotonic() + 20
    while exists(number):
        assert time.monotonic() < deadline, "it is still there"
        time.sleep(0.02)


def number_in(output) -> int:
    deadline = time.monotonic() + 20
    while not (output.is_file() and output.read_text().endswith("\n")):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return int(output.read_text())


def test_whoever_connects_is_accepted_once():
    listener = Listener("uart")
    with socket.create_connection(("127.0.0.1", listener.port)) as theirs:
        with listener.accept(10, lambda: True) as ours:
            theirs.sendall(b"x")
            assert ours.recv(1) == b"x"
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", listener.port))


def test_one_that_connects_late_is_waited_for():
    listener = Listener("uart")
    found = []

    def connect_late() -> None:
        time.sleep(0.2)
        found.append(socket.create_connection(("127.0.0.1", listener.port)))

    late = threading.Thread(target=connect_late)
    late.start()
    listener.accept(20, lambda: True).close()
    late.join()
    found[0].close()


@pytest.mark.parametrize(
    ("seconds", "alive", "why"), [(20, False, "ended before"), (0.01, True, "did not connect")]
)
def test_one_that_never_connects_is_one_sentence(seconds, alive, why):
    listener = Listener("gdb")
    try:
        with pytest.raises(EmulatorError, match=why):
            listener.accept(seconds, lambda: alive)
    finally:
        listener.close()


@pytest.mark.parametrize(
    ("command", "watches_input"), [(SLEEPER, False), (READER, True)], ids=["guarded", "reader"]
)
@pytest.mark.parametrize("platform", [sys.platform, "darwin"])
def test_it_ends_when_it_is_told_to(command, watches_input, platform, tmp_path, monkeypatch):
    monkeypatch.setattr(module.sys, "platform", platform)
    process = EmulatorProcess(command, tmp_path / "out", watches_input=watches_input)
    number = number_in(tmp_path / "out")
    assert process.alive
    process.end()
    process.end()
    assert not process.alive
    await_gone(number)


@pytest.mark.parametrize("guarded", [False, True], ids=["kernel", "guard"])
def test_it_ends_with_the_program_that_started_it(guarded, tmp_path):
    """Killed, so that it can do nothing about it itself."""
    if not guarded and sys.platform != "linux":
        pytest.skip("only Linux ends a child with its parent")
    platform = "darwin" if guarded else sys.platform
    out = tmp_path / "out"
    starter = subprocess.Popen([sys.executable, "-c", STARTER, platform, str(out), *SLEEPER])
    number = number_in(out)
    starter.send_signal(signal.SIGKILL)
    starter.wait()
    await_gone(number)
