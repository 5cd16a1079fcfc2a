"""Removal of constant channels: the same outputs, fewer products."""

import numpy as np
import pytest

from tests.compiler.passes import assert_same_tensors
from tests.kernels.batch import Case, check, random_elements
from tests.support.graphs import GraphBuilder, quantization
from tests.support.synthetic import Network
from tinyml.compiler import Options, compile_model
from tinyml.compiler.options import Optimize
from tinyml.compiler.passes.constant_channels import remove_constant_channels
from tinyml.compiler.passes.dead_weights import zero_dead_weights
from tinyml.graph.ir import DType
from tinyml.graph.ops import prepare


def network(rng, dead):
    """Convolutions of all kinds, some channels with a bias far below what products can make."""
    depth = int(rng.choice([1, 3]))
    net = Network("dying", (1, int(rng.integers(5, 9)), int(rng.integers(5, 9)), depth))
    if rng.random() < 0.5:
        x = net.depthwise(net.x, multiplier=int(rng.integers(1, 9)))
    else:
        x = net.conv(net.x, int(rng.integers(2, 7)), (3, 3))
    for _ in range(int(rng.integers(1, 4))):
        if rng.random() < 0.6:
            x = net.depthwise(x)
        if rng.random() < 0.3:
            x = branches(net, x, int(rng.integers(3)))
        kernel = (1, 1) if rng.random() < 0.5 else (3, 3)
        x = net.conv(x, int(rng.integers(2, 7)), kernel)
    for tensor in net.b.tensors:
        if tensor.data is not None and tensor.data.dtype == np.int32:
            off = rng.random(tensor.shape) < dead
            # Far below, which is the zero point; or far above, which is a constant beside it.
            tensor.data[off] = rng.choice([-(2**28), -(2**28), 2**28])
    return (net.head, net.mean, net.flat)[int(rng.integers(3))](x, 3)


def branches(net, x, kind):
    """Several readers of one tensor, that need different channels of it."""
    if kind == 0:
        return net.add(net.conv(x, net.shape(x)[3]), x)
    if kind == 1:
        return net.add(net.depthwise(x), net.conv(x, net.shape(x)[3], (3, 3)))
    if min(net.shape(x)[1:3]) < 4:
        return x
    narrow = net.pool(net.depthwise(x), 2)
    return net.add(narrow, net.conv(net.pool(x, 2), net.shape(x)[3]))


def macs(graph):
    return sum(prepare(graph, op).macs for op in graph.operators)


@pytest.mark.parametrize("seed", range(40))
def test_outputs_stay(seed):
    print(f"seed {seed}")
    rng = np.random.default_rng(seed)
    graph = network(rng, rng.choice([0.2, 0.6, 1.0]))
    reduced = remove_constant_channels(graph)
    assert macs(reduced.graph) < macs(graph)
    assert_same_tensors(rng, graph, reduced)


def test_compiled_models_compute_the_same(tmp_path):
    rng = np.random.default_rng(99)
    cases = []
    for _ in range(30):
        graph = network(rng, 0.5)
        cases.append(Case(graph, random_elements(rng, graph)))
    check(cases, tmp_path)


def test_a_network_without_constants_stays_itself():
    net = Network("living", (1, 6, 6, 3))
    graph = net.head(net.conv(net.x, 4, (3, 3)), 3)
    assert remove_constant_channels(graph).graph is graph


def test_channels_of_a_sum_go_where_both_branches_are_constant():
    net = Network("residual", (1, 8, 8, 4))
    x = net.conv(net.x, 8, (3, 3))
    x = net.add(x, net.conv(net.conv(x, 8, (3, 3)), 8, (3, 3)))
    for tensor in net.b.tensors:
        if tensor.data is not None and tensor.data.dtype == np.int32:
            tensor.data[:6] = -(2**28)
    graph = net.mean(x, 3)
    found = remove_constant_channels(graph)
    assert found.kept[x].tolist() == [6, 7]
    assert_same_tensors(np.random.default_rng(0), graph, found)


@pytest.mark.parametrize("pixels", [1, 4])
def test_channels_that_nobody_reads_go(pixels):
    net = Network("unread", (1, pixels, 1, 3))
    x = net.conv(net.x, 8)
    graph = net.flat(x, 5)
    weights = graph.tensor(graph.operators[-2].inputs[1]).data
    weights.reshape(5, pixels, 8)[..., [0, 3, 7]] = 0
    weights[:, 1] = 0  # in one pixel only, where there are several
    found = remove_constant_channels(graph)
    left = [1, 2, 4, 5, 6] if pixels > 1 else [2, 4, 5, 6]
    assert found.kept[x].tolist() == left
    assert_same_tensors(np.random.default_rng(1), graph, found)


def test_a_dense_layer_may_write_its_outputs_in_any_shape():
    b = GraphBuilder()
    x = b.input((1, 4), quantization(0.5))
    w = b.constant(np.zeros((3, 4)), DType.INT8, quantization(0.5))
    y = b.tensor((3, 1), DType.INT8, quantization(0.5))
    graph = b.build(b.op("FULLY_CONNECTED", [x, w], y, activation=0, weights_format=0))
    for run in (remove_constant_channels, zero_dead_weights):
        assert_same_tensors(np.random.default_rng(2), graph, run(graph))


@pytest.mark.parametrize("seed", range(40, 60))
def test_dead_channels_lose_their_weights(seed):
    print(f"seed {seed}")
    rng = np.random.default_rng(seed)
    graph = network(rng, rng.choice([0.2, 0.6, 1.0]))
    found = zero_dead_weights(graph)
    assert found.did
    assert zero_dead_weights(found.graph).graph is found.graph
    assert_same_tensors(rng, graph, found)
    added = found.graph.tensors[len(graph.tensors) :]
    assert max(np.abs(t.data.astype(np.int64)).max() for t in added) < 2**20


def test_a_dead_channel_that_stays_does_not_cost_the_fast_kernel():
    net = Network("poisoned", (1, 8, 8, 4))
    x = net.conv(net.x, 8, (3, 3))
    net.b.tensors[net.b.operators[-1].inputs[2]].data[3] = 2**28  # not the zero point
    graph = net.b.build(net.conv(x, 4, (3, 3)), x)
    steps = compile_model(graph, core="cortex-m4").program.steps
    assert {step.call.source for step in steps} <= {"armv7em/conv_2d.c", "armv7em/winograd.c"}


@pytest.mark.parametrize("seed", range(60, 75))
def test_multiples_of_channels_stay(seed):
    print(f"seed {seed}")
    rng = np.random.default_rng(seed)
    graph = network(rng, 0.5)
    found = remove_constant_channels(graph, together=4)
    assert all(len(left) % 4 == 0 for left in found.kept.values())
    assert_same_tensors(rng, graph, found)
    assert_same_tensors(rng, found.graph, zero_dead_weights(found.graph))


def test_a_dead_channel_does_not_cost_winograds_method():
    net = Network("nearly", (1, 12, 12, 4))
    x = net.conv(net.x, 8, (3, 3))
    net.b.tensors[net.b.operators[-1].inputs[2]].data[3] = -(2**28)
    graph = net.b.build(net.conv(x, 8, (3, 3)))
    for optimize, source in ((Optimize.SPEED, "winograd"), (Optimize.SIZE, "conv_2d")):
        compiled = compile_model(graph, core="cortex-m4", options=Options(optimize=optimize))
        assert compiled.program.steps[-1].call.source == f"armv7em/{source}.c"
        left = compiled.optimized.kept.get(x, range(8))
        assert len(left) == (8 if optimize is Optimize.SPEED else 7)
