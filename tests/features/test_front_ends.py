"""Front ends: Python and C agree bit for bit, whatever the signal."""

import ctypes
import functools
import os
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support import nodes
from tests.support.targets import require_native
from tinyml.errors import FeatureError
from tinyml.features import FrontEnd, c_source
from tinyml.features.banded import log_bands
from tinyml.features.kinds.changes import Changes
from tinyml.features.kinds.envelope import Envelope
from tinyml.features.kinds.log import Log
from tinyml.features.kinds.log_mel import LogMel
from tinyml.features.kinds.mfcc import Mfcc
from tinyml.features.kinds.raw import Raw
from tinyml.features.kinds.spectral import Spectral
from tinyml.features.kinds.statistics import Statistics
from tinyml.features.kinds.trend import Trend
from tinyml.features.memory import measured_once
from tinyml.features.sound import mel_edges
from tinyml.resources import folder

FRONT_ENDS = {
    "raw": Raw(24, 3),
    "log": Log(24, 3, (0, 2), floor=6),
    "log-least": Log(1, 1, (0,)),
    "log-ratios": Log(5, 4, (0, 1, 3), ((1, 0), (3, 1), (0, 3)), floor=3),
    "log-most": Log(3, 64, tuple(range(64)), floor=14),
    "statistics": Statistics(100, 2),
    "statistics-longest": Statistics(4096, 1),
    "statistics-single": Statistics(1, 4),
    "trend": Trend(30, 3),
    "trend-shortest": Trend(1, 2),
    "spectral": Spectral(256, 3, log_bands(256, 12)),
    "spectral-longest": Spectral(1024, 1, (0, 1, 2, 512)),
    "spectral-shortest": Spectral(8, 2, (1, 4)),
    "changes": Changes(30, 3),
    "envelope": Envelope(256, 3, log_bands(256, 12)),
    "envelope-longest": Envelope(1024, 1, (0, 1, 512)),
    "log_mel": LogMel(2000, 1, mel_edges(256, 16000, 20), 256, 160, floor=18),
    "log_mel-longest": LogMel(4096, 1, mel_edges(1024, 16000, 64), 1024, 1024),
    "log_mel-gap": LogMel(500, 1, (0, 1, 2, 4), 8, 50),
    "log_mel-shortest": LogMel(8, 1, (1, 2, 4), 8, 1),
    "mfcc": Mfcc(2000, 1, mel_edges(512, 16000, 40), 512, 320, 13),
    "mfcc-single": Mfcc(700, 1, (0, 3, 128), 256, 100, 1),
}


def signals(front_end: FrontEnd, seed: int) -> np.ndarray:
    """Noise of several strengths, and the signals that reach every limit."""
    rng = np.random.default_rng(seed)
    shape = (front_end.window, front_end.channels)
    time = np.arange(front_end.window)[:, None]
    extremes = [
        np.full(shape, -32768),
        np.full(shape, 32767),
        np.zeros(shape),
        np.where((time + np.arange(shape[1])) % 2, 32767, -32768),
        np.where(time % 8 < 4, 32767, -32768) * np.ones(shape),
        np.where(time == 0, 32767, 0) * np.ones(shape),
    ]
    noise = [rng.normal(0, strength, shape) for strength in (1, 30, 1000, 20000)]
    return np.clip(np.round(np.stack(extremes + noise)), -32768, 32767).astype(np.int16)


# Buffers on the heap, of the very size that the front end declares: the address sanitizer sees
# every step beyond them.
MAIN = r"""
#include <stdio.h>
#include <stdlib.h>
int main(void) {
    const size_t count = (size_t)front_end.window * front_end.channels;
    int16_t *samples = malloc(count * sizeof *samples);
    int8_t *features = malloc(front_end.feature_count);
    void *scratch = front_end.scratch_bytes ? malloc(front_end.scratch_bytes) : NULL;
    while (fread(samples, sizeof *samples, count, stdin) == count) {
        front_end.run(&front_end, samples, features, scratch);
        fwrite(features, 1, front_end.feature_count, stdout);
    }
    free(samples);
    free(features);
    free(scratch);
    return 0;
}
"""
FLAGS = ["-std=c11", "-Wall", "-Wextra", "-Werror", "-O1", "-fno-sanitize-recover=all"]


