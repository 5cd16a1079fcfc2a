"""A front end: how a window of samples becomes the model's int8 input."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from tinyml.errors import FeatureError
from tinyml.features import measure
from tinyml.features.measure import Int64, Samples

KINDS: Final = ("raw", "statistics", "trend", "spectral")
MAX_WINDOW: Final = {"raw": 4096, "statistics": 4096, "trend": 4096, "spectral": 1024}
SHIFT: Final = 24  # of the multipliers


@dataclass(frozen=True)
class FrontEnd:
    """Settings; immutable.

    A feature f becomes ``clamp(((f - offset) * multiplier + 2^23) >> 24) + zero_point``, clamped to
    int8. ``offsets`` and ``multipliers`` have one element a feature (raw: one a channel), and are
    empty until :meth:`fit`.
    """

    kind: str  # one of KINDS
    window: int  # samples
    channels: int
    bands: tuple[int, ...] = ()  # spectral: edges in bins of the transform
    offsets: tuple[int, ...] = ()
    multipliers: tuple[int, ...] = ()
    zero_point: int = 0

    def __post_init__(self) -> None:
        _check(self)

    @property
    def output_shape(self) -> tuple[int, ...]:
        """Shape of one window's features."""
        if self.kind == "raw":
            return (self.window, self.channels)
        if self.kind == "statistics":
            return (self.channels * len(measure.STATISTICS),)
        if self.kind == "trend":
            return (self.channels * (1 + len(measure.lags(self.window))),)
        return (len(self.bands) - 1, self.channels)

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
        if self.kind == "raw":
            return measure.raw(samples)
        if self.kind == "statistics":
            return measure.statistics(samples)
        if self.kind == "trend":
            return measure.trend(samples)
        return measure.spectral(samples, self.bands)

    def standardised(self, samples: Samples) -> npt.NDArray[np.float32]:
        """Features as a float model sees them, before quantisation: about -4 .. 4.

        The integer scaling with a step of 1; :meth:`quantized` then chooses the step.
        """
        self._require_fit()
        centred = self.measure(samples) - self._per_feature(self.offsets)
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
        features = self.measure(samples)
        if self.kind == "raw":
            features = features.reshape(-1, self.channels)
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
            "offsets": list(self.offsets),
            "multipliers": list(self.multipliers),
            "zero_point": self.zero_point,
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
                offsets=tuple(int(number) for number in value["offsets"]),
                multipliers=tuple(int(number) for number in value["multipliers"]),
                zero_point=int(value["zero_point"]),
            )
        except (KeyError, TypeError, ValueError, ArithmeticError) as error:
            raise FeatureError(f"front-end settings are damaged: {error}") from error

    def _per_feature(self, values: tuple[int, ...]) -> Int64:
        array = np.array(values, np.int64)
        return np.tile(array, self.window) if self.kind == "raw" else array

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
    if kind == "spectral":
        if window < 8 or window & (window - 1):
            raise FeatureError(
                f"a spectral front end takes a power of two from 8 samples, not {window}"
            )
        edges = front_end.bands
        rising = all(low < high for low, high in pairwise(edges))
        if len(edges) < 2 or not rising or edges[0] < 0 or edges[-1] > window // 2:
            raise FeatureError(
                f"band edges must rise from 0 to at most {window // 2} bins, not {list(edges)}"
            )
    wanted = front_end.channels if kind == "raw" else front_end.feature_count
    fitted = (len(front_end.offsets), len(front_end.multipliers))
    if fitted not in ((0, 0), (wanted, wanted)):
        raise FeatureError(f"a front end of {wanted} features has scalings for {fitted}")
    if any(not 0 < multiplier < 2**31 for multiplier in front_end.multipliers):
        raise FeatureError("a front end's multiplier is not within 1 .. 2^31 - 1")
    if any(abs(offset) >= 2**30 for offset in front_end.offsets):
        raise FeatureError("a front end's offset does not fit 31 bits")
    if not -128 <= front_end.zero_point <= 127:
        raise FeatureError("a front end's zero point does not fit int8")
