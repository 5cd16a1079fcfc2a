"""Kernels of single cores on emulated boards: bit for bit the oracle, over many random shapes."""

import zlib

import numpy as np
import pytest

from tests.kernels.cases import make
from tests.kernels.on_board import check_sample
from tests.support.graphs import side_by_side
from tests.support.targets import on, require_counting
from tinyml import boards
from tinyml.bench.session import BenchSession
from tinyml.compiler import Optimize, Options
from tinyml.emulator import emulators

# Operators with kernels of their own -> the file of the kernel, and how many of the random cases
# must at least have come to it; the portable kernels take the others.
ARMV7EM = {
    "add_or_sub": ("armv7em/add.c", 8),
    "conv_1x1": ("armv7em/conv_2d.c", 40),
    "conv_2d": ("armv7em/conv_2d.c", 25),
    "conv_3x3": ("armv7em/winograd.c", 16),
    "conv_few_channels": ("armv7em/conv_2d.c", 40),
    "depthwise_3x3": ("armv7em/depthwise_conv_2d.c", 40),
    "depthwise_conv_2d": ("armv7em/depthwise_taps.c", 12),
    "lstm": ("armv7em/lstm.c", 5),
    "over_pixels": ("channel_sums.c", 30),
    "pool_2d": ("armv7em/pools.c", 4),
    "pool_in_time": ("armv7em/pools.c", 30),
    "fully_connected": ("armv7em/fully_connected.c", 25),
    "padded_conv_2d": ("armv7em/conv_2d.c", 8),
    "padded_depthwise_conv_2d": ("armv7em/depthwise_conv_2d.c", 3),
}
ARMV6M = {
    "add_or_sub": ("armv6m/add.S", 8),
    "conv_1x1": ("armv6m/conv_2d.c", 40),
    "conv_2d": ("armv6m/conv_2d.c", 25),
    "conv_few_channels": ("armv6m/conv_2d.c", 40),
    "depthwise_3x3": ("armv6m/depthwise_conv_2d.c", 40),
    "depthwise_conv_2d": ("armv6m/depthwise_conv_2d.c", 10),
    "fully_connected": ("armv6m/fully_connected.c", 25),
    "lstm": ("armv6m/unidirectional_lstm.c", 50),
    "padded_conv_2d": ("armv6m/conv_2d.c", 8),
    "padded_depthwise_conv_2d": ("armv6m/depthwise_conv_2d.c", 3),
}
# A larger core that runs them: every inner loop once.
ON_CORTEX_M3 = ("add_or_sub", "conv_2d", "depthwise_3x3", "fully_connected")
ARMV81MM = {
    "add_or_sub": ("armv81mm/add.c", 8),
    "conv_1x1": ("armv81mm/conv_2d.c", 40),
    "conv_2d": ("armv81mm/conv_2d.c", 35),
    "conv_few_channels": ("armv81mm/conv_2d.c", 40),
    "conv_narrow": ("armv81mm/conv_2d.c", 40),
    "depthwise_3x3": ("armv81mm/depthwise_quads.c", 40),
    "depthwise_conv_2d": ("armv81mm/depthwise_quads.c", 30),
    "depthwise_in_time": ("armv81mm/depthwise_quads.c", 40),
    "depthwise_once": ("armv81mm/depthwise_conv_2d.c", 20),
    "fully_connected": ("armv81mm/fully_connected.c", 40),
    "lstm": ("armv81mm/lstm.c", 50),
    "over_pixels": ("armv81mm/pool_2d.c", 10),
    "pool_2d": ("armv81mm/pool_2d.c", 10),
    "pool_in_time": ("armv81mm/pool_2d.c", 40),
    "padded_conv_2d": ("armv81mm/conv_2d.c", 8),
    "padded_depthwise_conv_2d": ("armv81mm/depthwise_quads.c", 3),
}
ON_BOARDS = [
    on(board, emulator, name, *kernels[name])
    for board, kernels, names in (
        ("mps2-an386", ARMV7EM, ARMV7EM),
        ("mps3-an547", ARMV81MM, ARMV81MM),
        ("mps2-an385-m0plus", ARMV6M, ARMV6M),
        ("mps2-an385", ARMV6M, ON_CORTEX_M3),
    )
    for emulator in emulators(boards.load(board))
    for name in names
]
CASES = 60
FASTEST = Options(Optimize.SPEED)  # all kernels that there are
FEW_CASES = 24  # of kernels that have been tried already, with another window


def cases_of(name):
    return FEW_CASES if name.startswith("padded") else CASES


@pytest.mark.parametrize(("board", "name", "source", "least"), ON_BOARDS)
def test_kernel_equals_the_oracle_on_a_board(board, name, source, least):
    seed = zlib.crc32(f"{name} {board}".encode())
    print(f"seed {seed}")
    rng = np.random.default_rng(seed)
    cases = [make(name, rng) for _ in range(cases_of(name))]
    graph = side_by_side([case.graph for case in cases])
    with BenchSession(graph, require_counting(board), options=FASTEST) as session:
        used = [step.call.source for step in session.model.program.steps]
        assert used.count(source) >= least
        for turn in range(3):
            sample = [rng.permuted(x) if turn else x for case in cases for x in case.inputs]
            check_sample(session, sample)


def test_portable_kernels_serve_a_core_without_the_instructions():
    case = make("conv_2d", np.random.default_rng(1))
    with BenchSession(case.graph, require_counting("riscv32-virt")) as session:
        assert {step.call.source for step in session.model.program.steps} == {"conv_2d.c"}
