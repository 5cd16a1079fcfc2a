"""The MLPerf Tiny interface, asked as the official runner asks: load in pieces, infer, results."""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import serial

from tests.shared import shared_models
from tests.targets import require_board
from tinyml.build import build_image
from tinyml.compiler import compile_model
from tinyml.emulator import Emulator
from tinyml.graph import Oracle, load
from tinyml.resources import folder

PIECE_BYTES = 31  # mlcommons/tiny, benchmark/runner/device_under_test.py
BOARDS = ("mps2-an386", "microbit", "riscv32-virt")


class Runner:
    """One command, its lines up to m-ready: benchmark/runner/serial_device.py."""

    def __init__(self, port: str) -> None:
        self.line = serial.Serial(port, 115200, timeout=60)
        # The first answer may come behind the hello, or with no hello before it.
        self.line.write(b"%timestamp%")
        while not self.line.readline().startswith(b"m-lap-us-"):
            pass
        assert self.line.readline() == b"m-ready\r\n"

    def ask(self, command: str) -> list[str]:
        self.line.write(command.encode() + b"%")
        lines: list[str] = []
        while not lines or lines[-1] != "m-ready":
            line = self.line.readline().decode()
            assert line.endswith("\r\n"), f"no answer to {command}"
            lines.append(line.strip())
        return lines[:-1]

    def load(self, data: bytes) -> None:
        assert self.ask(f"db load {len(data)}") == [f"m-[Expecting {len(data)} bytes]"]
        for start in range(0, len(data), PIECE_BYTES):
            said = self.ask(f"db {data[start : start + PIECE_BYTES].hex()}")
            assert said == (["m-load-done"] if start + PIECE_BYTES >= len(data) else [])


def results(lines: list[str]) -> list[float]:
    (found,) = [m[1] for line in lines if (m := re.fullmatch(r"m-results-\[(.*)\]", line))]
    return [float(value) for value in found.split(",")]


@pytest.fixture(params=BOARDS)
def runner(request, tmp_path: Path) -> Iterator[Runner]:
    yield from running(shared_models() / "kws.tflite", request.param, tmp_path)


def running(model: Path, name: str, place: Path) -> Iterator[Runner]:
    board = require_board(name)
    source = compile_model(load(model), core=board.core).write(place / "model")
    elf = build_image(board, source, "mlperf", place / "build").elf_path
    with Emulator(board, elf) as emulator:
        runner = Runner(emulator.serial_path)
        yield runner
        runner.line.close()


def test_the_accuracy_run_of_keyword_spotting(runner):
    golden = np.load(shared_models() / "golden" / "kws.npz")
    output = load(shared_models() / "kws.tflite")
    quantization = output.tensor(output.outputs[0]).quantization
    scale, zero_point = float(quantization.scale), quantization.zero_point
    assert runner.ask("name")[0].startswith("m-name-dut-[")
    assert runner.ask("profile")[1] == "m-model-[kws01]"
    for number in range(3):
        runner.load(golden[f"input{number}"].tobytes())
        expected = (golden[f"output{number}"].ravel().astype(int) - zero_point) * scale
        found = results(runner.ask("infer 1 0"))
        np.testing.assert_allclose(found, expected, atol=0.00051)


def test_the_performance_run_tells_the_time(runner):
    runner.load(bytes(490))
    lines = runner.ask("infer 3 1")
    assert lines[:3] == ["m-warmup-start-1", "m-warmup-done", "m-infer-start-3"]
    start, end = (int(line.removeprefix("m-lap-us-")) for line in lines[3:5])
    assert end > start
    assert lines[5] == "m-infer-done"
    assert len(results(lines)) == 12
    (stamp,) = runner.ask("timestamp")
    assert int(stamp.removeprefix("m-lap-us-")) >= end


@pytest.fixture
def shipped(tmp_path: Path) -> Iterator[Runner]:
    yield from running(folder("models") / "pump-simulated" / "model.tflite", "microbit", tmp_path)


def test_any_model_can_be_asked(shipped):
    graph = load(folder("models") / "pump-simulated" / "model.tflite")
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
    runner.ask("db load 10")
    assert runner.ask("db 0g") == ["e-[Invalid hex digit]"]
    assert runner.ask("db 00ff10a1b2") == []
    assert runner.ask("db C3d4e5f607ff") == ["m-load-done"]
    assert runner.ask("db print") == ["m-buffer-00-ff-10-a1-b2-c3-d4-e5", "m-buffer-f6-07"]
    assert runner.ask("x" * 300)[-1].startswith("e-[")


def test_anomaly_detection_takes_floats_and_tells_the_error(tmp_path):
    golden = np.load(shared_models() / "golden" / "ad.npz")
    graph = load(shared_models() / "ad.tflite")
    given, told = (graph.tensor(i).quantization for i in (graph.inputs[0], graph.outputs[0]))

    def real(elements, quantization):
        return (elements.astype(int) - quantization.zero_point) * quantization.scale

    for runner in running(shared_models() / "ad.tflite", "mps2-an386", tmp_path):
        assert runner.ask("profile")[1] == "m-model-[ad01]"
        values = real(golden["input0"].ravel(), given).astype("<f4")
        runner.load(values.tobytes())
        error = np.mean((real(golden["output0"].ravel(), told) - values) ** 2)
        assert results(runner.ask("infer 1 0")) == pytest.approx([error], abs=0.002, rel=1e-4)
