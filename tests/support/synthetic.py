"""Networks of well-known shapes with random weights: what they cost does not depend on weights.

MobileNetV1-0.25 and ResNet-8 as in MLPerf Tiny (visual wake words, image classification), and
shapes of a streaming keyword spotter. The quantisation is such that activations fill their ranges.
"""

import math
from collections.abc import Callable

import numpy as np

from tests.support.graphs import GraphBuilder, quantization
from tinyml.graph import Graph
from tinyml.graph.ir import DType, Quantization
from tinyml.graph.schema import Activation, Padding

_RELU = quantization(6 / 255, -128)
_LINEAR = quantization(12 / 255, 3)


class Network:
    def __init__(self, name: str, shape: tuple[int, ...]) -> None:
        self.b = GraphBuilder(name)
        self.rng = np.random.default_rng(len(name))
        self.x = self.b.input(shape, quantization(1 / 255, -128))

    def shape(self, tensor: int) -> tuple[int, ...]:
        return self.b.tensors[tensor].shape

    def _filters(self, shape: tuple[int, ...], channels: int, taps: int, axis: int) -> list[int]:
        """Weights and biases that make outputs of a few units."""
        scales = self.rng.uniform(0.5, 1.5, channels) * 0.02 / math.sqrt(taps)
        weights = np.clip(np.round(self.rng.normal(0, 40, shape)), -127, 127)
        w = self.b.constant(weights, DType.INT8, quantization(scales, axis=axis))
        return [w, self.b.constant(self.rng.integers(-500, 500, channels), DType.INT32)]

    def conv(
        self,
        source: int,
        channels: int,
        kernel: tuple[int, int] = (1, 1),
        stride: tuple[int, int] = (1, 1),
        padding: Padding = Padding.SAME,
        target: Quantization = _RELU,
    ) -> int:
        depth = self.shape(source)[3]
        shape = (channels, *kernel, depth)
        filters = self._filters(shape, channels, math.prod(kernel) * depth, 0)
        return self._windowed("CONV_2D", source, filters, channels, kernel, stride, padding, target)

    def depthwise(
        self,
        source: int,
        kernel: tuple[int, int] = (3, 3),
        stride: tuple[int, int] = (1, 1),
        padding: Padding = Padding.SAME,
        multiplier: int = 1,
    ) -> int:
        channels = self.shape(source)[3] * multiplier
        filters = self._filters((1, *kernel, channels), channels, math.prod(kernel), 3)
        return self._windowed(
            "DEPTHWISE_CONV_2D", source, filters, channels, kernel, stride, padding, _RELU
        )

    def _windowed(
        self,
        name: str,
        source: int,
        filters: list[int],
        channels: int,
        kernel: tuple[int, int],
        stride: tuple[int, int],
        padding: Padding,
        target: Quantization,
    ) -> int:
        sizes = []
        for size, k, s in zip(self.shape(source)[1:3], kernel, stride, strict=True):
            sizes.append(-(-size // s) if padding == Padding.SAME else (size - k) // s + 1)
        y = self.b.tensor((1, *sizes, channels), DType.INT8, target)
        fused = Activation.RELU if target is _RELU else Activation.NONE
        return self.b.op(
            name, [source, *filters], y, padding=padding, stride_h=stride[0], stride_w=stride[1],
            dilation_h=1, dilation_w=1, activation=fused,
        )  # fmt: skip

    def pad(self, source: int, rows: tuple[int, int], columns: tuple[int, int]) -> int:
        """Rows above and below, columns left and right, of the zero point."""
        widths = self.b.constant(np.array([(0, 0), rows, columns, (0, 0)]), DType.INT32)
        one, height, width, channels = self.shape(source)
        shape = (one, height + sum(rows), width + sum(columns), channels)
        y = self.b.tensor(shape, DType.INT8, self.b.tensors[source].quantization)
        return self.b.op("PAD", [source, widths], y)

    def add(self, first: int, second: int) -> int:
        y = self.b.tensor(self.shape(first), DType.INT8, _RELU)
        return self.b.op("ADD", [first, second], y, activation=Activation.RELU)

    def pool(self, source: int, size: int, width: int | None = None) -> int:
        """The maximum of windows beside each other, ``size`` rows and ``width`` columns each."""
        across = size if width is None else width
        _, rows, columns, channels = self.shape(source)
        shape = (1, rows // size, columns // across, channels)
        y = self.b.tensor(shape, DType.INT8, self.b.tensors[source].quantization)
        return self.b.op(
            "MAX_POOL_2D", [source], y, padding=Padding.VALID, stride_h=size, stride_w=across,
            filter_h=size, filter_w=across, activation=0,
        )  # fmt: skip

    def mean(self, source: int, classes: int) -> Graph:
        """As head(), by MEAN."""
        channels = self.shape(source)[3]
        axes = self.b.constant(np.array([1, 2]), DType.INT32)
        pooled = self.b.tensor((1, channels), DType.INT8, self.b.tensors[source].quantization)
        x = self.b.op("MEAN", [source, axes], pooled, keep_dims=False)
        return self.classes(x, channels, classes)

    def flat(self, source: int, classes: int) -> Graph:
        """A dense layer on all pixels beside each other, softmax."""
        inputs = math.prod(self.shape(source))
        flat = self.b.tensor((1, inputs), DType.INT8, self.b.tensors[source].quantization)
        return self.classes(self.b.op("RESHAPE", [source], flat), inputs, classes)

    def head(self, source: int, classes: int) -> Graph:
        """Mean over the image, a dense layer, softmax."""
        _, rows, columns, channels = self.shape(source)
        pooled = self.b.tensor((1, 1, 1, channels), DType.INT8, self.b.tensors[source].quantization)
        x = self.b.op(
            "AVERAGE_POOL_2D", [source], pooled, padding=Padding.VALID, stride_h=rows,
            stride_w=columns, filter_h=rows, filter_w=columns, activation=0,
        )  # fmt: skip
        return self.classes(x, channels, classes)

    def classes(self, source: int, inputs: int, classes: int) -> Graph:
        scale = 0.02 / math.sqrt(inputs)
        weights = np.clip(np.round(self.rng.normal(0, 40, (classes, inputs))), -127, 127)
        w = self.b.constant(weights, DType.INT8, quantization(scale))
        bias = self.b.constant(self.rng.integers(-500, 500, classes), DType.INT32)
        y = self.b.tensor((1, classes), DType.INT8, _LINEAR)
        self.b.op("FULLY_CONNECTED", [source, w, bias], y, activation=0, weights_format=0)
        shares = self.b.tensor((1, classes), DType.INT8, quantization(1 / 256, -128))
        return self.b.build(self.b.op("SOFTMAX", [y], shares, beta=1.0))


def mobilenet() -> Graph:
    """MobileNetV1, width 0.25, 96x96x3, two classes: 7.49 M MACs."""
    net = Network("mobilenet", (1, 96, 96, 3))
    x = net.conv(net.x, 8, (3, 3), (2, 2))
    channels = [16, 32, 32, 64, 64, 128, 128, 128, 128, 128, 128, 256, 256]
    for number, outputs in enumerate(channels):
        stride = 2 if number in (1, 3, 5, 11) else 1
        x = net.conv(net.depthwise(x, stride=(stride, stride)), outputs)
    return net.head(x, 2)


def resnet() -> Graph:
    """ResNet-8, 32x32x3, ten classes: 12.5 M MACs."""
    net = Network("resnet", (1, 32, 32, 3))
    x = net.conv(net.x, 16, (3, 3))
    for channels, stride in ((16, 1), (32, 2), (64, 2)):
        y = net.conv(x, channels, (3, 3), (stride, stride))
        y = net.conv(y, channels, (3, 3), target=_LINEAR)
        if stride == 2:
            x = net.conv(x, channels, stride=(2, 2), target=_LINEAR)
        x = net.add(x, y)
    return net.head(x, 10)


def streaming() -> Graph:
    """A keyword spotter that sees rows in time: k x 1 depthwise and 1x1, 30 steps."""
    net = Network("streaming", (1, 30, 1, 40))
    x = net.conv(net.x, 64, (3, 1), padding=Padding.VALID)
    for kernel in (5, 9, 13):
        x = net.conv(net.depthwise(x, (kernel, 1), padding=Padding.VALID), 64)
    rows = net.shape(x)[1]
    return net.classes(x, 64 * rows, 3)


NETWORKS: dict[str, Callable[[], Graph]] = {
    "mobilenet": mobilenet,
    "resnet": resnet,
    "streaming": streaming,
}
