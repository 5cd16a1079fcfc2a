"""Sound files as 16-bit samples at the rate that a data set wants."""

from __future__ import annotations

import math
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from tinyml.data.wav import Heard, Sound, of_floats, read_wav
from tinyml.errors import DataError
from tinyml.install import extra_command

PLAIN: Final = (".wav", ".wave", ".rf64", ".bwf")
COMPRESSED: Final = (
    ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aif", ".aiff", ".aifc", ".au", ".caf", ".w64",
)  # fmt: skip
_LOSSY: Final = ("VORBIS", "OPUS")
_LOSSY_SCALE: Final = 32767
_ZERO_CROSSINGS: Final = 16  # of the filter's sinc, on each side
_KAISER_BETA: Final = 7.0  # stop band below -70 dB
_PASS_BAND: Final = 0.92  # of the lower Nyquist frequency
_COEFFICIENT_BITS: Final = 15


def read_sound(path: Path, channel: int | None = 0, *, wraps: bool = False) -> tuple[Sound, int]:
    """One channel's samples and their rate in Hz, as :func:`hear` gives them.

    ``wraps`` takes what is louder than full scale from the decoder as it is, with the wrong sign:
    for a data set whose models were trained so.
    """
    heard = _decoded(path, wraps=True) if wraps else hear(path)
    return one_channel(path, heard, channel), heard.rate_hz


def hear(path: Path, *, full_scale: float = 1.0, keep_cut: bool = False) -> Heard:
    """All channels of a sound file; samples of any width, and floats, become 16 bits.

    WAV files of plain samples need nothing; others need soundfile, of the extra ``train``.
    Raises DataError where the file cannot be read, or is cut short. The options are those of
    :func:`tinyml.data.wav.read_wav`.
    """
    heard = None
    if path.suffix.lower() in PLAIN:
        heard = read_wav(path, full_scale=full_scale, keep_cut=keep_cut)
    return heard or _decoded(path)


def one_channel(path: Path, heard: Heard, channel: int | None) -> Sound:
    """One channel of a sound.

    Raises DataError where it lacks the channel, or has several and ``channel`` (from 0) is None.
    """
    channels = heard.samples.shape[1]
    if channel is None and channels > 1:
        raise DataError(f"{path} has {channels} channels; choose one, counted from 1")
    if (channel or 0) >= channels:
        raise DataError(f"{path} has {channels} channels; there is no channel {(channel or 0) + 1}")
    return np.ascontiguousarray(heard.samples[:, channel or 0])


def _decoded(path: Path, *, wraps: bool = False) -> Heard:
    try:
        import soundfile  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise DataError(
            f"{path.name} is compressed and needs a decoder; to install it, type: "
            f"{extra_command('train')}"
        ) from error
    try:
        with soundfile.SoundFile(path) as file:
            rate_hz, lossy = int(file.samplerate), file.subtype in _LOSSY
            dtype = "int16" if wraps else "float32" if lossy else "float64"
            samples = file.read(dtype=dtype, always_2d=True)
    except (soundfile.SoundFileError, OSError) as error:
        raise DataError(f"{path} cannot be decoded: {error}") from error
    if wraps:
        return Heard(samples, rate_hz)
    if lossy:
        # libsndfile's own scale for these; its 16-bit samples would wrap where they are too loud.
        scaled = np.rint(samples * np.float32(_LOSSY_SCALE))
        return Heard(np.clip(scaled, -32768, 32767).astype(np.int16), rate_hz)
    flat = of_floats(path, samples.reshape(-1))
    return Heard(flat.reshape(samples.shape), rate_hz)


def resample(samples: Sound, rate_hz: int, wanted_hz: int) -> Sound:
    """The same sound at another rate, ``[samples * wanted / rate]``, by a windowed sinc.

    Sums of products of integers in float64 are exact, so that every machine gives the same.
    """
    if rate_hz == wanted_hz:
        return samples
    factor = math.gcd(rate_hz, wanted_hz)
    up, down = wanted_hz // factor, rate_hz // factor
    phases = _filter(up, down)
    taps = phases.shape[1]
    count = len(samples) * up // down
    padded = np.concatenate([np.zeros(taps), samples.astype(np.float64), np.zeros(2 * taps)])
    positions = np.arange(count, dtype=np.int64) * down
    phase, base = positions % up, positions // up
    result = np.empty(count)
    for number in range(up):
        which = np.flatnonzero(phase == number)
        first = base[which] + taps // 2 + 1
        result[which] = padded[first[:, np.newaxis] + np.arange(taps)] @ phases[number]
    rounded = np.floor(result / (1 << _COEFFICIENT_BITS) + 0.5)
    resampled: Sound = np.clip(rounded, -32768, 32767).astype(np.int16)
    return resampled


@lru_cache(maxsize=4)
def _filter(up: int, down: int) -> npt.NDArray[np.float64]:
    """Whole-number coefficients in Q15, ``[phase][tap]``, each phase with a sum of one."""
    width = max(down / up, 1.0)
    taps = 2 * math.ceil(_ZERO_CROSSINGS * width)
    offsets = np.arange(taps)[np.newaxis] - (taps // 2 - 1) - np.arange(up)[:, np.newaxis] / up
    response = np.sinc(offsets * _PASS_BAND / width)
    inside = np.clip(1 - (offsets / (taps / 2)) ** 2, 0, None)
    response *= np.i0(_KAISER_BETA * np.sqrt(inside))
    scale = (1 << _COEFFICIENT_BITS) / response.sum(axis=1, keepdims=True)
    coefficients: npt.NDArray[np.float64] = np.round(response * scale)
    return coefficients
