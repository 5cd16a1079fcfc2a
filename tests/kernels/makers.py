"""What random cases are made with: a registry of makers, and the dice."""

import math
from collections.abc import Callable

import numpy as np

from tests.kernels.batch import Case, random_elements
from tests.support.graphs import quantization
from tinyml.graph import Graph
from tinyml.graph.ir import DType, Quantization
from tinyml.graph.schema import Activation, Padding

Rng = np.random.Generator
MAKERS: dict[str, Callable[[Rng], Graph]] = {}


def maker(name: str) -> Callable[[Callable[[Rng], Graph]], Callable[[Rng], Graph]]:
    def register(function: Callable[[Rng], Graph]) -> Callable[[Rng], Graph]:
        MAKERS[name] = function
        return function

    return register


def make(name: str, rng: Rng) -> Case:
    """A random case of the maker with this name."""
    graph = MAKERS[name](rng)
    return Case(graph, random_elements(rng, graph))


def pick(rng: Rng, *choices: int) -> int:
    return int(rng.choice(choices))


def per_tensor(
    rng: Rng, dtype: DType = DType.INT8, low: float = -3, high: float = 1
) -> Quantization:
    """A scale between 2^low and 2^high; 16x8 tensors have the zero point 0."""
    zero_point = int(rng.integers(-128, 128)) if dtype is DType.INT8 else 0
    return quantization(2.0 ** rng.uniform(low, high), zero_point)


def activation(rng: Rng) -> int:
    return int(
        rng.choice([Activation.NONE, Activation.RELU, Activation.RELU6, Activation.RELU_N1_TO_1])
    )


def weights(rng: Rng, shape: tuple[int, ...]) -> np.ndarray:
    spread = pick(rng, 1, 20, 127)
    return rng.integers(-spread, spread + 1, shape).astype(np.int8)


def output_scale(rng: Rng, source: Quantization, filters: np.ndarray, depth: int) -> float:
    """Such that outputs fill their range, or saturate, or hardly move."""
    typical = float(source.scale) * float(np.max(filters)) * 40 * math.sqrt(depth)
    return typical * 2.0 ** rng.uniform(-2, 3)


def image_sizes(rng: Rng, op_padding: int, kernel: int, dilation: int) -> int:
    reach = (kernel - 1) * dilation + 1
    least = 1 if op_padding == Padding.SAME else reach
    return int(rng.integers(least, least + 9))


def window_output(size: int, kernel: int, stride: int, dilation: int, op_padding: int) -> int:
    reach = (kernel - 1) * dilation + 1
    return -(-size // stride) if op_padding == Padding.SAME else -(-(size - reach + 1) // stride)