@functools.cache
def firmware(*options: str) -> list[str]:
    """Where the headers are, and a library of all front ends, compiled once with these options."""
    place = Path(tempfile.mkdtemp(dir=os.environ[nodes.IMAGES]))
    include = f"-I{folder('firmware') / 'include'}"
    sources = sorted((folder("firmware") / "features").glob("*.c"))
    compiler = [require_native(), *FLAGS, *options, include, "-c", *map(str, sources)]
    subprocess.run(compiler, check=True, cwd=place)
    objects = [str(place / f"{source.stem}.o") for source in sources]
    subprocess.run(["ar", "rcs", str(place / "library.a"), *objects], check=True)
    return [include, str(place / "library.a")]


def compile_shared(source: Path, library: Path) -> None:
    """A shared library under the undefined-behaviour sanitizer."""
    options = ("-fPIC", "-fsanitize=undefined")
    compiler = [require_native(), *FLAGS, *options, "-shared", str(source), *firmware(*options)]
    subprocess.run([*compiler, "-o", str(library)], check=True)


@pytest.mark.parametrize("long_multiply", [1, 0])
@pytest.mark.parametrize("name", FRONT_ENDS)
def test_c_stays_within_its_buffers(name, long_multiply, tmp_path):
    front_end = FRONT_ENDS[name]
    windows = signals(front_end, 11)
    fitted = front_end.fit(windows).quantized(0.05, 3)
    source, program = tmp_path / "case.c", tmp_path / "case"
    source.write_text('#include "tml/features.h"\n' + c_source(fitted, "front_end") + MAIN)
    options = ("-fsanitize=address,undefined", f"-DTML_HAS_LONG_MULTIPLY={long_multiply}")
    compiler = [require_native(), *FLAGS, *options, source, *firmware(*options)]
    subprocess.run([*compiler, "-o", program], check=True)
    run = subprocess.run([program], input=windows.tobytes(), capture_output=True, check=True)
    assert run.stdout == fitted.transform(windows).tobytes()


@pytest.fixture(scope="module", params=FRONT_ENDS, ids=str)
def compiled(request, tmp_path_factory):
    """A fitted front end and its C function, under the undefined-behaviour sanitizer."""
    front_end = FRONT_ENDS[request.param]
    fitted = front_end.fit(signals(front_end, 7)).quantized(0.031, -5)
    place: Path = tmp_path_factory.mktemp("front_end")
    source = place / "case.c"
    source.write_text(
        '#include "tml/features.h"\n#include <stddef.h>\n'
        + c_source(fitted, "front_end")
        + "void run(const int16_t *samples, int8_t *features, void *scratch);\n"
        "void run(const int16_t *samples, int8_t *features, void *scratch) {\n"
        "    front_end.run(&front_end, samples, features, scratch);\n}\n"
    )
    library = place / "case.so"
    compile_shared(source, library)
    return fitted, ctypes.CDLL(str(library))


def run_c(front_end: FrontEnd, library: ctypes.CDLL, window: np.ndarray) -> np.ndarray:
    features = np.zeros(front_end.output_shape, np.int8)
    scratch = np.zeros(front_end.scratch_bytes, np.int8)
    window = np.ascontiguousarray(window)
    library.run(
        window.ctypes.data_as(ctypes.c_void_p),
        features.ctypes.data_as(ctypes.c_void_p),
        scratch.ctypes.data_as(ctypes.c_void_p),
    )
    return features


def assert_same(front_end: FrontEnd, library: ctypes.CDLL, windows: np.ndarray) -> None:
    wanted = front_end.transform(windows)
    for window, expected in zip(windows, wanted, strict=True):
        np.testing.assert_array_equal(run_c(front_end, library, window), expected)


def test_c_equals_python_on_extremes(compiled):
    front_end, library = compiled
    assert_same(front_end, library, signals(front_end, 1))


