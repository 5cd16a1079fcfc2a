"""What the kernels of Armv7E-M count on, over the whole range of parameters."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.graphs import GraphBuilder, quantization
from tinyml.compiler import compile_model
from tinyml.compiler.lower.armv7em.folded import fold
from tinyml.compiler.lower.armv7em.products import PackedRows, epilogue, require_products
from tinyml.compiler.lower.base import NotFitting
from tinyml.graph.ir import DType
from tinyml.graph.ops.base import Requantization
from tinyml.graph.schema import Activation, Padding

MULTIPLIERS = st.one_of(
    st.sampled_from([0, 1 << 30, 3 << 29, (1 << 31) - 1]), st.integers(1 << 30, (1 << 31) - 1)
)


@given(
    multiplier=MULTIPLIERS,
    shift=st.integers(-15, 6),
    zero_point=st.one_of(st.just(-128), st.integers(-128, 127)),
    seed=st.integers(0, 2**32 - 1),
)
def test_one_sum_rounds_as_two(multiplier, shift, zero_point, seed):
    requantization = Requantization(
        np.array([multiplier]), np.array([shift]), zero_point, lowest=-128, highest=127
    )
    try:
        ends = epilogue(requantization, 1)
    except NotFitting:
        assert shift >= 0
        assert zero_point != -128
        return
    rng = np.random.default_rng(seed)
    near = 1 << int(rng.integers(1, 24))
    accumulators = rng.integers(-near, near, 500)
    # What requantize.inc does, instruction by instruction.
    ((m, constants, shift_right),) = ends.words()
    total = (256 * accumulators * m >> 32) + constants
    if ends.variant == "signed":
        total -= np.where(accumulators < 0, 128, 0)
    assert np.abs(total).max() < 2**31
    found = np.clip(total >> shift_right, -128, 127)
    np.testing.assert_array_equal(found, requantization.apply(accumulators))


def elements(folded, requantization, accumulators, channels=slice(None)):
    """What requantize.inc makes of accumulators [n, channels], instruction by instruction."""
    total = 256 * accumulators + folded.biases[channels]
    total = total - np.where(total < 0, folded.less[channels], 0)
    assert np.abs(total).max() <= 2**31
    high = (total * folded.multipliers[channels] >> 32) + folded.addend
    return np.clip(high >> folded.shift, requantization.lowest, requantization.highest)


@given(
    multiplier=MULTIPLIERS,
    right=st.integers(1, 14),
    zero_point=st.one_of(st.just(-128), st.integers(-128, 127)),
    reach=st.integers(1, 23),
    clamped=st.booleans(),
    signed=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
@settings(max_examples=100)
def test_one_product_rounds_as_two(multiplier, right, zero_point, reach, clamped, signed, seed):
    rng = np.random.default_rng(seed)
    spread = rng.integers(0, 3, 4)
    lowest, highest = -rng.integers(1, 1 << reach, 4), rng.integers(1, 1 << reach, 4)
    requantization = Requantization(
        np.full(4, multiplier), -(right + spread), zero_point,
        lowest=zero_point if clamped else -128, highest=127,
    )  # fmt: skip
    folded = fold(requantization, lowest, highest, signed=signed)
    if folded is None:
        return  # the kernels in full take it
    near = np.unique(np.concatenate([rng.integers(lowest[i], highest[i], 300) for i in range(4)]))
    near = np.append(near, [-2, -1, 0, 1])
    accumulators = np.clip(near[:, np.newaxis] + np.arange(4), lowest, highest)
    found = elements(folded, requantization, accumulators)
    np.testing.assert_array_equal(found, requantization.apply(accumulators))


@pytest.mark.parametrize(
    ("right", "zero_point", "signed"),
    [(2, -128, False), (5, -128, False), (12, -128, False), (2, 3, True), (5, -9, True)],
)
def test_outputs_need_one_product(right, zero_point, signed):
    """After a ReLU as they are, of both signs with a correction of negative ones."""
    rng = np.random.default_rng(right)
    multipliers, shifts = rng.integers(1 << 30, 1 << 31, 64), -rng.integers(right, right + 3, 64)
    reach = np.full(64, 1 << 20)
    requantization = Requantization(multipliers, shifts, zero_point, lowest=-128, highest=127)
    folded = fold(requantization, -reach, reach, signed=signed)
    assert folded is not None
    steps = np.arange(-(1 << 20), 1 << 20, 31)
    for channel in range(64):
        one = Requantization(multipliers[[channel]], shifts[[channel]], zero_point, -128, 127)
        found = elements(folded, one, steps, channel)
        np.testing.assert_array_equal(found, one.apply(steps))


def test_packed_weights_give_256_times_the_products():
    rng = np.random.default_rng(5)
    weights = rng.integers(-127, 128, (6, 10)).astype(np.int8)
    bias, zero_point = rng.integers(-1000, 1000, 6), -3
    rows = PackedRows.of(weights, bias, zero_point)
    x = np.zeros(12, np.int64)
    x[:10] = rng.integers(-128, 128, 10)
    # Words A and Y of gemm.h, lane by lane.
    a, y = x[0::2] - 127, 256 * x[1::2] + 127 - x[0::2]
    assert max(np.abs(a).max(), np.abs(y).max()) < 2**15
    lanes = np.stack([rows.words & 0xFFFF, rows.words >> 16], axis=2).reshape(6, -1)
    lanes = lanes.astype(np.int16).astype(np.int64)
    low_bytes = lanes.astype(np.int8).astype(np.int64)
    sums = rows.biases + lanes @ a + low_bytes @ y
    np.testing.assert_array_equal(sums, 256 * (bias + weights.astype(np.int64) @ (x[:10] + 3)))


@pytest.mark.parametrize("bias", [(1 << 23) - 127 * 255, -(1 << 23) - 1])
def test_accumulators_beyond_24_bits_do_not_fit(bias):
    weights = np.array([[127]], np.int8)
    with pytest.raises(NotFitting):
        require_products(DType.INT8, np.array([bias]), weights, -128)
    nearer = bias - 1 if bias > 0 else bias + 1
    require_products(DType.INT8, np.array([nearer]), weights, -128)


def test_a_pair_of_weights_beyond_16_bits_does_not_fit():
    with pytest.raises(NotFitting):
        PackedRows.of(np.array([[-128, -1]], np.int8), np.zeros(1, np.int64), 0)
    PackedRows.of(np.array([[-128, 0]], np.int8), np.zeros(1, np.int64), 0)


@pytest.mark.parametrize(("dilation", "source"), [(1, "fully_connected.c"), (2, "conv_2d.c")])
def test_a_window_as_large_as_the_image_is_fully_connected(dilation, source):
    b = GraphBuilder()
    x = b.input((1, 2, 2, 4), quantization(0.1))
    w = b.constant(np.ones((2, 2, 2, 4), np.int8), DType.INT8, quantization(0.1))
    y = b.tensor((1, 1, 1, 2), quantized=quantization(0.1, -128))
    b.op(
        "CONV_2D", [x, w], y, padding=Padding.SAME, stride_h=2, stride_w=2,
        dilation_h=dilation, dilation_w=dilation, activation=Activation.RELU,
    )  # fmt: skip
    step = compile_model(b.build(y), core="cortex-m4").program.steps[0]
    assert step.call.source == f"armv7em/{source}"
