"""A short run of the fuzzers; docs/fuzzing.md has the figures of a long one."""

import numpy as np
import pytest

from tests.fuzz import keras_graphs, tflite_bytes
from tests.fuzz.damaged_graphs import accepted_cases
from tests.kernels.batch import check
from tests.support.targets import require_counting, require_native


@pytest.mark.parametrize("seed", range(2))
def test_damaged_files_end_in_clear_errors(seed, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    print(f"seed {seed}")
    outcomes = tflite_bytes.run(seed, cases=1500)
    assert outcomes["compiled"] > 10
    assert outcomes["InvalidModelError"] > 10


def test_damaged_graphs_that_are_accepted_run_exactly(tmp_path):
    seed = 7
    print(f"seed {seed}")
    check(accepted_cases(np.random.default_rng(seed), 150), tmp_path)


@pytest.mark.train
def test_random_keras_models_equal_litert():
    pytest.importorskip("tensorflow")
    pytest.importorskip("ai_edge_litert")
    require_native()
    require_counting(keras_graphs.BOARD)
    seed = 2026
    print(f"seed {seed}")
    counts = keras_graphs.run(seed, models=8)
    assert counts.total() > 15