@settings(
    max_examples=30,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(seed=st.integers(0, 2**32 - 1), strength=st.integers(0, 16))
def test_c_equals_python_on_noise(compiled, seed, strength):
    front_end, library = compiled
    rng = np.random.default_rng(seed)
    shape = (1, front_end.window, front_end.channels)
    wide = rng.integers(-(2**strength), 2**strength, shape, endpoint=True)
    assert_same(front_end, library, np.clip(wide, -32768, 32767).astype(np.int16))


def test_a_tone_fills_its_band():
    front_end = Spectral(256, 1, (1, 8, 16, 32, 64, 128))
    time = np.arange(256)
    for band, bin_number in enumerate((4, 12, 20, 50, 100)):
        tone = np.round(8000 * np.sin(2 * np.pi * bin_number * time / 256)).astype(np.int16)
        energies = front_end.measure(tone[None, :, None])[0]
        assert int(np.argmax(energies)) == band
        exact = np.log2(np.sum(np.abs(np.fft.rfft(tone * np.hanning(257)[:256])) ** 2) + 1) * 256
        assert abs(energies[band] - exact) < 6


def test_standardised_and_transform_agree_within_half_a_step():
    front_end = Statistics(64, 3)
    windows = signals(front_end, 3)
    fitted = front_end.fit(windows)
    scale, zero_point = 0.05, 3
    real = fitted.standardised(windows)
    elements = fitted.quantized(scale, zero_point).transform(windows).astype(float)
    inside = np.abs(elements - zero_point) < 120
    error = np.abs(real - (elements - zero_point) * scale)[inside]
    assert error.max() < 0.51 * scale + 1e-3


@pytest.mark.parametrize("name", ["spectral", "log"])
def test_settings_survive_json(name):
    fitted = FRONT_ENDS[name].fit(signals(FRONT_ENDS[name], 2))
    assert FrontEnd.from_dict(fitted.to_dict()) == fitted


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"kind": "wavelet"}, "choose changes, envelope"),
        ({"window": 0}, "windows of 1 to"),
        ({"window": 100}, "power of two"),
        ({"channels": 0}, "1 to 64 channels"),
        ({"bands": [4, 2]}, "must rise"),
        ({"bands": [0, 999]}, "at most 128 bins"),
        ({"offsets": [1]}, "scalings"),
        ({"bands": None}, "the front end lacks 'bands'"),
        ({"bands": [1, "8"]}, "'bands' is damaged"),
        ({"window": True}, "'window' is damaged"),
        ({"kind": "log_mel", "channels": 1}, "at least 8, not 0"),
        ({"kind": "log_mel", "frame": 64, "hop": 16, "bands": [1, 2, 4]}, "takes 1 channel, not 2"),
        (
            {"kind": "log_mel", "channels": 1, "frame": 64, "hop": 16, "bands": [1, 2, 99]},
            "32 bins",
        ),
        ({"kind": "log_mel", "channels": 1, "frame": 512, "hop": 9, "bands": [1, 2, 3]}, "within"),
        (
            {"kind": "mfcc", "channels": 1, "frame": 64, "hop": 16, "bands": [1, 2, 3, 4, 5]},
            "give 1 to 3 coefficients, not 0",
        ),
        ({"kind": "log"}, "in rising order"),
        ({"kind": "log", "log_channels": [1, 0]}, "in rising order"),
        ({"kind": "log", "log_channels": [2]}, "no channel with index 2"),
        ({"kind": "log", "log_channels": [0], "floor": 15}, "from 0 to 14"),
        ({"kind": "log", "log_channels": [0], "log_ratios": [[0, 1]]}, r"not \[0, 1\]"),
        ({"kind": "log", "log_channels": [0, 1], "log_ratios": [[1, 1]]}, r"not \[1, 1\]"),
        ({"kind": "log", "log_channels": [0, 1], "log_ratios": [[0]]}, "damaged"),
        (
            {"kind": "log", "log_channels": [0, 1], "log_ratios": [[0, 1]] * 65},
            "at most 64 ratios, not 65",
        ),
    ],
)
def test_senseless_settings_are_refused_in_a_sentence(changes, words):
    good = Spectral(256, 2, (1, 8, 64)).to_dict()
    with pytest.raises(FeatureError, match=words):
        FrontEnd.from_dict({**good, **changes})


# -- sounds: frame by frame

