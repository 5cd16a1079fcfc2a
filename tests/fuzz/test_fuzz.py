"""A short run of the fuzzers; docs/fuzzing.md has the figures of a long one."""

import pytest

from tests.fuzz import keras_graphs, tflite_bytes


@pytest.mark.parametrize("seed", range(2))
def test_damaged_files_end_in_clear_errors(seed, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    print(f"seed {seed}")
    outcomes = tflite_bytes.run(seed, cases=400)
    assert outcomes["compiled"] > 10
    assert outcomes["InvalidModelError"] > 10


@pytest.mark.train
def test_random_keras_models_equal_litert():
    pytest.importorskip("tensorflow")
    pytest.importorskip("ai_edge_litert")
    seed = 2026
    print(f"seed {seed}")
    counts = keras_graphs.run(seed, models=8)
    assert counts.total() > 15
