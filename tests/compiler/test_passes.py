"""Passes from graph to graph, one by one: they do what they are for, and no output changes."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from tests.compiler.passes import assert_same_tensors, operators
from tests.kernels.batch import Case, check, random_elements
from tests.kernels.cases import MAKERS, make
from tests.support.graphs import GraphBuilder, quantization
from tests.support.synthetic import Network
from tinyml.compiler.passes import PASSES, optimize
from tinyml.compiler.passes.arg_max import skip_softmax
from tinyml.compiler.passes.clamps import fuse_clamps
from tinyml.compiler.passes.constants import fold_constants
from tinyml.compiler.passes.dead_code import remove_dead_code
from tinyml.compiler.passes.no_ops import remove_no_ops
from tinyml.compiler.passes.pads import fold_pads
from tinyml.compiler.passes.rewriting import Rewritten
from tinyml.compiler.passes.verifier import BrokenGraphError, verify_graph
from tinyml.graph import Oracle
from tinyml.graph.ir import DType
from tinyml.graph.schema import Padding

HALF = quantization(0.5, 3)


def integers(b, *values):
    return b.constant(np.array(values), DType.INT32)


def relu(b, source, zero_point=-128):
    """A ReLU between equal scales, of which -128 is the least."""
    y = b.tensor(b.tensors[source].shape, DType.INT8, quantization(0.5, zero_point))
    return b.op("RELU", [source], y)


@pytest.mark.parametrize("name", MAKERS)
def test_no_pass_changes_a_tensor(name):
    rng = np.random.default_rng(len(name))
    for _ in range(4):
        graph = make(name, rng).graph
        for run in PASSES.values():
            assert_same_tensors(rng, graph, run(graph), samples=1)


def test_constants_are_computed():
    b = GraphBuilder()
    x = b.input((2, 3), HALF)
    real = b.constant(np.array([[0.5], [-1.5], [2.0]]), DType.FLOAT32)
    turned = b.op("TRANSPOSE", [real, integers(b, 1, 0)], b.tensor((1, 3), DType.FLOAT32))
    weights = b.op("QUANTIZE", [turned], b.tensor((1, 3), DType.INT8, HALF))
    size = b.op("SHAPE", [x], b.tensor((2,), DType.INT32), out_type=2)
    y = b.op("ADD", [x, weights], b.tensor((2, 3), DType.INT8, HALF), activation=0)
    z = b.op("RESHAPE", [y, size], b.tensor((2, 3), DType.INT8, HALF))
    graph = b.build(z, weights)
    found = fold_constants(graph)
    assert operators(found.graph) == ["ADD", "RESHAPE"]
    assert found.did == "3 operators on constants computed"
    np.testing.assert_array_equal(found.graph.tensor(weights).data, [[4, 0, 7]])
    assert_same_tensors(np.random.default_rng(0), graph, found)


def no_op(b, x, kind):
    """An operator that changes nothing but, for some, the shape."""
    like = b.tensors[x]
    shape = (2, 3) if kind in ("TRANSPOSE", "UNPACK") else like.shape
    y = b.tensor(shape, DType.INT8, like.quantization)
    zeros = integers(b, *[0] * len(like.shape))
    operands = {
        "RESHAPE": ([x], {}),
        "TRANSPOSE": ([x, integers(b, 1, 0, 2)], {}),
        "SLICE": ([x, zeros, integers(b, *like.shape)], {}),
        "TILE": ([x, integers(b, 1, 1, 1)], {}),
        "PAD": ([x, b.constant(np.zeros((3, 2)), DType.INT32)], {}),
        "CONCATENATION": ([x], {"axis": 1, "activation": 0}),
        "UNPACK": ([x], {"axis": 0, "num": 1}),
        "QUANTIZE": ([x], {}),
        "RELU": ([x], {}),
    }
    inputs, options = operands[kind]
    if kind == "TRANSPOSE":
        b.tensors[y] = replace(b.tensors[y], shape=(2, 1, 3))
    return b.op(kind, inputs, y, **options)


NO_OPS = (
    "RESHAPE", "TRANSPOSE", "SLICE", "TILE", "PAD", "CONCATENATION", "UNPACK", "QUANTIZE", "RELU",
)  # fmt: skip


@pytest.mark.parametrize("kind", NO_OPS)
@pytest.mark.parametrize("place", ["first", "between", "last"])
def test_operators_that_change_nothing_are_removed(kind, place):
    b = GraphBuilder()
    x = b.input((1, 2, 3), HALF if place != "first" else quantization(0.5, -128))
    if place != "first":
        x = b.op("ABS", [x], b.tensor((1, 2, 3), DType.INT8, quantization(0.5, -128)))
    y = no_op(b, x, kind)
    if place != "last":
        y = b.op("ABS", [y], b.tensor(b.tensors[y].shape, DType.INT8, HALF))
    graph = b.build(y)
    found = remove_no_ops(graph)
    left = ["ABS"] * (2 if place == "between" else 1)
    left += ["RESHAPE"] * (kind in ("TRANSPOSE", "UNPACK"))
    assert sorted(operators(found.graph)) == left
    assert_same_tensors(np.random.default_rng(1), graph, found)


def test_what_an_output_or_a_variable_needs_stays(tmp_path):
    b = GraphBuilder()
    x = b.input((1, 4), HALF)
    copy = b.op("RESHAPE", [x], b.tensor((1, 4), DType.INT8, HALF))
    kept = b.variable((1, 4), DType.INT8, HALF)
    read = b.op("READ_VARIABLE", [kept], b.tensor((1, 4), DType.INT8, HALF))
    b.op("ASSIGN_VARIABLE", [x], [], updates=[kept])
    graph = b.build(copy, x, read)
    for run in PASSES.values():
        assert run(graph).graph is graph or operators(run(graph).graph) == operators(graph)
    check([Case(graph, random_elements(np.random.default_rng(2), graph))], tmp_path)


def test_a_copy_of_a_constant_to_a_computed_shape_stays(tmp_path):
    b = GraphBuilder()
    size = b.input((2,), None, DType.INT32)
    x = b.constant(np.arange(6).reshape(2, 3), DType.INT8, HALF)
    graph = b.build(b.op("BROADCAST_TO", [x, size], b.tensor((2, 3), DType.INT8, HALF)))
    assert remove_no_ops(graph).graph is graph
    check([Case(graph, random_elements(np.random.default_rng(3), graph))], tmp_path)


def test_dead_code_goes_but_not_what_a_variable_is_made_of():
    b = GraphBuilder()
    x = b.input((1, 4), HALF)
    relu(b, relu(b, x))
    kept = b.variable((1, 4), DType.INT8, HALF)
    doubled = b.op("ADD", [x, x], b.tensor((1, 4), DType.INT8, HALF), activation=0)
    old = b.op("READ_VARIABLE", [kept], b.tensor((1, 4), DType.INT8, HALF))
    b.op("ASSIGN_VARIABLE", [doubled], [], updates=[kept])
    graph = b.build(old)
    found = remove_dead_code(graph)
    assert operators(found.graph) == ["ADD", "READ_VARIABLE", "ASSIGN_VARIABLE"]
    assert found.did == "2 operators removed: nothing reads their outputs"
    assert_same_tensors(np.random.default_rng(3), graph, found, samples=3)


def damaged(graph, what):
    """The graph with something wrong that a pass could do."""
    ops, tensors = list(graph.operators), list(graph.tensors)
    weights = ops[0].inputs[1]
    if what == "order":
        ops.reverse()
    elif what == "twice":
        ops.append(ops[0])
    elif what == "shape":
        tensors[ops[0].outputs[0]] = replace(tensors[ops[0].outputs[0]], shape=(1, 6, 6, 3))
    elif what == "dtype":
        tensors[ops[0].outputs[0]] = replace(tensors[ops[0].outputs[0]], dtype=DType.INT16)
    elif what == "scale":
        tensors[graph.outputs[0]] = replace(tensors[graph.outputs[0]], quantization=HALF)
    elif what == "scales":
        tensors[weights] = replace(tensors[weights], quantization=quantization([1, 2]))
    elif what == "data":
        tensors[weights] = replace(tensors[weights], data=tensors[weights].data[:1])
    elif what == "outputs":
        return replace(graph, outputs=(ops[0].outputs[0],))
    return replace(graph, operators=tuple(ops), tensors=tuple(tensors))


@pytest.mark.parametrize(
    "what", ["order", "twice", "shape", "dtype", "scale", "scales", "data", "outputs"]
)
def test_the_verifier_finds(what):
    net = Network("verified", (1, 6, 6, 3))
    graph = net.head(net.conv(net.x, 4, (3, 3), padding=Padding.SAME), 3)
    verify_graph(graph, graph)
    with pytest.raises(BrokenGraphError):
        verify_graph(damaged(graph, what), graph)


def test_a_pass_with_a_bug_is_named(monkeypatch):
    net = Network("broken", (1, 6, 6, 3))
    graph = net.head(net.conv(net.x, 4), 3)
    monkeypatch.setitem(
        PASSES, "dead code", lambda g: replace(remove_dead_code(g), graph=damaged(g, "order"),
                                               did="something"),
    )  # fmt: skip
    with pytest.raises(BrokenGraphError, match="after the pass 'dead code': operator"):
        optimize(graph)


def padded(what=""):
    """A PAD and a convolution, for which something may stand in the way of folding."""
    net = Network("padded", (1, 8, 8, 4))
    rows = (2, 2) if what == "too wide" else (1, 1)
    x = net.pad(net.x, rows, (1, 1))
    pad = net.b.operators[-1]
    if what == "value":
        value = net.b.constant(np.array(3), DType.INT8, net.b.tensors[x].quantization)
        net.b.operators[-1] = replace(pad, name="PADV2", inputs=(*pad.inputs, value))
    if what == "channels":
        widths = net.b.constant(np.array([[0, 0], [1, 1], [1, 1], [1, 0]]), DType.INT32)
        net.b.operators[-1] = replace(pad, inputs=(pad.inputs[0], widths))
        net.b.tensors[x] = replace(net.b.tensors[x], shape=(1, 10, 10, 5))
    y = net.conv(x, 6, (3, 3), (2, 2), Padding.VALID)
    if what == "other reader":
        return net.b.build(y, net.pool(x, 2))
    if what == "depthwise, too":
        return net.b.build(y, net.depthwise(x, padding=Padding.VALID))
    return net.b.build(y, x) if what == "output" else net.b.build(y)


@pytest.mark.parametrize(
    "what", ["", "depthwise, too", "too wide", "value", "channels", "output", "other reader"]
)
def test_paddings_move_into_convolutions(what):
    graph = padded(what)
    found = fold_pads(graph)
    folded = what in ("", "depthwise, too")
    assert len(found.graph.operators) == len(graph.operators) - folded
    assert bool(found.did) == folded
    assert_same_tensors(np.random.default_rng(4), graph, found)


CLAMPS = ("RELU", "RELU6", "RELU_N1_TO_1", "MINIMUM", "MAXIMUM", "QUANTIZE")
MAKERS_WITH_CLAMPS = (
    "conv_2d", "depthwise_conv_2d", "fully_connected", "add_or_sub", "mul", "pool_2d",
    "squared_difference", "div",
)  # fmt: skip


def clamped(rng, name):
    """A random operator with one to three clamps behind it."""
    made = make(name, rng).graph
    b = GraphBuilder()
    b.tensors, b.operators, b.inputs = list(made.tensors), list(made.operators), list(made.inputs)
    (x,) = made.outputs
    for kind in rng.choice(CLAMPS, int(rng.integers(1, 4))):
        like = b.tensors[x]
        inputs = [x]
        if kind in ("MINIMUM", "MAXIMUM"):
            limits = np.iinfo(like.dtype.numpy)
            bound = np.full((1,) * len(like.shape), rng.integers(limits.min, limits.max))
            inputs.insert(int(rng.integers(2)), b.constant(bound, like.dtype, like.quantization))
        x = b.op(str(kind), inputs, b.tensor(like.shape, like.dtype, like.quantization))
    return b.build(x)


def clamp_cases():
    rng = np.random.default_rng(5)
    graphs = [clamped(rng, name) for name in MAKERS_WITH_CLAMPS for _ in range(20)]
    return [graph for graph in graphs if graph.tensor(graph.outputs[0]).dtype is DType.INT8]


def test_clamps_move_into_what_is_before_them(tmp_path):
    rng = np.random.default_rng(6)
    graphs = clamp_cases()
    assert len(graphs) > 100
    for graph in graphs:
        found = fuse_clamps(graph)
        assert len(found.graph.operators) == 1, operators(graph)
        assert_same_tensors(rng, graph, found)
    check([Case(graph, random_elements(rng, graph)) for graph in graphs], tmp_path)


def test_a_clamp_stays_where_its_input_is_read_elsewhere_or_the_scale_changes():
    b = GraphBuilder()
    x = b.input((1, 4), HALF)
    both = b.op("ADD", [x, x], b.tensor((1, 4), DType.INT8, HALF), activation=0)
    once = b.op("SUB", [x, both], b.tensor((1, 4), DType.INT8, HALF), activation=0)
    graph = b.build(relu(b, both, 3), relu(b, once, 4))
    assert fuse_clamps(graph).graph is graph


def classifier(rows, classes, scale, axis=1):
    b = GraphBuilder()
    x = b.input((rows, classes), quantization(scale, 3))
    shares = b.tensor((rows, classes), DType.INT8, quantization(1 / 256, -128))
    shares = b.op("SOFTMAX", [x], shares, beta=1.0)
    made = b.tensor((rows if axis else classes,), DType.INT32)
    return b.build(b.op("ARG_MAX", [shares, integers(b, axis)], made, output_type=2))


def near_ties(rng, rows, classes):
    """Rows whose largest elements are a step apart, or few."""
    top = rng.integers(-100, 128, (rows, 1))
    below = rng.choice([0, 1, 1, 1, 2, 30, 255], (rows, classes), p=rng.dirichlet(np.ones(7)))
    return np.clip(top - below, -128, 127).astype(np.int8)


@pytest.mark.parametrize("classes", [2, 3, 10, 35, 200])
def test_arg_max_without_softmax_where_no_share_can_be_equal(classes):
    rng = np.random.default_rng(classes)
    least = -np.log(1 - 1.01 * classes / 256)  # a step of the input that is one of the output
    for scale in least * np.array([1.001, 1.1, 4.0]):
        graph = classifier(60, classes, scale)
        found = skip_softmax(graph)
        assert found.did == "1 ARG_MAX without SOFTMAX"
        before, after = Oracle(graph), Oracle(remove_dead_code(found.graph).graph)
        assert operators(after.graph) == ["ARG_MAX"]
        for _ in range(5):
            sample = near_ties(rng, 60, classes)
            np.testing.assert_array_equal(after.run([sample]), before.run([sample]))
    for scale in least * np.array([0.1, 0.99]):
        graph = classifier(60, classes, scale)
        assert skip_softmax(graph).graph is graph


def test_softmax_stays_where_shares_can_be_equal():
    graph = classifier(1, 8, 0.005)
    shares = dict(Oracle(graph).trace([np.full((1, 8), 5, np.int8) - (np.arange(8) == 0)]))
    assert int(shares[graph.outputs[0]][0]) == 0  # though it is the smallest
    assert skip_softmax(graph).graph is graph
    along_rows = classifier(4, 3, 0.5, axis=0)
    assert skip_softmax(along_rows).graph is along_rows


def anything(rng):
    """A network in which every pass may find something to do, and several the same."""
    net = Network("anything", (1, int(rng.integers(4, 9)), int(rng.integers(4, 9)), 3))
    x = net.conv(net.x, 4, (3, 3))
    for _ in range(int(rng.integers(2, 6))):
        x = something(net, x, rng)
    for tensor in net.b.tensors:
        if tensor.data is not None and tensor.data.dtype == np.int32 and tensor.data.ndim == 1:
            off = (rng.random(tensor.shape) < 0.3) & (len(tensor.data) > 2)
            tensor.data[off] = rng.choice([-(2**28), 2**28])
    graph = (net.head, net.mean, net.flat)[int(rng.integers(3))](x, 3)
    if rng.random() < 0.5:
        return graph
    axis = net.b.constant(np.array([-1]), DType.INT32)
    place = net.b.tensor((1,), DType.INT32)
    return net.b.build(net.b.op("ARG_MAX", [graph.outputs[0], axis], place, output_type=2))


def something(net, x, rng):
    """A layer, or an operator that a pass removes."""
    like = net.b.tensors[x]
    kind = int(rng.integers(7))
    if kind == 0:
        stride = (int(rng.integers(1, 3)),) * 2
        return net.conv(net.pad(x, (1, 1), (1, 1)), 6, (3, 3), stride, Padding.VALID)
    if kind == 1:
        return net.depthwise(net.pad(x, (1, 1), (1, 0)), (3, 2), padding=Padding.VALID)
    if kind == 2:
        return net.add(x, net.conv(x, like.shape[3], (3, 3)))
    if kind == 3:
        return net.conv(net.depthwise(x), int(rng.integers(3, 7)))
    inputs = [x]
    name = ("RELU6", "RESHAPE", "MINIMUM")[kind - 4]
    if name == "MINIMUM":
        bound = np.full((1, 1, 1, 1), rng.integers(-100, 100))
        inputs.append(net.b.constant(bound, DType.INT8, like.quantization))
    return net.b.op(name, inputs, net.b.tensor(like.shape, DType.INT8, like.quantization))


def test_all_passes_together(tmp_path):
    seed = 12
    print(f"seed {seed}")
    rng = np.random.default_rng(seed)
    graphs = [anything(rng) for _ in range(60)]
    found = [optimize(graph) for graph in graphs]
    for graph, optimized in zip(graphs, found, strict=True):
        assert_same_tensors(rng, graph, Rewritten(optimized.graph, "all", optimized.kept))
    often = Counter(name for optimized in found for name in optimized.did)
    assert min(often[name] for name in PASSES if name != "constants") > 3, often
    cases = [Case(graph, random_elements(rng, graph)) for graph in graphs]
    check(cases, tmp_path, at_bound=False)
