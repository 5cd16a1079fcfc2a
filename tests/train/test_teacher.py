"""A random forest as the teacher: what it is asked lies between real windows, and is repeatable."""

import numpy as np
import pytest

from tinyml.data import Part
from tinyml.features.kinds.raw import Raw
from tinyml.project import Teacher

pytest.importorskip("sklearn", reason="needs scikit-learn: pip install '.[train]'")
pytestmark = pytest.mark.train

SEED = 4
TEACHER = Teacher(trees=5, copies=3, neighbours=4)
RAW = Raw(2, 3)


def part(count: int, targets: np.ndarray, groups: np.ndarray | None = None) -> Part:
    print(f"seed {SEED}")
    rng = np.random.default_rng(SEED)
    places = np.arange(count)
    return Part(
        windows=rng.integers(-2000, 2000, (count, 2, 3)).astype(np.int16),
        targets=targets,
        groups=np.full(count, "a") if groups is None else groups,
        recordings=np.full(count, "r"),
        spans=np.stack([2 * places, 2 * places + 1], axis=-1),
    )


def taught(real, classes=0, weights=None, seed=SEED, teacher=TEACHER):
    from tinyml.train.teacher import taught

    measured = RAW.measure(real.windows)
    return taught(teacher, real, measured, RAW, classes, weights, seed, lambda *_: None)


def test_made_up_windows_and_answers_stay_within_the_real_ones():
    real = part(60, np.random.default_rng(SEED).normal(30, 9, 60))
    features, values = taught(real)
    assert features.shape == (180, 6)
    assert values.shape == (180,)
    measured = RAW.measure(real.windows)
    assert (features >= measured.min(axis=0)).all()
    assert (features <= measured.max(axis=0)).all()
    assert real.targets.min() <= values.min() < values.max() <= real.targets.max()
    # Some channels of a window are a real one's, others are not: all of one channel move together.
    kept = (features[:, None] == measured[None]).reshape(180, 60, 2, 3).all(axis=2)
    assert 0.3 < kept.any(axis=1).mean() < 0.9


def test_probabilities_of_classes_that_were_never_met_are_none():
    real = part(60, np.arange(60) % 2 * 2)
    _, shares = taught(real, classes=4)
    np.testing.assert_allclose(shares.sum(axis=1), 1, rtol=1e-6)
    assert not shares[:, [1, 3]].any()
    assert shares[:, 0].any()


def test_the_same_seed_asks_the_same():
    real = part(40, np.arange(40.0))
    first, again, other = (taught(real, seed=seed) for seed in (5, 5, 6))
    np.testing.assert_array_equal(first[0], again[0])
    np.testing.assert_array_equal(first[1], again[1])
    assert (first[0] != other[0]).any()


def test_windows_of_no_weight_are_never_drawn():
    # Two clouds far apart: the neighbours of one are its own.
    real = part(60, np.arange(60.0))
    real.windows[30:] += 20_000
    features, values = taught(real, weights=np.repeat([1.0, 0.0], 30))
    assert features.max() < 10_000
    assert values.max() < 30


def test_fewer_windows_than_neighbours_are_enough():
    features, _ = taught(part(3, np.arange(3.0)))
    assert len(features) == 9


def test_groups_of_a_regression_weigh_the_same():
    from tinyml import data
    from tinyml.train.fit import _weights

    entry = data.entry("airqo-kampala")
    groups = np.repeat(["a", "b", "c"], [40, 15, 5])
    weights = _weights(entry, part(60, np.zeros(60), groups))
    assert weights.sum() == pytest.approx(60)
    for group in "abc":
        assert weights[groups == group].sum() == pytest.approx(20)
