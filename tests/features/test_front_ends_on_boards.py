"""Front ends on emulated boards: Python's numbers bit for bit, a hop at a time; exact counts."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from tests.support.targets import require_counting
from tinyml import boards
from tinyml.bench.front_end import FrontEndSession
from tinyml.cli.bench import command
from tinyml.errors import VerificationError
from tinyml.features.banded import log_bands
from tinyml.features.kinds.envelope import Envelope
from tinyml.features.kinds.log import Log
from tinyml.features.kinds.log_mel import LogMel
from tinyml.features.kinds.mfcc import Mfcc
from tinyml.features.kinds.spectral import Spectral
from tinyml.features.kinds.statistics import Statistics
from tinyml.features.sound import mel_edges
from tinyml.resources import folder

FRONT_ENDS = {
    "log": Log(12, 3, (0, 2), ((2, 0),), floor=6),
    "statistics": Statistics(100, 2),
    "spectral": Spectral(128, 2, log_bands(128, 8)),
    "envelope": Envelope(128, 1, log_bands(128, 8)),
    "log_mel": LogMel(768, 1, mel_edges(256, 16000, 20), 256, 128, floor=12),
    "mfcc": Mfcc(768, 1, mel_edges(256, 16000, 20), 256, 128, 10),
}
# With the DSP extension, without a long multiplication, and with vectors.
BOARDS = ("mps2-an386", "mps2-an385-m0plus", "mps3-an547")
SEED = 5


@pytest.mark.parametrize("board", BOARDS)
@pytest.mark.parametrize("name", FRONT_ENDS)
def test_a_board_computes_what_python_computes(name, board):
    require_counting(board)
    print(f"seed {SEED}")
    rng = np.random.default_rng(SEED)
    shape = (4, FRONT_ENDS[name].window, FRONT_ENDS[name].channels)
    windows = rng.normal(0, [[[30]], [[1000]], [[9000]], [[60000]]], shape)
    windows = np.clip(windows, -32768, 32767).astype(np.int16)
    front_end = FRONT_ENDS[name].fit(windows).quantized(0.05, 3)
    expected = front_end.transform(windows)
    with FrontEndSession(front_end, boards.load(board)) as session:
        for window, features in zip(windows, expected, strict=True):
            for hop in np.split(window, len(window) // session.hop):
                session.push(hop)
            np.testing.assert_array_equal(session.features(), features)


def test_bench_counts_the_front_end_too():
    require_counting("mps2-an386")
    model = str(folder("models") / "pump-simulated" / "model.tflite")
    done = CliRunner().invoke(command, [model, "--json"], catch_exceptions=False)
    figures = json.loads(done.stdout)
    assert figures["front_end"] == "spectral"
    hops = figures["front_end_hops_per_window"]
    assert figures["front_end_instructions"] == hops * figures["front_end_instructions_per_hop"] > 0
    for what in ("instructions", "estimated_cycles"):
        assert figures[f"window_{what}"] == figures[what] + figures[f"front_end_{what}"]
    parts = ("flash_model_bytes", "flash_code_bytes", "front_end_flash_bytes")
    assert figures["node_flash_bytes"] > sum(figures[part] for part in parts)
    kept = figures["arena_bytes"] + figures["front_end_ram_bytes"]
    assert figures["node_ram_bytes"] - figures["node_stack_bytes"] > kept


def test_a_board_that_crashes_before_it_begins_is_stopped(monkeypatch):
    require_counting("mps2-an386")
    front_end = FRONT_ENDS["log"]
    windows = np.arange(72, dtype=np.int16).reshape(2, 12, 3)
    fitted = front_end.fit(windows).quantized(0.05, 3)
    session = FrontEndSession(fitted, boards.load("mps2-an386"))

    def crash(address):
        raise VerificationError("it has crashed")

    monkeypatch.setattr(session, "_until", crash)
    with pytest.raises(VerificationError, match="it has crashed"), session:
        pytest.fail("it began")
    assert not session._emulator.alive
    assert not session._place.exists()
