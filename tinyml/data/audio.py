"""Sound files as 16-bit samples at the rate that a data set wants."""

from __future__ import annotations

import math
import wave
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from tinyml.errors import DataError
from tinyml.install import extra_command

Sound = npt.NDArray[np.int16]

_ZERO_CROSSINGS: Final = 16  # of the filter's sinc, on each side
_KAISER_BETA: Final = 7.0  # stop band below -70 dB
_PASS_BAND: Final = 0.92  # of the lower Nyquist frequency
_COEFFICIENT_BITS: Final = 15


def read_sound(path: Path, channel: int | None = 0) -> tuple[Sound, int]:
    """One channel's samples and their rate in Hz; those of 8, 24 or 32 bits become 16.

    WAV files of plain samples need nothing; others need soundfile, of the extra ``train``.
    Raises DataError where the file cannot be read, is cut short or lacks the channel, or where it
    has several and ``channel`` (from 0) is None.
    """
    sound, rate_hz = _plain(path) if path.suffix.lower() == ".wav" else _decoded(path)
    channels = sound.shape[1]
    if channel is None and channels > 1:
        raise DataError(f"{path} has {channels} channels; choose one, counted from 1")
    if (channel or 0) >= channels:
        raise DataError(f"{path} has {channels} channels; there is no channel {(channel or 0) + 1}")
    return np.ascontiguousarray(sound[:, channel or 0]), rate_hz


def _plain(path: Path) -> tuple[Sound, int]:
    try:
        with wave.open(str(path)) as file:
            width, channels, count = file.getsampwidth(), file.getnchannels(), file.getnframes()
            content = file.readframes(count)
            rate_hz = file.getframerate()
    except wave.Error as error:
        if "unknown format" in str(error):
            return _decoded(path)
        raise DataError(f"{path} is not a WAV file ({error})") from error
    except EOFError as error:
        raise DataError(f"{path} is not a whole WAV file: it ends in its header") from error
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}") from error
    if len(content) < count * channels * width:
        raise DataError(
            f"{path} is cut short: its header says {count:,} samples, but "
            f"{len(content) // (channels * width):,} are there; copy or record it again"
        )
    return _sixteen_bits(content, width).reshape(-1, channels), rate_hz


def _sixteen_bits(content: bytes, width: int) -> Sound:
    """Samples of ``width`` bytes as 16 bits, rounded."""
    if width == 2:
        return np.frombuffer(content, "<i2").astype(np.int16)
    if width == 1:
        # The only width whose samples have no sign.
        return ((np.frombuffer(content, np.uint8).astype(np.int16) - 128) << 8).astype(np.int16)
    octets = np.frombuffer(content, np.uint8).reshape(-1, width).astype(np.int64)
    whole = sum(octets[:, i] << (8 * i) for i in range(width))
    whole = np.where(octets[:, -1] >= 128, whole - (1 << (8 * width)), whole)
    lost = 8 * (width - 2)
    rounded: Sound = np.clip((whole + (1 << (lost - 1))) >> lost, -32768, 32767).astype(np.int16)
    return rounded


def _decoded(path: Path) -> tuple[Sound, int]:
    try:
        import soundfile  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise DataError(
            f"{path.name} is compressed and needs a decoder; type: {extra_command('train')}"
        ) from error
    try:
        samples, rate = soundfile.read(path, dtype="int16", always_2d=True)
    except (soundfile.LibsndfileError, OSError) as error:
        raise DataError(f"{path} cannot be decoded: {error}") from error
    return samples, int(rate)


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
