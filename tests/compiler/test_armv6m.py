"""What the kernels of Armv6-M count on, over the whole range of parameters."""

import subprocess
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.graphs import GraphBuilder, quantization
from tests.support.targets import require_native
from tinyml.compiler import compile_model
from tinyml.compiler.lower.armv6m.products import MOST_OF_CHUNK, chunk_lengths, side_by_side
from tinyml.compiler.lower.armv6m.quadruples import quadruples
from tinyml.compiler.lower.armv6m.stairs import stairs
from tinyml.compiler.lower.base import NotFitting
from tinyml.graph.fixed_point import high_multiply
from tinyml.graph.ir import DType
from tinyml.graph.ops.base import Requantization
from tinyml.graph.schema import Activation
from tinyml.resources import folder

MULTIPLIERS = st.one_of(
    st.sampled_from([0, 1 << 30, 3 << 29, (1 << 31) - 1]), st.integers(1 << 30, (1 << 31) - 1)
)


def climb(a, multiplier, constant, shift, low_digits):
    """What requantize.inc does, digit by digit, in registers of 32 bits."""
    mask = (1 << shift) - 1
    carry = np.zeros_like(a)
    for digit in range(low_digits):
        product = a * (multiplier >> digit * shift & mask) + carry
        assert product.max(initial=0) < 2**32
        carry = product >> shift
    total = a * (multiplier >> low_digits * shift) + carry + constant
    assert -(2**31) <= total.min(initial=0) <= total.max(initial=0) < 2**31
    return total >> 24


def requantized(accumulators, ends):
    """Elements of one channel."""
    words = ends.words[0].tolist()
    shift, limit = words[2] >> 26, words[2] & (1 << 26) - 1
    low_digits = 1 if ends.variant.endswith("short") else 2
    a = accumulators - ends.start[0]
    found = np.where(a < 0, ends.lowest, ends.highest)
    up = (a >= 0) & (a < limit)
    found[up] = climb(a[up], words[0], words[1], shift, low_digits)
    if ends.variant.startswith("signed"):
        down = (a < 0) & (-a < words[4])
        found[down] = -climb(-a[down], words[0], words[3], shift, low_digits)
    return found


@given(
    multiplier=MULTIPLIERS,
    shift=st.integers(-14, 2),
    zero_point=st.one_of(st.just(-128), st.integers(-128, 127)),
    clamp=st.tuples(st.integers(-128, 127), st.integers(-128, 127)),
    seed=st.integers(0, 2**32 - 1),
)
def test_stairs_have_all_steps_in_their_places(multiplier, shift, zero_point, clamp, seed):
    lowest, highest = sorted(clamp) if seed % 2 else (-128, 127)
    requantization = Requantization(
        np.array([multiplier]), np.array([shift]), zero_point, lowest, highest
    )
    try:
        ends = stairs(requantization, 1)
    except NotFitting:
        # A step is 2^-shift accumulators or more; beyond 2^12 the word may be too short.
        assert shift > 0 or shift < -12 or zero_point > highest
        return
    if not ends.live[0]:
        # Weights and bias are left out, too.
        constant = requantization.apply(np.zeros(1, np.int64))
        np.testing.assert_array_equal(requantized(np.zeros(1, np.int64), ends), constant)
        return
    rng = np.random.default_rng(seed)
    near = 1 << int(rng.integers(1, 29))
    accumulators = rng.integers(-near, near, 3000)
    np.testing.assert_array_equal(
        requantized(accumulators, ends), requantization.apply(accumulators)
    )


@given(seed=st.integers(0, 2**32 - 1), longest=st.integers(1, 40))
def test_sums_of_chunks_fit_16_bits(seed, longest):
    rng = np.random.default_rng(seed)
    spread = int(rng.integers(1, 128))
    weights = rng.integers(-spread - 1, spread + 1, (4, int(rng.integers(1, 80)))).astype(np.int8)
    lengths = chunk_lengths(weights, longest)
    assert sum(lengths) == weights.shape[1]
    assert max(lengths) <= longest
    start = 0
    for length in lengths:
        chunk = np.abs(weights[:, start : start + length].astype(int)).sum(axis=1)
        assert chunk.max() <= MOST_OF_CHUNK
        start += length


def test_a_sum_of_packed_words_comes_apart():
    rng = np.random.default_rng(3)
    weights = rng.integers(-128, 128, (1, 90)).astype(np.int8)
    x = rng.choice([-128, 127, 3], (2, 90))
    words = x[0] + (x[1] << 16)
    total = high = start = 0
    for length in chunk_lengths(weights, 19):
        chunk = slice(start, start + length)
        s = int(weights[0, chunk].astype(int) @ words[chunk])
        assert -(2**31) <= s < 2**31
        total += s
        high += (s + (1 << 15)) >> 16
        start += length
    assert [total - (high << 16), high] == (x @ weights[0].astype(int)).tolist()


