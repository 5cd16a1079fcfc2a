"""Graphs made by hand, written and read back: the door lets the whole of them in."""

import zlib

import numpy as np
import pytest

from tests.kernels.cases import MAKERS, make
from tinyml.graph import Oracle, parse
from tinyml.graph.writer import write


@pytest.mark.parametrize("name", MAKERS)
def test_a_written_graph_is_read_back(name):
    seed = zlib.crc32(name.encode())
    print(f"seed {seed}")
    rng = np.random.default_rng(seed)
    for _ in range(5):
        case = make(name, rng)
        read = parse(write(case.graph))
        before, after = Oracle(case.graph), Oracle(read)
        for _ in range(2):
            wanted, found = dict(before.trace(case.inputs)), dict(after.trace(case.inputs))
            for index in case.graph.outputs:
                np.testing.assert_array_equal(found[index], wanted[index])
