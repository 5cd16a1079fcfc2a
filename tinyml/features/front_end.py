"""A front end: how a window of samples becomes the model's int8 input.

What all kinds share stands here; each kind is a class of its own in ``tinyml/features/kinds/``.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, ClassVar, Final, TypeVar

import numpy as np
import numpy.typing as npt

from tinyml.documents import Fields
from tinyml.errors import FeatureError
from tinyml.features import stored
from tinyml.features.arrays import CTable, Int64, Samples
from tinyml.features.memory import measured_once

SHIFT: Final = 24  # of the multipliers


@dataclass(frozen=True)
class Signal:
    """What a front end knows about the data that it will measure."""

    window: int  # samples
    channel_names: tuple[str, ...]
    sample_rate_hz: float


@dataclass(frozen=True)
class Key:
    """A key of tinyml.toml's [front_end] that a kind reads."""

    name: str
    text: str  # what it says, for docs
    default: str  # in words, for docs
    most_searched: int = 0  # the largest value that `tinyml search` may try; 0: it is not searched


@dataclass(frozen=True)
class FrontEnd(ABC):
    """Settings of one kind; immutable.

    A feature f becomes ``clamp(((f - offset) * multiplier + 2^23) >> 24) + zero_point``, clamped to
    int8. ``offsets`` and ``multipliers`` have ``scaling_count`` elements, and are empty until
    :meth:`fit`.

    A kind adds dataclass fields for its own parameters: whole numbers, texts, or tuples of them.
    """

    kind: ClassVar[str]  # its name in tinyml.toml and in the model's settings
    gives: ClassVar[str]  # what its features are, for docs
    keys: ClassVar[tuple[Key, ...]] = ()  # what :meth:`read` reads
    max_window: ClassVar[int] = 4096  # samples
    # Whether it is computed a frame at a time, as samples come; its output is then [frames][...],
    # as an image, and needs no window in RAM.
    in_frames: ClassVar[bool] = False
    logarithmic: ClassVar[bool] = False  # whether its features are log2 of energies, in 1/256
    c_file: ClassVar[str] = ""  # of firmware/features/, without ".c"; the kind's name if empty

    window: int  # samples
    channels: int
    offsets: tuple[int, ...] = field(default=(), kw_only=True)
    multipliers: tuple[int, ...] = field(default=(), kw_only=True)
    zero_point: int = field(default=0, kw_only=True)

    # -- what a kind says of itself

    @classmethod
    def read(cls, table: Fields, signal: Signal) -> dict[str, Any]:
        """Its own parameters, by name, from the keys of tinyml.toml's [front_end]."""
        return {}

    def check(self) -> None:  # noqa: B027 - a kind without parameters has nothing to check
        """Raise FeatureError where its own parameters make no sense."""

    @property
    @abstractmethod
    def output_shape(self) -> tuple[int, ...]:
        """Shape of one window's features."""

    @abstractmethod
    def measured(self, samples: Samples) -> Int64:
        """Features before scaling, ``[n][feature_count]``, of int16 ``[n][window][channels]``.

        Number for number what the C file computes.
        """

    @property
    def scaling_count(self) -> int:
        """How many features have an offset and a multiplier of their own.

        Fewer than ``feature_count`` where those repeat, from one time to the next.
        """
        return self.feature_count

    @property
    def scratch_bytes(self) -> int:
        """RAM that the C front end needs beside samples and features, in bytes."""
        return 0

    def c_tables(self) -> dict[str, CTable]:
        """Constant tables of its own: the field of tml_front_end_t, and what it points to."""
        return {}

    def c_fields(self) -> dict[str, str]:
        """Other fields of tml_front_end_t of its own, with their values in C."""
        return {}

    @property
    def c_function(self) -> str:
        """The C function that computes a window's features."""
        return f"tml_front_end_{self.kind}"

    def facts(self, channel_names: tuple[str, ...]) -> dict[str, object]:
        """Its own parameters in words, for model cards; empty ones and zeros are not shown."""
        return {}

    # -- what follows from it

    def __post_init__(self) -> None:
        if not 1 <= self.window <= self.max_window:
            raise FeatureError(
                f"a {self.kind} front end takes windows of 1 to {self.max_window} samples, "
                f"not {self.window}"
            )
        if not 1 <= self.channels <= 64:
            raise FeatureError(f"a front end takes 1 to 64 channels, not {self.channels}")
        self.check()
        _check_scaling(self)

    @property
    def feature_count(self) -> int:
        """Number of features of one window."""
        return math.prod(self.output_shape)

    @property
    def span_samples(self) -> int:
        """Samples that one result is computed from: a frame, or the window."""
        return self.window

    @property
    def hop_samples(self) -> int:
        """Samples from one result to the next where windows do not overlap."""
        return self.window

    @property
    def results_per_window(self) -> int:
        """Results that make one window's features: its frames, or 1."""
        return self.output_shape[0] if self.in_frames else 1

    @property
    def source_files(self) -> list[str]:
        """The paths under firmware/ of the C files that compute it."""
        file = f"features/{self.c_file or self.kind}.c"
        return [file, "features/stream.c"] if self.in_frames else [file]

    def measure(self, samples: Samples) -> Int64:
        """As :meth:`measured`; FeatureError where samples have another type or shape."""
        samples = np.asarray(samples)
        if samples.dtype != np.int16 or samples.shape[1:] != (self.window, self.channels):
            raise FeatureError(
                f"the front end takes int16 windows of [{self.window}][{self.channels}], but got "
                f"{samples.dtype} {list(samples.shape[1:])}"
            )
        if self.in_frames:
            unscaled = replace(self, offsets=(), multipliers=(), zero_point=0)
            return measured_once(unscaled, samples, self.measured)
        return self.measured(samples)

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
        features = features.reshape(-1, self.scaling_count)
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

    @classmethod
    def parameters(cls) -> list[str]:
        """Names of the dataclass fields that only this kind has."""
        shared = {shared.name for shared in fields(FrontEnd)}
        return [own.name for own in fields(cls) if own.name not in shared]

    def to_dict(self) -> dict[str, Any]:
        """As JSON takes it; the inverse of :meth:`from_dict`."""
        return stored.to_dict(self)

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> FrontEnd:
        """Check and build one of any kind; FeatureError where :meth:`to_dict` did not make it."""
        settings = Fields(value, "the front end", FeatureError)
        kind = kind_of(settings.text("kind"))
        return kind(**stored.values_of(kind, settings))

    def _per_feature(self, values: tuple[int, ...]) -> Int64:
        array = np.array(values, np.int64)
        return np.tile(array, self.feature_count // self.scaling_count)

    def _require_fit(self) -> None:
        if not self.offsets:
            raise FeatureError("the front end is not fitted yet; fit it to training data first")


KINDS: Final[dict[str, type[FrontEnd]]] = {}  # by name; the files of kinds/ fill it
_K = TypeVar("_K", bound=type[FrontEnd])


def register(kind: _K) -> _K:
    """Make a kind known by its name."""
    KINDS[kind.kind] = kind
    return kind


def kind_of(name: str) -> type[FrontEnd]:
    """The class of a kind; FeatureError for a name that is not known."""
    if name not in KINDS:
        raise FeatureError(f"'{name}' is not a front end; choose {', '.join(KINDS)}")
    return KINDS[name]


def from_table(table: Fields, signal: Signal) -> FrontEnd:
    """The front end that tinyml.toml's [front_end] describes, without scaling.

    Raises the table's own error for a wrong key or value, FeatureError where the settings do not
    suit the signal.
    """
    kind = KINDS[table.choice("kind", KINDS)]
    parameters = kind.read(table, signal)
    table.finish()
    return kind(signal.window, len(signal.channel_names), **parameters)


def _check_scaling(front_end: FrontEnd) -> None:
    wanted = front_end.scaling_count
    fitted = (len(front_end.offsets), len(front_end.multipliers))
    if fitted not in ((0, 0), (wanted, wanted)):
        raise FeatureError(
            f"the front end computes {wanted} features, but has scalings for {fitted}"
        )
    if any(not 0 < multiplier < 2**31 for multiplier in front_end.multipliers):
        raise FeatureError("a multiplier of the front end is not from 1 to 2^31 - 1")
    if any(abs(offset) >= 2**30 for offset in front_end.offsets):
        raise FeatureError("an offset of the front end does not fit in 31 bits")
    if not -128 <= front_end.zero_point <= 127:
        raise FeatureError("the front end's zero point does not fit in int8")
