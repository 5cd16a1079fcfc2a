"""A small data set of three recordings without classes, and a model of it."""

from dataclasses import replace

import numpy as np
from click.testing import CliRunner

from tests.support.graphs import GraphBuilder, quantization
from tinyml import data
from tinyml.cli.data_import import command
from tinyml.data.catalogue import Entry
from tinyml.features.kinds.raw import Raw
from tinyml.graph import Graph
from tinyml.graph.ir import DType
from tinyml.graph.schema import Activation
from tinyml.model import ModelSettings

RATE_HZ = 50.0
SECONDS = 60
WINDOW = 64
HIT = (40.0, 50.0)  # seconds: y is near 2 g there, and near 0 elsewhere
CLASSES = ("idle", "hit")


def recording(seed: int) -> np.ndarray:
    """Two channels, ``[samples][2]``."""
    generator = np.random.default_rng(seed)
    values = generator.normal(0, 0.1, (int(SECONDS * RATE_HZ), 2))
    values[int(HIT[0] * RATE_HZ) : int(HIT[1] * RATE_HZ), 1] += 2
    return values


def data_set(folder, labels: str = ",".join(CLASSES), **changes: str) -> Entry:
    """Imported as a user would; the name is ``shake``."""
    print("seeds 0 to 2")
    for number in range(3):
        rows = "".join(f"{x:.4f},{y:.4f}\n" for x, y in recording(number))
        (folder / f"run{number}.csv").write_text(f"x,y\n{rows}")
    files = [str(folder / f"run{number}.csv") for number in range(3)]
    options = {"--rate": str(RATE_HZ), "--labels": labels, "--window": str(WINDOW), **changes}
    arguments = [word for pair in options.items() for word in pair]
    channels = ["--channel", "x:g:0.001", "--channel", "y:g:0.001", "--unlabelled"]
    done = CliRunner().invoke(
        command, ["shake", *files, "--project", str(folder), *arguments, *channels]
    )
    assert done.exit_code == 0, done.output
    return data.entry("shake", folder)


def model() -> Graph:
    """Takes a window for a hit where y's mean is above 1 g."""
    samples = np.round(recording(7)[:WINDOW] * 1000).astype(np.int16)[np.newaxis]
    spread = np.concatenate([samples, samples + 2000])
    fitted = Raw(WINDOW, 2).fit(spread).quantized(0.02, 0)
    b = GraphBuilder("hits")
    x = b.input((1, WINDOW, 2), quantization(0.02))
    flat = b.tensor((1, 2 * WINDOW), quantized=quantization(0.02))
    b.op("RESHAPE", [x], flat)
    weights = np.zeros((2, WINDOW, 2), np.int64)
    weights[1, :, 1], weights[0, :, 1] = 10, -10
    w = b.constant(weights.reshape(2, -1), DType.INT8, quantization(0.001))
    bias = b.constant(np.zeros(2), DType.INT32)
    scores = b.tensor((1, 2), quantized=quantization(0.05))
    b.op(
        "FULLY_CONNECTED", [flat, w, bias], scores,
        activation=Activation.NONE, weights_format=0, keep_dims=False,
    )  # fmt: skip
    y = b.tensor((1, 2), quantized=quantization(1 / 256, -128))
    b.op("SOFTMAX", [scores], y, beta=1.0)
    settings = ModelSettings(
        task="classification",
        labels=CLASSES,
        front_end=fitted,
        channel_names=("x", "y"),
        channel_units=("g", "g"),
        channel_scales=(0.001, 0.001),
        sample_rate_hz=RATE_HZ,
        dataset="shake",
    )
    return replace(b.build(y), metadata={"tinyml": settings.to_bytes()})
