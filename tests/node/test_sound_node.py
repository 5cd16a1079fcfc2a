"""A node that hears: a frame of sound at a time, and no window of it in RAM."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.support.graphs import GraphBuilder, quantization
from tests.support.nodes import build_node, native, outputs_of, running, samples_of
from tests.support.targets import require_board, require_native
from tinyml.build import Image, build_native
from tinyml.compiler import compile_model
from tinyml.device import Node
from tinyml.features.kinds.log_mel import LogMel
from tinyml.features.sound import mel_edges
from tinyml.graph import Graph, load
from tinyml.graph.ir import DType
from tinyml.graph.schema import Activation
from tinyml.model import ModelSettings
from tinyml.resources import folder

WINDOW = 6000  # samples; a node keeps the latest 4,096
KEPT = 4096
SEED = 12
MAIN = Path(__file__).parent / "sound" / "main.c"
ESC10 = folder("models") / "esc10" / "model.tflite"


def listener() -> Graph:
    """A dense layer on log-mel features of random weights."""
    print(f"seed {SEED}")
    rng = np.random.default_rng(SEED)
    front_end = LogMel(WINDOW, 1, mel_edges(256, 16000, 20), 256, 160, floor=8)
    noise = rng.normal(0, [[[9]], [[300]], [[9000]]], (3, WINDOW, 1))
    fitted = front_end.fit(np.clip(noise, -32768, 32767).astype(np.int16)).quantized(0.05, 3)
    frames, bands = fitted.output_shape
    b = GraphBuilder("listener")
    x = b.input((1, frames, bands), quantization(0.05, 3))
    weights = rng.integers(-9, 10, (5, frames * bands))
    w = b.constant(weights, DType.INT8, quantization(0.02))
    bias = b.constant(np.zeros(5), DType.INT32)
    y = b.tensor((1, 5), quantized=quantization(0.3, -7))
    b.op(
        "FULLY_CONNECTED", [x, w, bias], y,
        activation=Activation.NONE, weights_format=0, keep_dims=False,
    )  # fmt: skip
    settings = ModelSettings(
        task="classification",
        labels=tuple("abcde"),
        front_end=fitted,
        channel_names=("sound",),
        channel_units=("1",),
        channel_scales=(1.0,),
        sample_rate_hz=16000.0,
        dataset="none",
    )
    return replace(b.build(y), metadata={"tinyml": settings.to_bytes()})


@pytest.mark.parametrize("target", ["host", "mps2-an386", "mps2-an385-m0plus"])
def test_a_fed_window_gives_the_oracles_outputs(target, tmp_path):
    graph = listener()
    image = build_node(target, graph)
    windows = samples_of(graph, 3)
    with running(target, image, tmp_path) as port, Node(port) as node:
        fed = [node.feed(window) for window in windows]
    assert [list(record.output) for record in fed] == outputs_of(graph, windows)


def test_what_a_microphone_hears_gives_them_too(tmp_path):
    require_native()
    graph = listener()
    compile_model(graph, core="portable", name="model").write(tmp_path / "model")
    app = tmp_path / "app"
    app.mkdir()
    shutil.copy(MAIN, app / "main.c")
    (app / "app.toml").write_text('libraries = ["node", "link", "store"]')
    image = build_native(tmp_path / "model", str(app), tmp_path / "build")
    number = np.arange(20000, dtype=np.uint32)
    heard = ((number * number * np.uint32(31)) >> np.uint32(7)).astype(np.uint16).view(np.int16)
    windows = heard[: 3 * WINDOW].reshape(3, WINDOW, 1)
    with native(image, tmp_path / "storage") as port, Node(port) as node:
        records = node.records(0).records
        kept = node.samples(0)
        newest = node.samples(kept.sampled - 5)
        # A feed in the middle of a window, and what was heard of it is gone.
        fed = node.feed(windows[1])
        lost = node.samples(0)
    expected = outputs_of(graph, windows)
    assert [list(record.output) for record in records] == expected
    assert list(fed.output) == expected[1]
    assert (kept.sampled, kept.first) == (20000, 20000 - KEPT)
    np.testing.assert_array_equal(kept.counts[:, 0], heard[kept.first :][: len(kept.counts)])
    np.testing.assert_array_equal(newest.counts[:, 0], heard[-5:])
    assert (lost.first, len(lost.counts)) == (20000, 0)


@pytest.mark.emulator
def test_a_node_with_esc10_fits_96_kilobytes():
    board = require_board("mps2-an386")
    elf = build_node(board.name, load(ESC10))
    image = Image(board, elf, ())
    assert image.data_bss_bytes < 96 * 1024
    assert image.flash_bytes < 256 * 1024
