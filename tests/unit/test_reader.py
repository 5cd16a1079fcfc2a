"""The door for .tflite files: whatever comes, a graph or one clear error."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.shared import shared_models
from tinyml.errors import InvalidModelError, ModelError
from tinyml.graph import Oracle, load, parse


@pytest.fixture(scope="module")
def hello() -> bytes:
    return (shared_models() / "hello.tflite").read_bytes()


def test_a_good_file(hello):
    graph = parse(hello)
    assert [op.name for op in graph.operators] == ["FULLY_CONNECTED"] * 3
    assert graph.file_bytes == len(hello)
    assert len(graph.sha256) == 64


@pytest.mark.parametrize("data", [b"", b"TFL3", b"\0" * 64, b"PK\x03\x04" + b"x" * 60])
def test_other_files_are_named_as_such(data):
    with pytest.raises(InvalidModelError, match="not a TFLite file"):
        parse(data)


def test_a_missing_file_is_one_sentence(tmp_path):
    with pytest.raises(InvalidModelError, match="cannot be read"):
        load(tmp_path / "nothing.tflite")


def test_every_truncation_ends_in_a_clear_error(hello):
    for length in range(len(hello)):
        with pytest.raises(ModelError):
            parse(hello[:length])


@settings(max_examples=400, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_damage_never_crashes(hello, seed):
    rng = np.random.default_rng(seed)
    data = bytearray(hello)
    for _ in range(int(rng.integers(1, 6))):
        data[int(rng.integers(len(data)))] = int(rng.integers(256))
    try:
        graph = parse(bytes(data))
        Oracle(graph)
    except ModelError as error:
        assert str(error)
