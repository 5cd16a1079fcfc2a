"""A front end: how a window of samples becomes the model's int8 input."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from tinyml.errors import FeatureError
from tinyml.features import audio, measure
from tinyml.features.measure import Int64, Samples
from tinyml.features.memory import measured_once

_PLAIN: Final[dict[str, Callable[[Samples], Int64]]] = {
    "raw": measure.raw,
    "statistics": measure.statistics,
    "trend": measure.trend,
    "changes": measure.changes,
}
_BANDED: Final[dict[str, Callable[[Samples, tuple[int, ...]], Int64]]] = {
    "spectral": measure.spectral,
    "envelope": measure.envelope,
}
LOG: Final = "log"  # the samples, of chosen channels their logarithms
SOUND: Final = ("log_mel", "mfcc")  # frame by frame
KINDS: Final = (*_PLAIN, LOG, *_BANDED, *SOUND)
_SAMPLES: Final = ("raw", LOG)  # those that keep every sample
MAX_WINDOW: Final = {
    **dict.fromkeys(KINDS, 4096),
    **dict.fromkeys(_BANDED, 1024),
    **dict.fromkeys(SOUND, 1 << 20),
}
MAX_FRAME: Final = 1024
MAX_SAMPLE_FLOOR: Final = 14  # of log: beyond it, a sample of 16 bits hardly moves the logarithm
MAX_RATIOS: Final = 64  # of log
SHIFT: Final = 24  # of the multipliers


@dataclass(frozen=True)
class FrontEnd:
    """Settings; immutable.

    A feature f becomes ``clamp(((f - offset) * multiplier + 2^23) >> 24) + zero_point``, clamped to
    int8. ``offsets`` and ``multipliers`` have one element a feature (raw, log: one a feature of one
    time), and are empty until :meth:`fit`. Those of sounds have one a band or coefficient.
    """

    kind: str  # one of KINDS
    window: int  # samples
    channels: int
    bands: tuple[int, ...] = ()  # edges in bins of the transform; of sounds the triangles' corners
    frame: int = 0  # sounds: samples of one transform, a power of two
    hop: int = 0  # sounds: samples from one frame to the next
    coefficients: int = 0  # mfcc: how many
    floor: int = 0  # sounds, log: 2^floor is added to each band's energy, to each sample
    log_channels: tuple[int, ...] = ()  # log: indices of the channels whose logarithm is taken
    # log: pairs of those; after the channels comes the logarithm of the first by the second.
    log_ratios: tuple[tuple[int, int], ...] = ()
    offsets: tuple[int, ...] = ()
    multipliers: tuple[int, ...] = ()
    zero_point: int = 0

    def __post_init__(self) -> None:
        _check(self)

    @property
    def output_shape(self) -> tuple[int, ...]:
        """Shape of one window's features."""
        if self.kind in _SAMPLES:
            return (self.window, self._scaling_count)
        if self.kind == "statistics":
            return (self.channels * len(measure.STATISTICS),)
        if self.kind == "trend":
            return (self.channels * (1 + len(measure.lags(self.window))),)
        if self.kind == "changes":
            return (self.channels * len(measure.lags(self.window)),)
        if self.kind in SOUND:
            frames = audio.frame_count(self.window, self.frame, self.hop)
            return (frames, self._scaling_count)
        return (self.band_count, self.channels)

    @property
    def _scaling_count(self) -> int:
        """How many features have an offset and a multiplier of their own."""
        if self.kind in _SAMPLES:
            return self.channels + len(self.log_ratios)
        if self.kind == "log_mel":
            return self.band_count
        return self.coefficients if self.kind == "mfcc" else self.feature_count

    @property
    def transform_samples(self) -> int:
        """Samples of one Fourier transform; 0 where there is none."""
        return self.frame or (self.window if self.bands else 0)

    @property
    def band_count(self) -> int:
        """Bands of one transform; 0 where there is none."""
        return max(len(self.bands) - (2 if self.kind in SOUND else 1), 0)

    @property
    def feature_count(self) -> int:
        """Number of features of one window."""
        return math.prod(self.output_shape)

    def measure(self, samples: Samples) -> Int64:
        """Features before scaling, ``[n][feature_count]``, of int16 ``[n][window][channels]``."""
        samples = np.asarray(samples)
        if samples.dtype != np.int16 or samples.shape[1:] != (self.window, self.channels):
            raise FeatureError(
                f"the front end takes int16 windows of [{self.window}][{self.channels}], but got "
                f"{samples.dtype} {list(samples.shape[1:])}"
            )
        if self.kind in SOUND:
            unscaled = replace(self, offsets=(), multipliers=(), zero_point=0)
            return measured_once(unscaled, samples, self._measure_sound)
        if self.kind == LOG:
            return measure.logarithms(samples, self.log_channels, self.floor, self.log_ratios)
        if self.kind in _BANDED:
            return _BANDED[self.kind](samples, self.bands)
        return _PLAIN[self.kind](samples)

    def _measure_sound(self, samples: Samples) -> Int64:
        if self.kind == "mfcc":
            return audio.mfcc(
                samples, self.frame, self.hop, self.bands, self.coefficients, self.floor
            )
        return audio.log_mel(samples, self.frame, self.hop, self.bands, self.floor)

    def standardised(self, samples: Samples) -> npt.NDArray[np.float32]:
        """Features as a float model sees them, before quantisation: about -4 .. 4.

        The integer scaling with a step of 1; :meth:`quantized` then chooses the step.
        """
        return self.standardised_measured(self.measure(samples))

    def standardised_measured(self, features: Int64) -> npt.NDArray[np.float32]:
        """As :meth:`standardised`, from what :meth:`measure` gave."""
        self._require_fit()
        centred = features.reshape(len(features), -1) - self._per_feature(self.offsets)
        scaled = centred * self._per_feature(self.multipliers) / (1 << SHIFT)
        return scaled.reshape(-1, *self.output_shape).astype(np.float32)

    def transform(self, samples: Samples) -> npt.NDArray[np.int8]:
        """int8 ``[n][*output_shape]`` from int16 ``[n][window][channels]``."""
        self._require_fit()
        centred = self.measure(samples) - self._per_feature(self.offsets)
        scaled = centred * self._per_feature(self.multipliers) + (1 << (SHIFT - 1))
        result = np.clip((scaled >> SHIFT) + self.zero_point, -128, 127)
        elements: npt.NDArray[np.int8] = result.reshape(-1, *self.output_shape).astype(np.int8)
        return elements

    def fit(self, samples: Samples) -> FrontEnd:
        """With offsets and multipliers such that each feature has mean 0 and deviation 1."""
        return self.fit_measured(self.measure(samples))

    def fit_measured(self, features: Int64) -> FrontEnd:
        """As :meth:`fit`, from what :meth:`measure` gave."""
        features = features.reshape(-1, self._scaling_count)
        deviations = np.maximum(features.std(axis=0), 1.0)
        return replace(
            self,
            offsets=tuple(int(value) for value in np.round(features.mean(axis=0))),
            multipliers=tuple(int(value) for value in np.round((1 << SHIFT) / deviations)),
            zero_point=0,
        )

    def quantized(self, scale: float, zero_point: int) -> FrontEnd:
        """For a model whose input is quantised by ``scale`` and ``zero_point``."""
        self._require_fit()
        multipliers = tuple(
            min(max(round(multiplier / scale), 1), 2**31 - 1) for multiplier in self.multipliers
        )
        return replace(self, multipliers=multipliers, zero_point=zero_point)

    def to_dict(self) -> dict[str, Any]:
        """As JSON takes it; the inverse of :meth:`from_dict`."""
        return {
            "kind": self.kind,
            "window": self.window,
            "channels": self.channels,
            "bands": list(self.bands),
            "frame": self.frame,
            "hop": self.hop,
            "coefficients": self.coefficients,
            "floor": self.floor,
            "offsets": list(self.offsets),
            "multipliers": list(self.multipliers),
            "zero_point": self.zero_point,
            # Only where there are any: what is kept of other kinds stays the same, byte for byte.
            **({"log_channels": list(self.log_channels)} if self.log_channels else {}),
            **({"log_ratios": [list(pair) for pair in self.log_ratios]} if self.log_ratios else {}),
        }

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> FrontEnd:
        """Check and build; FeatureError where it is not what :meth:`to_dict` makes."""
        try:
            return cls(
                kind=str(value["kind"]),
                window=int(value["window"]),
                channels=int(value["channels"]),
                bands=tuple(int(edge) for edge in value["bands"]),
                # Models trained before there were any lack these.
                frame=int(value.get("frame", 0)),
                hop=int(value.get("hop", 0)),
                coefficients=int(value.get("coefficients", 0)),
                floor=int(value.get("floor", 0)),
                log_channels=tuple(int(index) for index in value.get("log_channels", ())),
                log_ratios=tuple(
                    (int(above), int(below)) for above, below in value.get("log_ratios", ())
                ),
                offsets=tuple(int(number) for number in value["offsets"]),
                multipliers=tuple(int(number) for number in value["multipliers"]),
                zero_point=int(value["zero_point"]),
            )
        except (KeyError, TypeError, ValueError, ArithmeticError) as error:
            raise FeatureError(f"front-end settings are damaged: {error}") from error

    def _per_feature(self, values: tuple[int, ...]) -> Int64:
        array = np.array(values, np.int64)
        return np.tile(array, self.feature_count // self._scaling_count)

    def _require_fit(self) -> None:
        if not self.offsets:
            raise FeatureError("the front end has no scaling yet; fit it to training data first")


def _check(front_end: FrontEnd) -> None:
    """Raise FeatureError for settings that make no sense."""
    kind, window = front_end.kind, front_end.window
    if kind not in KINDS:
        raise FeatureError(f"front end '{kind}' is not known; choose {', '.join(KINDS)}")
    if not 1 <= window <= MAX_WINDOW[kind]:
        raise FeatureError(
            f"a {kind} front end takes windows of 1 to {MAX_WINDOW[kind]} samples, not {window}"
        )
    if not 1 <= front_end.channels <= 64:
        raise FeatureError(f"a front end takes 1 to 64 channels, not {front_end.channels}")
    if kind in _BANDED:
        _check_transform(kind, window, front_end.bands, 2)
    if kind in SOUND:
        _check_sound(front_end)
    if kind == LOG:
        _check_log(front_end)
    wanted = front_end._scaling_count
    fitted = (len(front_end.offsets), len(front_end.multipliers))
    if fitted not in ((0, 0), (wanted, wanted)):
        raise FeatureError(f"a front end of {wanted} features has scalings for {fitted}")
    if any(not 0 < multiplier < 2**31 for multiplier in front_end.multipliers):
        raise FeatureError("a front end's multiplier is not within 1 .. 2^31 - 1")
    if any(abs(offset) >= 2**30 for offset in front_end.offsets):
        raise FeatureError("a front end's offset does not fit 31 bits")
    if not -128 <= front_end.zero_point <= 127:
        raise FeatureError("a front end's zero point does not fit int8")


def _check_transform(kind: str, samples: int, edges: tuple[int, ...], fewest: int) -> None:
    if samples < 8 or samples & (samples - 1):
        raise FeatureError(f"a {kind} front end takes a power of two from 8 samples, not {samples}")
    rising = all(low < high for low, high in pairwise(edges))
    if len(edges) < fewest or not rising or edges[0] < 0 or edges[-1] > samples // 2:
        raise FeatureError(
            f"band edges must rise from 0 to at most {samples // 2} bins, not {list(edges)}"
        )


def _check_sound(front_end: FrontEnd) -> None:
    kind, frame, hop = front_end.kind, front_end.frame, front_end.hop
    _check_transform(kind, frame, front_end.bands, 3)
    if frame > MAX_FRAME or frame > front_end.window or not 1 <= hop <= front_end.window:
        raise FeatureError(
            f"a {kind} front end takes frames of up to {MAX_FRAME} samples and hops of at least 1, "
            f"both within the window of {front_end.window}, not {frame} and {hop}"
        )
    if not 0 <= front_end.floor <= 40:
        raise FeatureError(f"a {kind} front end's floor is from 0 to 40, not {front_end.floor}")
    if front_end.channels != 1:
        raise FeatureError(f"a {kind} front end takes 1 channel, not {front_end.channels}")
    bands = front_end.band_count
    if kind == "mfcc" and not 1 <= front_end.coefficients <= bands:
        raise FeatureError(
            f"{bands} mel bands give 1 to {bands} coefficients, not {front_end.coefficients}"
        )


def _check_log(front_end: FrontEnd) -> None:
    chosen = front_end.log_channels
    if not chosen or list(chosen) != sorted(set(chosen)) or not 0 <= chosen[0] <= chosen[-1]:
        raise FeatureError(f"a log front end takes rising indices of channels, not {list(chosen)}")
    if chosen[-1] >= front_end.channels:
        raise FeatureError(
            f"a log front end of {front_end.channels} channels has none of index {chosen[-1]}"
        )
    for pair in front_end.log_ratios:
        if pair[0] == pair[1] or not set(pair) <= set(chosen):
            raise FeatureError(
                f"a log front end divides channels whose logarithm it takes, not {list(pair)}"
            )
    if len(front_end.log_ratios) > MAX_RATIOS:
        raise FeatureError(
            f"a log front end has at most {MAX_RATIOS} ratios, not {len(front_end.log_ratios)}"
        )
    if not 0 <= front_end.floor <= MAX_SAMPLE_FLOOR:
        raise FeatureError(
            f"a log front end's floor is from 0 to {MAX_SAMPLE_FLOOR}, not {front_end.floor}"
        )
