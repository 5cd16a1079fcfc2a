"""What operators say of themselves is complete, and says nothing of what does not exist."""

from tinyml.compiler.lower.base import TESTED_ON_AVR
from tinyml.graph.ops import FACTS, PREPARE
from tinyml.graph.ops.registry import PREPARE_FLOAT
from tinyml.graph.schema import OPERATOR_NAMES
from tinyml.resources import folder


def test_every_operator_is_one_of_the_schema():
    assert set(FACTS) <= set(OPERATOR_NAMES)


def test_every_operator_has_facts():
    assert set(PREPARE) | set(PREPARE_FLOAT) <= set(FACTS)
    assert set(PREPARE_FLOAT) <= set(PREPARE)


def test_options_have_one_name_each():
    for name, facts in FACTS.items():
        fields = [field[0] for field in facts.options if field is not None]
        assert len(fields) == len(set(fields)), name


def test_methods_of_tflite_micro_are_like_names():
    """A slip of the pen in the facts would only show in an export."""
    for name, facts in FACTS.items():
        if facts.tflm is not None:
            assert facts.tflm.method.upper() == name.replace("_", ""), name


def test_kernels_for_8_bit_boards_exist():
    for source in TESTED_ON_AVR:
        assert (folder("firmware") / "kernels" / source).is_file(), source
