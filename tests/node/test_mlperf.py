"""The MLPerf Tiny interface, asked as the official runner asks: load in pieces, infer, results."""

import contextlib
import math
import os
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import serial

from tests.support.shared import shared_models
from tests.support.targets import on_each, require_build, require_emulator
from tinyml.boards import Board
from tinyml.build import build_node
from tinyml.emulator import Emulator
from tinyml.graph import Oracle, load
from tinyml.resources import folder

PIECE_BYTES = 31  # mlcommons/tiny, benchmark/runner/device_under_test.py
BOARDS = ("mps2-an386", "microbit", "riscv32-virt")


class Runner:
    """One command, its lines up to m-ready: benchmark/runner/serial_device.py."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.line = serial.Serial(emulator.serial_path, 115200, timeout=60)
        # The first answer may come behind the hello, or with no hello before it.
        self.line.write(b"%timestamp%")
        while not self.line.readline().startswith(b"m-lap-us-"):
            pass
        assert self.line.readline() == b"m-ready\r\n"

    def exchange(self, command: str) -> bytes:
        self.line.write(command.encode())
        self.line.write(b"%")
        said = self.line.read_until(b"m-ready\r\n")
        assert said.endswith(b"m-ready\r\n"), f"no answer to {command}"
        return said

    def ask(self, command: str) -> list[str]:
        return self.exchange(command).decode().split("\r\n")[:-2]

    def load(self, data: bytes) -> None:
        expecting = f"m-[Expecting {len(data)} bytes]\r\nm-ready\r\n".encode()
        assert self.exchange(f"db load {len(data)}") == expecting
        for start in range(0, len(data), PIECE_BYTES):
            done = b"m-load-done\r\n" if start + PIECE_BYTES >= len(data) else b""
            said = self.exchange(f"db {data[start : start + PIECE_BYTES].hex()}")
            assert said == done + b"m-ready\r\n"

    def timestamp(self) -> int:
        (stamp,) = self.ask("timestamp")
        return int(stamp.removeprefix("m-lap-us-"))


def results(lines: list[str]) -> list[float]:
    (found,) = [m[1] for line in lines if (m := re.fullmatch(r"m-results-\[(.*)\]", line))]
    return [float(value) for value in found.split(",")]


def build(model: Path, name: str, place: Path) -> tuple[Board, Path]:
    board = require_build(name)
    return board, build_node(load(model), board, place, "mlperf").elf_path


@contextlib.contextmanager
def running(built: tuple[Board, Path], **how: bool) -> Iterator[Runner]:
    require_emulator(built[0].name)
    with Emulator(*built, **how) as emulator:
        runner = Runner(emulator)
        yield runner
        runner.line.close()


@pytest.fixture(scope="module", params=on_each(BOARDS, debugged=True))
def keyword_spotting(request, tmp_path_factory) -> tuple[Board, Path]:
    return build(shared_models() / "kws.tflite", request.param, tmp_path_factory.mktemp("kws"))


@pytest.fixture
def runner(keyword_spotting) -> Iterator[Runner]:
    with running(keyword_spotting) as runner:
        yield runner


def test_the_accuracy_run_of_keyword_spotting(runner):
    golden = np.load(shared_models() / "golden" / "kws.npz")
    output = load(shared_models() / "kws.tflite")
    quantization = output.tensor(output.outputs[0]).quantization
    scale, zero_point = float(quantization.scale), quantization.zero_point
    name = f"m-name-dut-[tinyml {runner.emulator.board.name}]\r\nm-ready\r\n"
    assert runner.exchange("name") == name.encode()
    profile = "m-profile-[ULPMark for tinyML Firmware V0.0.1]\r\nm-model-[kws01]\r\nm-ready\r\n"
    assert runner.exchange("profile") == profile.encode()
    runner.line.close()  # between asking who is there and the test
    runner.line.open()
    for number in range(3):
        runner.load(golden[f"input{number}"].tobytes())
        expected = (golden[f"output{number}"].ravel().astype(int) - zero_point) * scale
        found = results(runner.ask("infer 1 0"))
        np.testing.assert_allclose(found, expected, atol=0.00051)


def test_the_performance_run_tells_the_time(runner):
    runner.load(bytes(490))
    said = runner.exchange("infer 3 1")
    found = re.fullmatch(
        rb"m-warmup-start-1\r\nm-warmup-done\r\nm-infer-start-3\r\n"
        rb"m-lap-us-([0-9]+)\r\nm-lap-us-([0-9]+)\r\nm-infer-done\r\n"
        rb"m-results-\[(?:[01]\.[0-9]{3},){11}[01]\.[0-9]{3}\]\r\nm-ready\r\n",
        said,
    )
    assert found, said
    start, end = int(found[1]), int(found[2])
    assert start < end <= runner.timestamp()


def test_a_busy_host_takes_no_time_from_the_clock(runner):
    """An emulator that does not get to run drops interrupts that come one upon the other."""
    before = runner.timestamp()
    process = runner.emulator._process.pid
    os.kill(process, signal.SIGSTOP)
    time.sleep(0.5)
    os.kill(process, signal.SIGCONT)
    assert runner.timestamp() - before >= 500_000


SHIPPED = folder("models") / "pump-simulated" / "model.tflite"


@pytest.mark.parametrize("name", on_each(["mps2-an386"]))
def test_by_the_instruction_clock_all_windows_are_alike(name, tmp_path):
    with running(build(SHIPPED, name, tmp_path), instruction_clock=True) as runner:
        graph = load(SHIPPED)
        runner.load(bytes(math.prod(graph.tensor(graph.inputs[0]).shape)))
        windows = []
        for _ in range(3):
            stamps = re.findall("m-lap-us-([0-9]+)", " ".join(runner.ask("infer 200 0")))
            windows.append(int(stamps[1]) - int(stamps[0]))
        # A stamp waits for its serial port, which the host empties: microseconds, not more.
        assert max(windows) - min(windows) <= min(windows) / 1000, windows


@pytest.fixture
def shipped(tmp_path: Path) -> Iterator[Runner]:
    with running(build(SHIPPED, "microbit", tmp_path)) as runner:
        yield runner


def test_any_model_can_be_asked(shipped):
    graph = load(SHIPPED)
    seed = 20261124
    print(f"seed {seed}")
    tensor = graph.tensor(graph.inputs[0])
    sample = np.random.default_rng(seed).integers(-128, 128, tensor.shape).astype(np.int8)
    (expected,) = Oracle(graph).run([sample])
    quantization = graph.tensor(graph.outputs[0]).quantization
    shipped.load(sample.tobytes())
    found = results(shipped.ask("infer 2 1"))
    real = (expected.ravel().astype(int) - quantization.zero_point) * float(quantization.scale)
    np.testing.assert_allclose(found, real, atol=0.00051)


def test_slips_are_answered(shipped):
    runner = shipped
    for command in ("db", "db load 0", "db load 9999999", "db abc", "infer 0", "infer x", "dance"):
        said = runner.ask(command)
        assert said[-1].startswith("e-["), command
    incomplete = ["e-[The input is not loaded in full]"]
    assert runner.ask("infer 1 0") == incomplete
    runner.ask("db load 10")
    assert runner.ask("db 0g") == ["e-[Invalid hex digit]"]
    assert runner.ask("db 00ff10a1b2") == []
    assert runner.ask("db C3d4e5f607ff") == ["m-load-done"]
    assert runner.ask("infer 1 0") == incomplete
    assert runner.ask("db print") == ["m-buffer-00-ff-10-a1-b2-c3-d4-e5", "m-buffer-f6-07"]
    assert runner.ask("x" * 300)[-1].startswith("e-[")


def test_anomaly_detection_takes_floats_and_tells_the_error(tmp_path):
    golden = np.load(shared_models() / "golden" / "ad.npz")
    graph = load(shared_models() / "ad.tflite")
    given, told = (graph.tensor(i).quantization for i in (graph.inputs[0], graph.outputs[0]))

    def real(elements, quantization):
        return (elements.astype(int) - quantization.zero_point) * quantization.scale

    with running(build(shared_models() / "ad.tflite", "mps2-an386", tmp_path)) as runner:
        assert runner.ask("profile")[1] == "m-model-[ad01]"
        values = real(golden["input0"].ravel(), given).astype("<f4")
        runner.load(values.tobytes())
        error = np.mean((real(golden["output0"].ravel(), told) - values) ** 2)
        assert results(runner.ask("infer 1 0")) == pytest.approx([error], abs=0.002, rel=1e-4)
