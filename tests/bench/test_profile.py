"""The picture of where instructions go, and the minimum that it shows."""

import xml.etree.ElementTree

import pytest

from tinyml.bench.measure import BenchFigures, LayerCost
from tinyml.bench.minimum import least_instructions
from tinyml.bench.profile import draw

SIZES = dict.fromkeys(
    (
        "estimated_cycles", "macs", "arena_bytes", "arena_bound_bytes", "state_bytes",
        "stack_bytes", "data_bss_bytes", "ram_bytes", "flash_bytes", "flash_model_bytes",
        "flash_code_bytes",
    ),
    0,
)  # fmt: skip


@pytest.mark.parametrize(
    ("op", "features", "instructions"),
    [
        ("CONV_2D", {"dsp", "mve"}, 109),
        ("CONV_2D", {"dsp"}, 708),
        ("DEPTHWISE_CONV_2D", {"dsp"}, 1028),
        ("FULLY_CONNECTED", {"armv6m"}, 1500),
        ("CONV_2D", set(), 1000),
    ],
)
def test_the_minimum_is_that_of_the_core(op, features, instructions):
    assert least_instructions(op, 1000, features) == instructions
    assert least_instructions(op, 0, features) == 0


def test_every_layer_is_drawn_with_its_figures():
    layers = (
        LayerCost(0, "CONV_2D", 900, 1000, "a<b", 708),
        LayerCost(1, "SOFTMAX", 100, 0, "c", 0),
    )
    figures = BenchFigures("m&m", "board", "cortex-m4f", 1000, **SIZES, layers=layers)
    root = xml.etree.ElementTree.fromstring(draw(figures))
    texts = [element.text for element in root.iter() if element.tag.endswith("text")]
    assert "900 (90.0%), 1.27 x minimum" in texts
    assert "100 (10.0%)" in texts
