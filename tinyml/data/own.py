"""One's own recordings, imported or recorded: the one reader of every entry with a [reading].

A recording is a CSV with a column a channel, in the channel's unit, and where the label or target
changes within it one for that; or a WAV file of one channel. Samples are regular; an empty cell or
nan is a missing value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from tinyml.data import leaks
from tinyml.data.audio import read_sound
from tinyml.data.catalogue import PARTS, Entry, Session, SourceFile
from tinyml.data.copies import copies
from tinyml.data.dataset import Dataset, Part, Series, cut, require_tight, to_counts
from tinyml.data.fetch import cache_folder
from tinyml.data.labels import path_of, read_labels, targets_of
from tinyml.data.tables import read_csv, read_plain
from tinyml.errors import DataError

LABEL: Final = "label"  # the column of a class that changes
TIME_FRACTIONS: Final = (0.6, 0.8)  # of each recording: the ends of training and validation
_NO_CLASS: Final = -1

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Stretch:
    """A recording as it was written down."""

    name: str
    session: Session
    values: Floats  # [samples][channels], in their units; NaN where missing
    targets: npt.NDArray[np.int64] | Floats  # [samples]; -1 or NaN where there is none


def read(entry: Entry, files: Mapping[str, Path], *, leaky: bool = False) -> Dataset:
    """Windows of all recordings, in parts as the entry says.

    Raises LeakError where the split leaks, unless ``leaky``: then the data set names how.
    """
    if entry.task == "classification" and len(entry.labels) < 2:
        raise DataError(
            f"{entry.name} has one class so far, '{entry.labels[0]}', but classification "
            "needs two; record or import another"
        )
    pieces, missing = _pieces(entry, files)
    found = [*_shared(entry), *copies(pieces, entry.window, cache_folder() / entry.name)]
    if not leaky:
        require_tight(entry.name, found, ())
    return Dataset(
        entry,
        *(_part(entry, part, pieces[part]) for part in PARTS),
        leaks=tuple(found),
        missing=missing,
    )


def _pieces(
    entry: Entry, files: Mapping[str, Path]
) -> tuple[dict[str, list[Series]], tuple[int, ...]]:
    """Whole stretches of counts by part, and the number of missing values of each channel.

    One recording's values at a time are in memory, beside the counts.
    """
    pieces: dict[str, list[Series]] = {part: [] for part in PARTS}
    missing, named = np.zeros(len(entry.channels), np.int64), False
    for file in entry.files:
        stretch = read_stretch(entry, file, files[file.name])
        missing += np.isnan(stretch.values).sum(axis=0)
        named |= entry.task == "regression" or bool((stretch.targets != _NO_CLASS).any())
        for part, first, end in _bounds(entry, stretch):
            pieces[part] += _series(entry, stretch, first, end)
    if not named:
        raise DataError(
            f"no recording of {entry.name} has a class yet; mark stretches with "
            f"`tinyml data label {entry.name}`"
        )
    return pieces, tuple(int(count) for count in missing)


def read_stretch(entry: Entry, file: SourceFile, path: Path) -> Stretch:
    """One recording; DataError where its rate, columns or labels are not the entry's.

    Its classes are those of the labels beside the entry, where these have lines for it.
    """
    stretch = read_imported(entry, file, path)
    spans = read_labels(entry).of(file.name)
    if spans is None:
        return stretch
    count, rate_hz = len(stretch.values), entry.sample_rate_hz
    targets = targets_of(spans, count, rate_hz, entry.labels, f"{path_of(entry)}: {file.name}")
    return replace(stretch, targets=targets)


def read_imported(entry: Entry, file: SourceFile, path: Path) -> Stretch:
    """One recording with the classes that it was imported or recorded with."""
    assert file.session is not None
    if path.suffix == ".wav":
        sound, rate_hz = read_sound(path)
        if rate_hz != entry.sample_rate_hz:
            raise DataError(
                f"{path} has {rate_hz} samples per second, but {entry.name} has "
                f"{entry.sample_rate_hz:g}; import it again with --resample"
            )
        values = sound[:, np.newaxis].astype(np.float64) * entry.channels[0].scale
        return Stretch(file.name, file.session, values, _targets(entry, file, path, None, values))
    column = entry.target_name or LABEL
    names = [channel.name for channel in entry.channels]
    if entry.task != "regression" and (plain := read_plain(path, names, column)) is not None:
        values, labels = plain
        return Stretch(file.name, file.session, values, _targets(entry, file, path, labels, values))
    if entry.task == "regression" and (plain := read_plain(path, [*names, column])) is not None:
        return Stretch(file.name, file.session, plain[0][:, :-1], plain[0][:, -1].copy())
    table = read_csv(path)
    values = table.numbers(*(channel.name for channel in entry.channels))
    cells = [cell.strip() for cell in table.text(column)] if column in table.cells else None
    return Stretch(file.name, file.session, values, _targets(entry, file, path, cells, values))


def _targets(
    entry: Entry, file: SourceFile, path: Path, cells: list[str] | None, values: Floats
) -> npt.NDArray[np.int64] | Floats:
    """Class or value of each sample."""
    assert file.session is not None
    if entry.task == "regression":
        if cells is None:
            raise DataError(f"{path} has no column '{entry.target_name}', the target")
        return np.array([float(cell or "nan") for cell in cells])
    classes = {label: number for number, label in enumerate(entry.labels)} | {"": _NO_CLASS}
    unknown = sorted(set(cells or [file.session.label]) - classes.keys())
    if unknown:
        raise DataError(f"{path} has the label '{unknown[0]}', which {entry.name} does not list")
    if cells is None:
        return np.full(len(values), classes[file.session.label], np.int64)
    return np.array([classes[cell] for cell in cells], np.int64)


def _bounds(entry: Entry, stretch: Stretch) -> list[tuple[str, int, int]]:
    """Parts, and the samples of the recording that are theirs."""
    count = len(stretch.values)
    if stretch.session.part:
        return [(stretch.session.part, 0, count)]
    # A window between two parts is left out: neighbours in time are alike.
    early, late = (int(count * fraction) for fraction in TIME_FRACTIONS)
    ends = [(0, early), (early + entry.window, late), (late + entry.window, count)]
    return [(part, first, max(first, end)) for part, (first, end) in zip(PARTS, ends, strict=True)]


def _series(entry: Entry, stretch: Stretch, first: int, end: int) -> list[Series]:
    """Runs of whole samples between ``first`` and ``end``."""
    assert entry.reading is not None
    values = stretch.values[first:end]
    if entry.reading.missing == "hold":
        values = _held(values, entry.window)
    targets = stretch.targets[first:end]
    nameless = np.isnan(targets) if entry.task == "regression" else targets == _NO_CLASS
    whole = ~np.isnan(values).any(axis=1) & ~nameless
    edges = np.flatnonzero(np.diff(whole, prepend=False, append=False))
    group = stretch.session.group or stretch.session.name
    return [
        Series(stretch.name, group, first + int(a), to_counts(values[a:b], entry), targets[a:b])
        for a, b in zip(edges[::2], edges[1::2], strict=True)
    ]


def _held(values: Floats, longest: int) -> Floats:
    """With the last value through holes of up to ``longest`` samples."""
    held = values.copy()
    for column in held.T:
        there = ~np.isnan(column)
        last = np.maximum.accumulate(np.where(there, np.arange(len(column)), -1))
        near = (last >= 0) & (np.arange(len(column)) - last <= longest)
        column[near] = column[last[near]]
    return held


def _part(entry: Entry, name: str, pieces: list[Series]) -> Part:
    assert entry.reading is not None
    purity = None if entry.task == "regression" else entry.reading.purity
    if not any(len(piece.samples) >= entry.window for piece in pieces):
        raise DataError(
            f"the {name} part of {entry.name} has no stretch of {entry.window} samples "
            "without a gap, as one window needs; record more or longer, or choose a "
            "shorter --window or another --split"
        )
    part = cut(pieces, entry.window, entry.reading.stride, purity)
    if entry.task == "anomaly" and name == "training":
        # A guard learns from what is normal alone.
        return part.only(part.targets == 0)
    return part


def _shared(entry: Entry) -> list[str]:
    """Sessions, and groups where the split is by those, that are in two parts."""
    assert entry.reading is not None
    sessions = [file.session for file in entry.files if file.session and file.session.part]
    by_group = entry.reading.split_by == "group"
    found = []
    for what in ("session", "group") if by_group else ("session",):
        members = {
            part: [s.name if what == "session" else s.group for s in sessions if s.part == part]
            for part in PARTS
        }
        found += leaks.shared(members, what)
    return found