STREAM_MAIN = r"""
#include "tml/stream.h"
static int16_t samples[1024];
static int8_t features[front_end_features];
static uint64_t scratch[2048];
int run(const int16_t *sound, uint32_t chunk, uint32_t count, uint32_t dropped, int8_t *found);
int run(const int16_t *sound, uint32_t chunk, uint32_t count, uint32_t dropped, int8_t *found) {
    tml_stream_t stream = {&front_end, samples, features, scratch, front_end.hop, 0, 0};
    tml_stream_reset(&stream);
    for (uint32_t done = 0; done < count; done += chunk) {
        if (tml_stream_ready(&stream) && dropped > 0) {
            tml_stream_drop(&stream, dropped);
        }
        tml_stream_push(&stream, sound + done, count - done < chunk ? count - done : chunk);
    }
    for (int i = 0; i < front_end_features; i++) {
        found[i] = features[i];
    }
    return tml_stream_ready(&stream);
}
"""


@pytest.mark.parametrize("name", ["log_mel", "log_mel-gap", "log_mel-shortest", "mfcc"])
def test_a_stream_gives_the_features_of_its_last_window(name, tmp_path):
    front_end = FRONT_ENDS[name]
    fitted = front_end.fit(signals(front_end, 5)).quantized(0.04, 2)
    source, library = tmp_path / "case.c", tmp_path / "case.so"
    source.write_text(
        '#include "tml/features.h"\n#include <stddef.h>\n'
        + c_source(fitted, "front_end")
        + STREAM_MAIN.replace("front_end_features", str(fitted.feature_count))
    )
    compile_shared(source, library)
    stream = ctypes.CDLL(str(library))
    rng = np.random.default_rng(3)
    frames = fitted.output_shape[0]
    for chunk, dropped in (
        (1, 0), (7, 0), (fitted.hop, 0), (fitted.window, 0), (3 * fitted.window, 0),
        (1, 1), (1, frames), (fitted.hop, max(frames // 2, 1)),
    ):  # fmt: skip
        # The window that ends with the newest whole frame; of those that are taken the second.
        skipped = dropped or int(rng.integers(0, 5))
        count = (skipped + frames - 1) * fitted.hop + fitted.frame
        sound = rng.integers(-20000, 20000, count).astype(np.int16)
        found = np.zeros(fitted.output_shape, np.int8)
        ready = stream.run(
            sound.ctypes.data_as(ctypes.c_void_p),
            ctypes.c_uint32(chunk),
            ctypes.c_uint32(count),
            ctypes.c_uint32(dropped),
            found.ctypes.data_as(ctypes.c_void_p),
        )
        first = skipped * fitted.hop
        window = np.zeros((1, fitted.window, 1), np.int16)
        window[0, : count - first, 0] = sound[first : first + fitted.window]
        assert ready
        np.testing.assert_array_equal(found, fitted.transform(window)[0])


def test_a_window_of_sound_is_measured_once():
    asked = []

    def measure(samples):
        asked.append(len(samples))
        return samples.reshape(len(samples), -1).astype(np.int64)

    windows = np.arange(5 * 8, dtype=np.int16).reshape(5, 8, 1)
    for chosen in ([0, 1], [1, 2, 2, 0], [2, 1]):
        found = measured_once("once", windows[chosen], measure)
        np.testing.assert_array_equal(found, windows[chosen].reshape(-1, 8))
    measured_once("other settings", windows[:1], measure)
    assert asked == [2, 1, 1]


def test_a_tone_fills_its_mel_band():
    edges = mel_edges(512, 16000, 40)
    front_end = LogMel(512, 1, edges, 512, 512)
    for band in (5, 15, 25, 39):
        tone = np.round(9000 * np.sin(2 * np.pi * edges[band + 1] * np.arange(512) / 512))
        energies = front_end.measure(tone.astype(np.int16)[None, :, None])[0]
        assert int(np.argmax(energies)) == band


def test_cosine_coefficients_are_those_of_scipy_s_definition():
    front_end = FRONT_ENDS["mfcc"]
    windows = signals(front_end, 9)
    logs = front_end.log_energies(windows)
    angle = np.pi / 40 * np.outer(np.arange(13), np.arange(40) + 0.5)
    exact = np.sqrt(2 / 40) * logs @ np.cos(angle).T
    found = front_end.measure(windows).reshape(exact.shape)
    assert np.abs(found - exact).max() < 0.51 + 40 * 16384 * 2**-15
