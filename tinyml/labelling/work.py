"""What is being labelled: recordings, their spans as they are now, and how to take a step back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from tinyml.data import own
from tinyml.data.catalogue import Entry, SourceFile, read_entry
from tinyml.data.collection import dealt_again, with_class
from tinyml.data.labels import (
    PERSON,
    Labels,
    Span,
    Spans,
    marked,
    read_labels,
    rounded,
    spans_of,
    write_labels,
)
from tinyml.documents import require_known
from tinyml.errors import DataError

_MOST_STEPS: Final = 100  # that can be taken back
_RECORDINGS_HELD: Final = 4  # in memory


@dataclass(frozen=True)
class Shown:
    """A recording and its spans."""

    name: str
    values: npt.NDArray[np.float64]  # [samples][channels], in their units; NaN where missing
    rate_hz: float
    spans: Spans

    @property
    def duration_s(self) -> float:
        """From the first sample to behind the last."""
        return len(self.values) / self.rate_hz


@dataclass(frozen=True)
class Status:
    """How far a recording is labelled."""

    name: str
    duration_s: float
    labelled_s: float
    session: str

    @property
    def share(self) -> float:
        """From 0 to 1."""
        return self.labelled_s / self.duration_s if self.duration_s else 0.0


class Work:
    """A data set whose recordings are being labelled; every change is saved at once.

    Args:
        entry: one of the user's own data sets of classes.

    Raises DataError for any other data set.
    """

    def __init__(self, entry: Entry) -> None:
        if entry.reading is None or entry.place is None:
            raise DataError(
                f"{entry.name} is a data set of the catalogue, whose labels are its authors'; "
                "import your own files with `tinyml data import`"
            )
        if entry.task == "regression":
            raise DataError(
                f"{entry.name} is for regression: it has the target {entry.target_name} instead of "
                "classes, so there is nothing to label"
            )
        self.entry = entry
        self._before: list[Labels] = []
        self._stretch = lru_cache(maxsize=_RECORDINGS_HELD)(self._read)
        self.labels = read_labels(entry)

    @property
    def path(self) -> Path:
        """Of the entry."""
        assert self.entry.place is not None
        return self.entry.place.with_name(f"{self.entry.place.name}.toml")

    @property
    def names(self) -> list[str]:
        """All recordings, in the entry's order."""
        return [file.name for file in self.entry.files]

    def reload(self) -> None:
        """Look at the files again: another program may have changed them."""
        self.entry = read_entry(self.path)
        labels = read_labels(self.entry)
        if labels.version != self.labels.version:
            self._before.clear()  # a step back would undo the other's work
        self.labels = labels

    def shown(self, name: str) -> Shown:
        """A recording; DataError where there is none of that name."""
        require_known(name, self.names, f"recording of {self.entry.name}", DataError)
        values, _ = self._stretch(name)
        return Shown(name, values, self.entry.sample_rate_hz, self.spans(name))

    def spans(self, name: str) -> Spans:
        """A recording's spans; of one that was not labelled here those that it came with."""
        found = self.labels.of(name)
        if found is not None:
            return found
        _, targets = self._stretch(name)
        return spans_of(targets, self.entry.sample_rate_hz, self.entry.labels)

    def statuses(self) -> list[Status]:
        """How far all recordings are."""
        return [self._status(file) for file in self.entry.files]

    def _status(self, file: SourceFile) -> Status:
        values, _ = self._stretch(file.name)
        duration_s = len(values) / self.entry.sample_rate_hz
        labelled_s = sum(span.end_s - span.start_s for span in self.spans(file.name))
        assert file.session is not None
        return Status(file.name, duration_s, min(labelled_s, duration_s), file.session.name)

    def next_unlabelled(self, after: str) -> str | None:
        """The next recording that is not labelled to its end; None where all are."""
        names = self.names
        start = names.index(after) + 1 if after in names else 0
        whole = {status.name for status in self.statuses() if status.share > 0.999}
        return next((n for n in [*names[start:], *names[:start]] if n not in whole), None)

    def mark(self, name: str, start_s: float, end_s: float, label: str, by: str = PERSON) -> None:
        """Give a stretch a class, or none where ``label`` is empty; saved when this returns.

        DataError for a stretch outside of the recording or an unknown class.
        """
        shown = self.shown(name)
        if label:
            require_known(label, self.entry.labels, f"class of {self.entry.name}", DataError)
        length_s = rounded(shown.duration_s)
        if not (np.isfinite(start_s) and np.isfinite(end_s) and 0 <= start_s < end_s <= length_s):
            raise DataError(
                f"a span must lie between 0 s and {length_s:g} s of {name} and end after it "
                f"begins; {start_s:g} s to {end_s:g} s does not"
            )
        if round(end_s * shown.rate_hz) <= round(start_s * shown.rate_hz):
            raise DataError(f"{start_s:g} s to {end_s:g} s holds no sample of {name}")
        span = Span(rounded(start_s), rounded(end_s), label, by)
        self._save({**self.labels.spans, name: marked(shown.spans, span)})

    def add_class(self, label: str) -> None:
        """One more class; DataError where it cannot have that name."""
        self.entry = with_class(self.entry, label)

    def undo(self) -> bool:
        """Take the last step back; False where there is none."""
        if not self._before:
            return False
        before = self._before.pop()
        self.labels = write_labels(self.entry, replace(self.labels, spans=before.spans))
        self.entry = dealt_again(self.entry)
        return True

    def _save(self, spans: Mapping[str, Spans]) -> None:
        before = self.labels
        self.labels = write_labels(self.entry, replace(before, spans=spans))
        self._before = [*self._before[1 - _MOST_STEPS :], before]
        self.entry = dealt_again(self.entry)

    def _read(self, name: str) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
        file = next(file for file in self.entry.files if file.name == name)
        assert self.entry.place is not None
        stretch = own.read_imported(self.entry, file, self.entry.place / name)
        return stretch.values, stretch.targets.astype(np.int64)
