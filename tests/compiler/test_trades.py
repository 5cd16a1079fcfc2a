"""Flash for speed: which kernels a model gets under each goal and budget."""

import pytest

from tests.support.synthetic import NETWORKS
from tinyml.compiler import Optimize, Options, compile_model
from tinyml.errors import ModelTooLargeError

CORE = "cortex-m4"


@pytest.fixture(scope="module")
def graph():
    return NETWORKS["resnet"]()


@pytest.fixture(scope="module")
def smallest(graph):
    return compile_model(graph, core=CORE, options=Options(Optimize.SIZE))


def fast_steps(model):
    return [step.call.source for step in model.program.steps].count("armv7em/winograd.c")


def test_each_goal_buys_as_much_speed_as_it_says(graph, smallest):
    balanced, fastest = (
        compile_model(graph, core=CORE, options=Options(goal))
        for goal in (Optimize.BALANCED, Optimize.SPEED)
    )
    assert fast_steps(smallest) == 0
    assert fast_steps(fastest) == 4  # all 3x3 windows of stride 1 but those of the image
    assert smallest.constant_bytes <= balanced.constant_bytes < 1.1 * smallest.constant_bytes
    assert fastest.constant_bytes > 2 * smallest.constant_bytes


@pytest.mark.parametrize("more", [6_000, 30_000])
def test_a_budget_buys_what_saves_most_for_each_byte(graph, smallest, more):
    budget = smallest.constant_bytes + more
    model = compile_model(graph, core=CORE, options=Options(Optimize.SPEED, budget))
    assert 0 < fast_steps(model) < 4
    assert model.constant_bytes <= budget
    shapes = [
        step.outputs[0].elements
        for step in model.program.steps
        if step.call.source == "armv7em/winograd.c"
    ]
    assert max(shapes) == 32 * 32 * 16  # few weights for many outputs come first


def test_a_budget_below_the_weights_is_refused(graph, smallest):
    options = Options(flash_budget=smallest.constant_bytes // 2)
    with pytest.raises(ModelTooLargeError, match="more than the flash budget of"):
        compile_model(graph, core=CORE, options=options)


@pytest.mark.parametrize("core", ["cortex-m0plus", "cortex-m55", "portable"])
def test_a_core_without_trades_compiles_alike(graph, core):
    calls = [
        [
            step.call.function
            for step in compile_model(graph, core=core, options=options).program.steps
        ]
        for options in (Options(Optimize.SIZE), Options(Optimize.SPEED))
    ]
    assert calls[0] == calls[1]


@pytest.mark.parametrize(
    ("goal", "source"),
    [
        (Optimize.SPEED, "armv7em/fully_connected.c"),
        (Optimize.BALANCED, "armv7em/conv_2d.c"),
        (Optimize.SIZE, "armv7em/conv_2d.c"),
    ],
)
def test_one_small_dense_layer_brings_no_kernel_of_its_own(graph, goal, source):
    model = compile_model(graph, core=CORE, options=Options(goal))
    dense = [step for step in model.program.steps if step.op == "FULLY_CONNECTED"]
    assert [step.call.source for step in dense] == [source]
    assert ("kernels/armv7em/gemv.S" in model.files) == (goal is Optimize.SPEED)
