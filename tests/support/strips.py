"""Programs with segments wherever there can be any, of random length and height."""

import numpy as np

from tests.support.synthetic import Network
from tinyml.boards import Core
from tinyml.compiler.memory import plan_memory
from tinyml.compiler.planner import Schedule
from tinyml.compiler.program_builder import build_program
from tinyml.compiler.strips import Candidates, with_sums_by_rows
from tinyml.compiler.work import Lowered
from tinyml.graph import Graph
from tinyml.graph.schema import Padding


def forced(lowered: Lowered, _core: Core, _allowance: float) -> Schedule:
    """As tinyml.compiler.planner.schedule, but all that can work in strips does."""
    split = with_sums_by_rows(lowered)
    rng = np.random.default_rng(len(split.work))
    candidates = Candidates(split)
    segments, first = [], 0
    while first < len(split.work):
        lasts = [last for last in range(first, len(split.work)) if candidates.steps(first, last)]
        if not lasts:
            first += 1
            continue
        last = int(rng.choice(lasts[-3:]))  # long ones, mostly
        rows = candidates.geometries[last].output_rows
        height = int(rng.integers(1, max(rows, 2)))
        first_rows = int(rng.integers(1, height + 1))
        segments.append(candidates.in_strips(first, last, first_rows, height))
        first = last + 1
    program = build_program(split, segments)
    return Schedule(program, plan_memory(program), 0)


def network(rng: np.random.Generator) -> Graph:
    """Convolutions of all kinds, pools and sums of branches over a few rows."""
    depth = int(rng.choice([1, 3, 4]))
    net = Network("rows", (1, int(rng.integers(6, 20)), int(rng.integers(1, 9)), depth))
    x = net.conv(net.x, int(rng.integers(2, 10)), (int(rng.integers(1, 6)), 1), (1, 1))
    for _ in range(int(rng.integers(2, 6))):
        x = layer(net, x, rng)
    return net.head(x, 3)


def layer(net: Network, x: int, rng: np.random.Generator) -> int:
    rows, _, channels = net.shape(x)[1:]
    kind = rng.integers(7)
    kernel = (int(rng.integers(1, 6)), int(rng.integers(1, 4)))
    stride = (int(rng.integers(1, 4)), 1) if rows > 4 else (1, 1)
    if kind == 0:
        return net.depthwise(x, kernel, stride)
    if kind == 1:
        x, kernel, stride = net.depthwise(x), (1, 1), (1, 1)
    if kind == 2 and rows > 5:
        kernel = (int(rng.integers(1, 6)), 1)
        return net.conv(x, int(rng.integers(2, 10)), kernel, stride, Padding.VALID)
    if kind == 3 and min(net.shape(x)[1:3]) > 3:
        return net.pool(x, 2, int(rng.integers(1, 3)))
    if kind == 4:
        return net.add(x, net.conv(net.conv(x, 4, (3, 3)), channels, (3, 3)))
    if kind == 5:
        return padded(net, x, rng, stride)
    return net.conv(x, int(rng.integers(2, 10)), kernel, stride)


def padded(net: Network, x: int, rng: np.random.Generator, stride: tuple[int, int]) -> int:
    """A convolution whose padding is an operator of its own."""
    above, below, beside = (int(n) for n in rng.integers(0, 3, 3))
    rows = net.shape(x)[1]
    x = net.pad(x, (above, below), (1, beside))
    if rows > 2 and rng.random() < 0.5:
        return net.depthwise(x, (3, 3) if net.shape(x)[2] > 2 else (3, 2), (2, 2), Padding.VALID)
    kernel = (min(3, net.shape(x)[1]), 2)
    return net.conv(x, int(rng.integers(2, 10)), kernel, stride, Padding.VALID)
