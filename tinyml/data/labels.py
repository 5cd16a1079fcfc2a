"""Classes of stretches of a user's own recordings: an open CSV beside the data set's entry.

``<name>.labels.csv`` has a line each span: recording, start and end in seconds from the recording's
beginning, class, and who set it. A recording that has lines takes its classes from these alone:
what lies in no span has none. Spans of a recording do not overlap. The line of a recording without
a class says that nothing of it has one.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from tinyml.data.catalogue import Entry
from tinyml.errors import DataError
from tinyml.files import read_text, write_atomically

SUFFIX: Final = ".labels.csv"
COLUMNS: Final = ("recording", "start_s", "end_s", "label", "by")
PERSON: Final = "person"
_DIGITS: Final = 6  # of a second
_LARGEST: Final = 1e9  # seconds


@dataclass(frozen=True, order=True)
class Span:
    """A stretch of one class, from ``start_s`` up to, and without, ``end_s``."""

    start_s: float
    end_s: float
    label: str
    by: str = PERSON  # or "model NAME, score S", where a person accepted what a model proposed


Spans = tuple[Span, ...]


@dataclass(frozen=True)
class Labels:
    """The spans of all recordings that have a line."""

    spans: Mapping[str, Spans]
    version: str  # another after every change; empty where there is no file

    def of(self, recording: str) -> Spans | None:
        """A recording's spans by time; None where its class is what the entry says."""
        return self.spans.get(recording)


def path_of(entry: Entry) -> Path:
    """Where a data set's labels are, or will be."""
    assert entry.place is not None
    return entry.place.with_name(entry.place.name + SUFFIX)


def read_labels(entry: Entry) -> Labels:
    """A data set's labels; none where there is no file.

    DataError names the line that is wrong.
    """
    if entry.place is None:
        return Labels({}, "")
    path = path_of(entry)
    try:
        seen = path.stat()
    except FileNotFoundError:
        return Labels({}, "")
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}") from error
    names = frozenset(file.name for file in entry.files)
    return _read(path, seen.st_mtime_ns, seen.st_size, names, entry.labels)


@lru_cache(maxsize=8)
def _read(
    path: Path, changed_ns: int, size: int, names: frozenset[str], classes: tuple[str, ...]
) -> Labels:
    del changed_ns, size  # of the file that was read
    text = read_text(path, DataError)
    rows = list(csv.reader(io.StringIO(text)))
    if not rows or tuple(rows[0]) != COLUMNS:
        raise DataError(f"{path}, line 1: the columns must be {','.join(COLUMNS)}")
    found: dict[str, list[Span]] = {}
    for number, row in enumerate(rows[1:], 2):
        if not row:
            continue
        where = f"{path}, line {number}"
        if len(row) != len(COLUMNS):
            raise DataError(f"{where}: {len(row)} cells, but there are {len(COLUMNS)} columns")
        name, label = row[0], row[3]
        if name not in names:
            raise DataError(f"{where}: the data set has no recording '{name}'")
        spans = found.setdefault(name, [])
        if not label and not row[1] and not row[2]:
            continue
        if label not in classes:
            raise DataError(f"{where}: the data set has no class '{label}'")
        spans.append(Span(*_ends(row, where), label, row[4] or PERSON))
    ordered = {name: _ordered(spans, f"{path}: {name}") for name, spans in found.items()}
    return Labels(ordered, _digest(text))


def _ends(row: list[str], where: str) -> tuple[float, float]:
    try:
        start, end = float(row[1]), float(row[2])
    except ValueError as error:
        raise DataError(f"{where}: start_s and end_s must be numbers of seconds") from error
    if not 0 <= start < end <= _LARGEST:
        raise DataError(f"{where}: a span must begin at 0 s or later, and end after it begins")
    return start, end


def _ordered(spans: list[Span], where: str) -> Spans:
    spans = sorted(spans)
    for before, after in pairwise(spans):
        if after.start_s < before.end_s:
            raise DataError(
                f"{where}: the spans from {before.start_s:g} s and from {after.start_s:g} s "
                "overlap; end the first where the second begins"
            )
    return tuple(spans)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def write_labels(entry: Entry, labels: Labels) -> Labels:
    """Save; what was there stays until the new file is complete. Returns them as they are now.

    DataError where another program has changed the file since ``labels`` were read: nothing is
    written then.
    """
    if read_labels(entry).version != labels.version:
        raise DataError(
            f"{path_of(entry)} was changed by another window or program; look at it again, and "
            "mark again what is missing"
        )
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(COLUMNS)
    for name, spans in sorted(labels.spans.items()):
        for span in spans:
            ends = (_seconds(span.start_s), _seconds(span.end_s))
            writer.writerow([name, *ends, span.label, span.by])
        if not spans:
            writer.writerow([name, "", "", "", ""])
    write_atomically(path_of(entry), written.getvalue())
    return replace(labels, version=_digest(written.getvalue()))


def _seconds(value: float) -> str:
    return f"{value:.{_DIGITS}f}".rstrip("0").rstrip(".")


def rounded(seconds: float) -> float:
    """As it will be read again."""
    return round(seconds, _DIGITS)


def marked(spans: Iterable[Span], new: Span) -> Spans:
    """With one more span, which takes what it covers away from others; like neighbours join.

    ``new`` without a class only takes away.
    """
    kept = []
    for span in spans:
        for start, end in (
            (span.start_s, min(span.end_s, new.start_s)),
            (max(span.start_s, new.end_s), span.end_s),
        ):
            if start < end:
                kept.append(replace(span, start_s=start, end_s=end))
    if new.label:
        kept.append(new)
    return _joined(sorted(kept))


def _joined(spans: list[Span]) -> Spans:
    found: list[Span] = []
    for span in spans:
        last = found[-1] if found else None
        if last and last.end_s == span.start_s and (last.label, last.by) == (span.label, span.by):
            found[-1] = replace(last, end_s=span.end_s)
        else:
            found.append(span)
    return tuple(found)


def spans_of(targets: npt.NDArray[np.int64], rate_hz: float, classes: tuple[str, ...]) -> Spans:
    """The spans of classes that each sample has; -1 is none.

    Args:
        targets: class index of each sample, ``[samples]``.
        rate_hz: samples a second.
        classes: the data set's.
    """
    edges = np.flatnonzero(np.diff(targets)) + 1
    bounds = [0, *edges.tolist(), len(targets)]
    return tuple(
        Span(rounded(a / rate_hz), rounded(b / rate_hz), classes[int(targets[a])])
        for a, b in pairwise(bounds)
        if b > a and targets[a] >= 0
    )


def targets_of(
    spans: Spans, count: int, rate_hz: float, classes: tuple[str, ...], where: str
) -> npt.NDArray[np.int64]:
    """The class index of each of ``count`` samples; -1 where it is in no span.

    DataError where a span ends behind the recording.
    """
    targets = np.full(count, -1, np.int64)
    for span in spans:
        first, end = round(span.start_s * rate_hz), round(span.end_s * rate_hz)
        if end > count:
            raise DataError(
                f"{where}: a span ends at {span.end_s:g} s, but the recording at "
                f"{count / rate_hz:g} s"
            )
        targets[first:end] = classes.index(span.label)
    return targets
