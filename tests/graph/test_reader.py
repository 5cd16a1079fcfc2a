"""Reading .tflite files: whatever comes, a graph or one clear error."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinyml.errors import InvalidModelError, ModelError
from tinyml.graph import Oracle, load, parse
from tinyml.resources import folder


@pytest.fixture(scope="module")
def small() -> bytes:
    return (folder("models") / "occupancy" / "model.tflite").read_bytes()


def test_a_good_file(small):
    graph = parse(small)
    assert [op.name for op in graph.operators] == ["FULLY_CONNECTED", "FULLY_CONNECTED", "SOFTMAX"]
    assert graph.file_bytes == len(small)
    assert len(graph.sha256) == 64


@pytest.mark.parametrize("data", [b"", b"TFL3", b"\0" * 64, b"PK\x03\x04" + b"x" * 60])
def test_other_files_are_named_as_such(data):
    with pytest.raises(InvalidModelError, match="not a TFLite file"):
        parse(data)


def test_a_missing_file_is_one_sentence(tmp_path):
    with pytest.raises(InvalidModelError, match="cannot be read"):
        load(tmp_path / "nothing.tflite")
    with pytest.raises(InvalidModelError, match=r"is a folder; give the \.tflite in it"):
        load(tmp_path)


def test_every_truncation_ends_in_a_clear_error(small):
    for length in range(len(small)):
        with pytest.raises(ModelError):
            parse(small[:length])


@settings(max_examples=400)
@given(seed=st.integers(0, 2**32 - 1))
def test_damage_never_crashes(small, seed):
    rng = np.random.default_rng(seed)
    data = bytearray(small)
    for _ in range(int(rng.integers(1, 6))):
        data[int(rng.integers(len(data)))] = int(rng.integers(256))
    try:
        graph = parse(bytes(data))
        Oracle(graph)
    except ModelError as error:
        assert str(error)
