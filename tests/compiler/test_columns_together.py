"""Several outputs of a row as the channels of one: the same numbers, from other weights."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinyml.compiler.lower.columns_together import best_columns_together, with_columns_together
from tinyml.graph.fixed_point import quantize_multiplier
from tinyml.graph.ir import DType
from tinyml.graph.ops.base import Requantization, Window
from tinyml.graph.ops.conv import Conv2D


def convolution(rng, *, kernel, stride, before, columns, channels=1, outputs=2):
    rows = kernel[0] + 2
    image = (rows, (columns - 1) * stride + kernel[1] - before)
    window = Window(kernel, (1, stride), (1, 1), (0, before), image, (3, columns))
    pairs = [quantize_multiplier(float(real)) for real in rng.uniform(0.001, 0.01, outputs)]
    multipliers, shifts = (np.array(values) for values in zip(*pairs, strict=True))
    return Conv2D(
        window=window,
        batches=1,
        input_channels=channels,
        weights=rng.integers(-127, 128, (outputs, *kernel, channels)).astype(np.int8),
        bias=rng.integers(-9000, 9000, outputs),
        input_zero_point=int(rng.integers(-128, 128)),
        requantization=Requantization(multipliers, shifts, -7, -128, 127),
        dtype=DType.INT8,
        groups=1,
    )


@settings(max_examples=60)
@given(
    seed=st.integers(0, 2**32 - 1),
    kernel=st.tuples(st.integers(1, 3), st.integers(1, 9)),
    stride=st.integers(1, 3),
    border=st.integers(0, 4),
    count=st.sampled_from([2, 4, 8]),
    times=st.integers(1, 3),
    channels=st.integers(1, 3),
)
def test_the_outputs_stay_the_same(seed, kernel, stride, border, count, times, channels):
    rng = np.random.default_rng(seed)
    op = convolution(
        rng,
        kernel=kernel,
        stride=stride,
        before=min(border, kernel[1] - 1),
        columns=count * times,
        channels=channels,
    )
    image = rng.integers(-128, 128, (1, *op.window.input, channels)).astype(np.int8)
    (expected,) = op.evaluate(image)
    (found,) = with_columns_together(op, count).evaluate(image)
    np.testing.assert_array_equal(found.reshape(expected.shape), expected)


@pytest.mark.parametrize(
    ("kernel", "columns", "channels", "together"),
    [
        ((1, 9), 32, 1, 8),  # 16 would be cheaper by the cost below, but add too many weights
        ((1, 9), 12, 1, 4),
        ((1, 9), 7, 1, 1),  # an odd number does not divide
        ((1, 1), 32, 1, 1),  # pixels in order
        ((1, 9), 32, 64, 1),  # weights that are 0 would be too many
    ],
)
def test_as_many_as_cost_least(kernel, columns, channels, together):
    seed = 3
    print(f"seed {seed}")
    op = convolution(
        np.random.default_rng(seed),
        kernel=kernel,
        stride=1,
        before=0,
        columns=columns,
        channels=channels,
    )
    found = best_columns_together(
        op, lambda wider: wider.window.output[1] * (100 + 0.1 * wider.weights.size)
    )
    assert found.output_channels == together * op.output_channels
    assert best_columns_together(op, lambda wider: float(wider.weights.size)) is op
