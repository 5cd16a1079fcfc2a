"""A data set in memory, whose parts cannot overlap."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from tinyml.data.catalogue import Entry
from tinyml.errors import DataError

Samples = npt.NDArray[np.int16]


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
    targets: npt.NDArray[np.int64] | npt.NDArray[np.float64]  # [n]
    groups: npt.NDArray[np.str_]  # [n]
    recordings: npt.NDArray[np.str_]  # [n]
    spans: npt.NDArray[np.int64]  # [n][2]: first and last position in the recording

    def __len__(self) -> int:
        return len(self.windows)


@dataclass(frozen=True)
class Dataset:
    """Training, validation and test data that share no sample.

    Raises DataError where two parts touch the same stretch of a recording: such a split leaks.
    """

    entry: Entry
    training: Part
    validation: Part
    test: Part

    def __post_init__(self) -> None:
        parts = {"training": self.training, "validation": self.validation, "test": self.test}
        for name, part in parts.items():
            if not len(part):
                raise DataError(f"the {name} part of {self.entry.name} is empty")
        for (name, part), (other_name, other) in combinations(parts.items(), 2):
            _require_apart(self.entry.name, name, part, other_name, other)

    @property
    def sha256(self) -> str:
        """Hash of every sample and target in the order of the parts, 64 hex digits."""
        digest = hashlib.sha256()
        for part in (self.training, self.validation, self.test):
            digest.update(part.windows.astype("<i2").tobytes())
            digest.update(part.targets.astype("<f8").tobytes())
        return digest.hexdigest()


def cut(series: Sequence[Series], window: int, stride: int) -> Part:
    """Windows of ``window`` samples every ``stride``; the target is that of the last sample."""
    pieces = [piece for piece in series if len(piece.samples) >= window]
    if not pieces:
        raise DataError(f"no recording is as long as one window of {window} samples")
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
    return Part(
        windows=np.concatenate(windows),
        targets=np.concatenate(
            [p.targets[s + window - 1] for p, s in zip(pieces, starts, strict=True)]
        ),
        groups=np.repeat([piece.group for piece in pieces], counts),
        recordings=np.repeat([piece.recording for piece in pieces], counts),
        spans=np.concatenate(spans).astype(np.int64),
    )


def to_counts(values: npt.NDArray[np.float64], entry: Entry) -> Samples:
    """Values in their units ``[n][channels]`` as counts; those beyond int16 saturate."""
    scales = np.array([channel.scale for channel in entry.channels])
    counts: Samples = np.clip(np.round(values / scales), -32768, 32767).astype(np.int16)
    return counts


def _require_apart(dataset: str, name: str, part: Part, other_name: str, other: Part) -> None:
    # The hull of a part in a recording counts, not only its windows: neighbours in time are alike.
    for recording in np.intersect1d(part.recordings, other.recordings):
        ours = part.spans[part.recordings == recording]
        theirs = other.spans[other.recordings == recording]
        if ours.min() <= theirs.max() and theirs.min() <= ours.max():
            raise DataError(
                f"the {name} and {other_name} parts of {dataset} overlap in '{recording}': "
                "the split leaks"
            )
