"""A model of one slow channel, for nodes with sensors."""

from dataclasses import replace

import numpy as np

from tests.support.graphs import GraphBuilder, quantization
from tinyml.features.kinds.raw import Raw
from tinyml.graph import Graph
from tinyml.graph.ir import DType
from tinyml.graph.schema import Activation
from tinyml.model import ModelSettings

PERIOD_S = 0.5


def thermometer(window: int = 2, period_s: float = PERIOD_S) -> Graph:
    """A model of the temperature's mean over two samples: its output in half degrees."""
    noise = np.random.default_rng(1).integers(-640, 1280, (64, window, 1)).astype(np.int16)
    fitted = Raw(window, 1).fit(noise).quantized(0.05, 3)
    b = GraphBuilder("thermometer")
    x = b.input((1, window, 1), quantization(0.05, 3))
    flat = b.tensor((1, window), quantized=quantization(0.05, 3))
    b.op("RESHAPE", [x], flat)
    weights = b.constant(np.full((1, window), 100), DType.INT8, quantization(0.005))
    bias = b.constant(np.zeros(1), DType.INT32)
    y = b.tensor((1, 1), quantized=quantization(0.05, 3))
    b.op(
        "FULLY_CONNECTED", [flat, weights, bias], y,
        activation=Activation.NONE, weights_format=0, keep_dims=False,
    )  # fmt: skip
    settings = ModelSettings(
        task="regression",
        labels=(),
        front_end=fitted,
        channel_names=("temperature",),
        channel_units=("degC",),
        channel_scales=(0.01,),
        sample_rate_hz=1 / period_s,
        dataset="none",
    )
    return replace(b.build(y), metadata={"tinyml": settings.to_bytes()})