@pytest.mark.parametrize("passes", [1, 4])
def test_quadruples_hold_their_weights_pass_by_pass(passes):
    weights = np.random.default_rng(4).integers(-128, 128, (8, 10)).astype(np.int8)
    words, chunks = quadruples(weights, passes)
    filled = np.zeros((8, 12 if passes == 4 else 10), np.int8)
    filled[:, :10] = weights
    order = [k for first in range(passes) for k in range(first, filled.shape[1], passes)]
    for rows, row_words in zip(filled.reshape(2, 4, -1), words.reshape(2, -1), strict=True):
        found = [(row_words >> 8 * byte & 255).astype(int) - 128 for byte in (0, 2, 1, 3)]
        np.testing.assert_array_equal(found, rows[:, order])
    assert chunks.max() < 32 * 18


def test_eight_channels_lie_side_by_side():
    weights = np.arange(30).reshape(10, 3).astype(np.int8)
    table = side_by_side(weights).data
    assert table.shape == (2, 3, 8)
    assert table[1, 2, :2].tolist() == [26, 29]
    assert not table[1, :, 2:].any()


@pytest.mark.parametrize(
    ("scales", "source"),
    [
        ((1.0, 1.0, 2.0), "armv6m/add.S"),
        ((1.0, 3.0, 2.5), "armv6m/add.S"),
        ((1.0, 1.0, 2e-4), "binary.c"),
    ],
)
def test_add_is_one_sum_where_all_pairs_agree(scales, source):
    b = GraphBuilder()
    x, y = (b.input((1, 2, 3, 4), quantization(scale, 5)) for scale in scales[:2])
    z = b.tensor((1, 2, 3, 4), quantized=quantization(scales[2], -7))
    b.op("ADD", [x, y], z, activation=Activation.NONE)
    program = compile_model(b.build(z), core="cortex-m0").program
    assert [step.call.source for step in program.steps] == [source]


_HIGH_MULTIPLY = """
#define TML_HAS_LONG_MULTIPLY 0
#include "fixed_point.h"
#include <stdio.h>

int main(void) {
    int32_t pair[2];
    while (fread(pair, sizeof pair, 1, stdin) == 1) {
        const int32_t product = tml_high_multiply(pair[0], pair[1]);
        fwrite(&product, sizeof product, 1, stdout);
    }
    return 0;
}
"""


def test_multiplying_by_halves_is_multiplying(tmp_path: Path):
    source, program = tmp_path / "high_multiply.c", tmp_path / "high_multiply"
    source.write_text(_HIGH_MULTIPLY)
    flags = ["-O1", "-Wall", "-Werror", "-fsanitize=undefined", "-fno-sanitize-recover=all"]
    includes = [f"-I{folder('firmware') / part}" for part in ("kernels", "include")]
    subprocess.run([require_native(), *flags, *includes, source, "-o", program], check=True)
    seed = 7
    rng = np.random.default_rng(seed)
    ends = [-(2**31), -(2**31) + 1, -65537, -65536, -1, 0, 1, 65535, 65536, 2**31 - 1]
    values = np.concatenate([rng.integers(-(2**31), 2**31, 20000), rng.choice(ends, 5000)])
    multipliers = rng.integers(1 << 30, 1 << 31, values.size)
    multipliers[::7], multipliers[::11] = 1 << 30, (1 << 31) - 1
    fed = np.stack([values, multipliers], axis=1).astype(np.int32).tobytes()
    done = subprocess.run([program], input=fed, capture_output=True, check=True)
    found = np.frombuffer(done.stdout, np.int32)
    np.testing.assert_array_equal(found, high_multiply(values, multipliers), err_msg=f"seed {seed}")


def test_other_elements_are_left_to_the_portable_kernel():
    b = GraphBuilder()
    x = b.input((1, 8), quantization(0.1), DType.INT16)
    w = b.constant(np.ones((4, 8), np.int8), DType.INT8, quantization(0.1))
    y = b.tensor((1, 4), DType.INT16, quantization(0.1))
    b.op("FULLY_CONNECTED", [x, w], y, activation=Activation.NONE, weights_format=0)
    program = compile_model(b.build(y), core="cortex-m0plus").program
    assert [step.call.source for step in program.steps] == ["fully_connected.c"]
