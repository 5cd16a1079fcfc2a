"""Copies between parts: found wherever they stand; what chance repeats is none."""

import time

import numpy as np
import pytest

from tests.data import made
from tests.data.test_importing import import_, tinyml_in
from tinyml import data
from tinyml.data import copies as module
from tinyml.data.copies import copies
from tinyml.data.dataset import Series
from tinyml.errors import LeakError


def piece(name, samples):
    counts = np.asarray(samples, np.int64).astype(np.int16)
    if counts.ndim == 1:
        counts = counts[:, np.newaxis]
    return Series(name, name, 0, counts, np.zeros(len(counts), np.int64))


def parts(training, test, window=64, cache=None):
    found = {
        "training": [piece(f"a{number}", one) for number, one in enumerate(training)],
        "validation": [],
        "test": [piece(f"b{number}", one) for number, one in enumerate(test)],
    }
    return copies(found, window, cache)


def noise(seed, count=2000, spread=500.0, channels=1):
    return np.random.default_rng(seed).normal(0, spread, (count, channels)).round()


def hum(seed):
    """A tone with little noise: each step follows from those before it."""
    rng = np.random.default_rng(seed)
    time_s = np.arange(30_000) / 16_000
    return 100 * np.sin(314 * time_s + rng.uniform(0, 6)) + rng.normal(0, 0.1, len(time_s))


def beats(seed):
    """The same shape again and again, at times that chance decides."""
    rng = np.random.default_rng(seed)
    samples = (rng.random(20_000) < 0.02).astype(float)
    for at in np.cumsum(rng.integers(60, 80, 240)):
        samples[at : at + 40] += 40 * np.exp(-(((np.arange(40) - 20) / 4) ** 2)).round()
    return samples


QUIET = {
    # kind -> one recording of it, by a seed
    "two values": lambda seed: np.random.default_rng(seed).random(19) < 0.5,
    "two values, long": lambda seed: np.random.default_rng(seed).random(5000) < 0.5,
    "seldom another value": lambda seed: np.random.default_rng(seed).random(20000) < 0.02,
    "three coarse axes": lambda seed: noise(seed, 3000, 0.4, 3),
    "8-bit sound": lambda seed: noise(seed, 20000, 1.5) * 256,
    "a slow sensor": lambda seed: np.cumsum(np.random.default_rng(seed).integers(-1, 2, 5000)),
    "a hum": lambda seed: hum(seed).round(),
    "beats": beats,
    "silence": lambda seed: np.zeros(5000),
    "a counter and noise": lambda seed: np.stack(
        [16 * np.arange(3000), noise(seed, 3000, 0.5)[:, 0]], axis=1
    ),
    "a decoder that fades out": lambda seed: np.concatenate(
        [noise(seed, 20000)[:, 0], 3000 * 0.9 ** np.arange(80) * (-1) ** np.arange(80)]
    ),
}


@pytest.mark.parametrize("kind", QUIET)
def test_chance_repeats_are_no_copies(kind):
    made_so = QUIET[kind]
    window = 2048 if "decoder" in kind else 64
    training, test = [made_so(s) for s in range(8)], [made_so(s) for s in range(50, 54)]
    assert parts(training, test, window) == []


COPIED = {
    "noise": (noise(1), 60),
    "a short stretch of noise": (noise(1), 26),
    "8-bit sound": (noise(1, 20000, 1.5) * 256, 400),
    "three coarse axes": (noise(1, 3000, 0.4, 3), 120),
    "seldom another value": ((np.random.default_rng(1).random(20000) < 0.02)[:, np.newaxis], 6000),
}


@pytest.mark.parametrize("kind", COPIED)
@pytest.mark.parametrize(("at", "to"), [(0, 0), (700, 0), (0, 900), (333, 800)])
def test_a_copied_stretch_is_found_wherever_it_stands(kind, at, to):
    source, count = COPIED[kind]
    rng = np.random.default_rng(9)
    own = source[rng.permutation(len(source))]
    own[to : to + count] = source[at : at + count]
    assert parts([noise(5, 500, 3, source.shape[1]), source], [own]) == [
        "rows of 'a1' (training) are also in 'b0' (test)"
    ]


def test_a_stretch_within_one_part_is_none():
    assert parts([noise(1), noise(1)], [noise(2)]) == []


def test_large_data_are_searched_in_time_and_once(tmp_path, monkeypatch):
    training = [noise(seed, 100_000) for seed in range(30)]
    test = [noise(seed, 100_000) for seed in range(50, 60)]
    test[3][40_000:41_000] = training[7][500:1_500]
    started = time.process_time()
    found = parts(training, test, 1024, tmp_path)
    assert time.process_time() - started < 20, "four million samples take about a second"
    assert found == ["rows of 'a7' (training) are also in 'b3' (test)"]
    monkeypatch.setattr(module, "_found", lambda *_: pytest.fail("it is known already"))
    assert parts(training, test, 1024, tmp_path) == found
    monkeypatch.undo()
    [kept] = tmp_path.glob("*.json")
    kept.write_text("{")
    assert parts(training, test, 1024, tmp_path) == found, "a damaged cache is made again"
    test[3][40_000:41_000] += 1
    assert parts(training, test, 1024, tmp_path) == []


def test_quiet_coarse_recordings_come_in(tmp_path):
    """19 rows of two values each: some are equal by chance."""
    place = tmp_path / "in"
    place.mkdir()
    for label, level in (("idle", 0), ("shake", 5)):
        for number in range(8):
            rng = np.random.default_rng(number % 7)
            rows = [f"{level + v / 10:.1f},{9.6 + v / 10:.1f}" for v in rng.integers(0, 2, 19)]
            (place / f"{label}.{number}.csv").write_text("\n".join(["x,z", *rows]))
    assert import_(tmp_path, "quiet", place, "--rate", 62.5)["recordings"] == 16
    assert not data.load("quiet", near=tmp_path).leaks


@pytest.mark.parametrize("width", [1, 2])
def test_sounds_come_in_whatever_their_width_and_copies_do_not(width, tmp_path):
    made.sounds(tmp_path / "in", width=width)
    assert import_(tmp_path, "hum", tmp_path / "in")["recordings"] == 8
    tinyml_in(tmp_path, "data", "show", "hum")
    rng = np.random.default_rng(3)
    shared = rng.normal(0, 0.2, 2000).clip(-1, 1)
    for number in range(4):
        own = rng.normal(0, 0.2, 2000).clip(-1, 1)
        both = np.concatenate([shared, own] if number % 2 else [own, shared])[:, np.newaxis]
        made.write_wav(tmp_path / "in" / "hiss" / f"{number}.wav", both, width=width)
    with pytest.raises(LeakError, match=r"rows of 'hiss/.* are also in 'hiss/"):
        import_(tmp_path, "copied", tmp_path / "in")
