"""A data set in memory, whose parts cannot overlap."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from tinyml.data import leaks
from tinyml.data.catalogue import Entry
from tinyml.errors import DataError, LeakError

Samples = npt.NDArray[np.int16]
_BLOCK_ROWS: Final = 1 << 16


@dataclass(frozen=True)
class Series:
    """Consecutive samples of one recording; windows are cut inside it and never across two.

    Args:
        recording: what it is a piece of: a machine, a file, the common calendar of several sites.
            Parts of a data set may share a recording only in stretches that do not touch.
        group: what figures are reported by: a machine, a site, a file.
        first: position of the first sample in the recording.
        samples: int16 ``[samples][channels]``.
        targets: class index (integers) or value in the target's unit (floats), ``[samples]``.
    """

    recording: str
    group: str
    first: int
    samples: Samples
    targets: npt.NDArray[np.int64] | npt.NDArray[np.float64]


@dataclass(frozen=True)
class Part:
    """Windows of the training, validation or test data, with where each was cut from."""

    windows: Samples  # [n][window][channels]
    # [n]: index of a class, or a value in the target's unit
    targets: npt.NDArray[np.int64] | npt.NDArray[np.float64]
    groups: npt.NDArray[np.str_]  # [n]: machine, site, person or file
    recordings: npt.NDArray[np.str_]  # [n]
    spans: npt.NDArray[np.int64]  # [n][2]: first and last position in the recording

    def __len__(self) -> int:
        return len(self.windows)

    def spread(self, count: int | None) -> npt.NDArray[np.int64]:
        """Indices of ``count`` windows, spread evenly; of all where there are no more, or None."""
        count = len(self) if count is None else min(count, len(self))
        return np.linspace(0, len(self) - 1, count).astype(np.int64)

    def only(self, chosen: npt.NDArray[Any], targets: npt.NDArray[np.int64] | None = None) -> Part:
        """Some of the windows, by index or mask; perhaps with other ``targets`` ``[n]``."""
        part = self if targets is None else replace(self, targets=targets)
        return Part(*(getattr(part, each.name)[chosen] for each in fields(Part)))


@dataclass(frozen=True)
class Dataset:
    """Training, validation and test data that share no sample.

    Raises LeakError where two parts touch the same stretch of a recording, and ``leaks`` does not
    name that: such a split leaks.
    """

    entry: Entry
    training: Part
    validation: Part
    test: Part
    fold: int = field(default=0, kw_only=True)  # which one tests; 0 where there are none
    leaks: tuple[str, ...] = field(default=(), kw_only=True)  # that were asked for, in words
    missing: tuple[int, ...] = field(default=(), kw_only=True)  # samples of each channel, if known

    def __post_init__(self) -> None:
        for name, part in self.parts.items():
            if not len(part) and (self.entry.training or name == "test"):
                raise DataError(f"the {name} part of {self.entry.name} is empty")
        require_tight(self.entry.name, leaks.touching(self.parts), self.leaks)

    @property
    def parts(self) -> dict[str, Part]:
        """The three parts by their names."""
        return {"training": self.training, "validation": self.validation, "test": self.test}

    @property
    def sha256(self) -> str:
        """Hash of every sample and target in the order of the parts, 64 hex digits."""
        digest = hashlib.sha256()
        for part in (self.training, self.validation, self.test):
            digest.update(part.windows.astype("<i2").tobytes())
            digest.update(part.targets.astype("<f8").tobytes())
        return digest.hexdigest()


def require_tight(dataset: str, found: Sequence[str], known: Sequence[str]) -> None:
    """LeakError for ways to leak that are not ``known``."""
    new = [leak for leak in found if leak not in known]
    if new:
        more = f" (and {len(new) - 1} more)" if len(new) > 1 else ""
        raise LeakError(
            f"{dataset}: {new[0]}{more}: the split leaks, so the test figures would be "
            "too good; split by session, group or time (`tinyml data import --split`), "
            "or train with --force-leaky-split (the training record then says so)"
        )


def cut(series: Sequence[Series], window: int, stride: int, purity: float | None = None) -> Part:
    """Windows of ``window`` samples every ``stride``.

    The target is that of the last sample; or, where a ``purity`` is given, the commonest class of
    the window, which is left out unless that fraction of it is of this class.
    """
    pieces = [piece for piece in series if len(piece.samples) >= window]
    if not pieces:
        raise DataError(f"no recording has enough samples for one window of {window}")
    starts = [np.arange(0, len(piece.samples) - window + 1, stride) for piece in pieces]
    offsets = np.arange(window)
    windows = [
        piece.samples[start[:, np.newaxis] + offsets]
        for piece, start in zip(pieces, starts, strict=True)
    ]
    spans = [
        piece.first + np.stack([start, start + window - 1], axis=-1)
        for piece, start in zip(pieces, starts, strict=True)
    ]
    counts = [len(start) for start in starts]
    part = Part(
        windows=np.concatenate(windows),
        targets=np.concatenate(
            [p.targets[s + window - 1] for p, s in zip(pieces, starts, strict=True)]
        ),
        groups=np.repeat([piece.group for piece in pieces], counts),
        recordings=np.repeat([piece.recording for piece in pieces], counts),
        spans=np.concatenate(spans).astype(np.int64),
    )
    if purity is None:
        return part
    classes = np.concatenate(
        [p.targets[s[:, np.newaxis] + offsets] for p, s in zip(pieces, starts, strict=True)]
    )
    return _of_one_class(part, classes, purity)


def nothing(entry: Entry) -> Part:
    """A part without windows, of a data set that only tests."""
    empty = np.zeros(0, np.str_)
    return Part(
        windows=np.zeros((0, entry.window, len(entry.channels)), np.int16),
        targets=np.zeros(0, np.int64),
        groups=empty,
        recordings=empty,
        spans=np.zeros((0, 2), np.int64),
    )


def joined(parts: Sequence[Part]) -> Part:
    """One part with the windows of all."""
    return Part(
        *(np.concatenate([getattr(part, each.name) for part in parts]) for each in fields(Part))
    )


def split_by_time(
    times: npt.NDArray[np.int64], fractions: Sequence[float]
) -> list[npt.NDArray[np.int64]]:
    """Indices of ``times`` in their order, cut at these fractions of them; equal times stay one."""
    order = np.argsort(times, kind="stable")
    limits = [times[order[int(len(order) * fraction)]] for fraction in fractions]
    which = np.digitize(times[order], limits)
    return [order[which == number] for number in range(len(fractions) + 1)]


def to_counts(values: npt.NDArray[np.float64], entry: Entry) -> Samples:
    """Values in their units ``[n][channels]`` as counts; those beyond int16 saturate."""
    scales = np.array([channel.scale for channel in entry.channels])
    counts: Samples = np.empty(values.shape, np.int16)
    for start in range(0, len(values), _BLOCK_ROWS):  # long recordings fill the memory once
        block = values[start : start + _BLOCK_ROWS]
        rounded = np.clip(np.round(block / scales), -32768, 32767)
        counts[start : start + len(block)] = rounded.astype(np.int16)
    return counts


def _of_one_class(part: Part, classes: npt.NDArray[np.int64], purity: float) -> Part:
    """The windows of ``part`` that are of one class, by each sample's class ``[n][window]``."""
    shares = np.stack([(classes == c).mean(axis=1) for c in range(classes.max() + 1)], axis=-1)
    kept = shares.max(axis=1) >= purity
    return part.only(kept, targets=shares.argmax(axis=1))
