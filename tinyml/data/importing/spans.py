"""Classes of stretches within a recording, as label files list them.

Edge Impulse's documentation counts milliseconds (docs.edgeimpulse.com, "Edge Impulse labels"); its
Python SDK writes and reads the places of samples. The same keys name both, so the data must tell,
or the user.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from tinyml.data.importing.recording import Recording
from tinyml.errors import DataError

SAMPLES: Final = "samples"
MILLISECONDS: Final = "ms"
UNITS: Final = (SAMPLES, MILLISECONDS)
_SHARE: Final = 0.5  # of the recordings end where their last span does, in the unit that is meant


@dataclass(frozen=True)
class Labels:
    """What a file of labels says of one recording."""

    label: str = ""
    spans: tuple[tuple[float, float, str], ...] = ()  # first and last place, class
    part: str = ""
    file: Path = Path()  # of labels


@dataclass(frozen=True)
class Spanned:
    """A recording with spans, and how long it was before it was resampled."""

    recording: Recording
    labels: Labels
    count: int
    rate_hz: float

    @property
    def _last(self) -> float:
        return max(last for _, last, _ in self.labels.spans)

    @property
    def _milliseconds(self) -> float:
        return self.count * 1000 / self.rate_hz

    def allows(self, unit: str) -> bool:
        """Whether all spans lie within the recording, if they are in ``unit``."""
        if unit == SAMPLES:
            return self._last <= self.count
        return self._last <= self._milliseconds + 1 + 1000 / self.rate_hz

    def fits(self, unit: str) -> bool:
        """Whether the last span ends where the recording does."""
        if unit == SAMPLES:
            return abs(self._last - (self.count - 1)) <= 1
        return abs(self._last - self._milliseconds) <= 1 + 1000 / self.rate_hz

    def classes(self, unit: str) -> Recording:
        """The recording with the class of each sample; those in no span have none."""
        # Spans name the first and the last place that are theirs.
        step = self.rate_hz if unit == SAMPLES else 1000.0
        places = np.arange(len(self.recording.values)) / self.recording.rate_hz * step
        places = np.round(places, 6)
        targets = np.full(len(places), "", object)
        for first, last, label in self.labels.spans:
            targets[(places >= first) & (places < last + 1)] = label
        session = replace(self.recording.session, label="")
        return replace(self.recording, targets=targets.tolist(), session=session)


def with_classes(spanned: Sequence[Spanned], unit: str) -> list[Recording]:
    """The recordings of one file of labels with their spans' classes.

    ``unit`` is what the user says, or empty. Raises DataError where the data do not tell either.
    """
    if not unit:
        unit = _unit(spanned)
        file = spanned[0].labels.file
        what = "milliseconds" if unit == MILLISECONDS else "numbers of samples"
        note = f"{file}: the spans are read as {what} (--spans changes this)"
        first = replace(spanned[0].recording, notes=(*spanned[0].recording.notes, note))
        spanned = [replace(spanned[0], recording=first), *spanned[1:]]
    beyond = next((each for each in spanned if not each.allows(unit)), None)
    if beyond is not None:
        raise _beyond(beyond)
    return [each.classes(unit) for each in spanned]


def _beyond(spanned: Spanned) -> DataError:
    return DataError(
        f"{spanned.labels.file}: the spans of {spanned.recording.where} end beyond its "
        f"{spanned.count:,} samples; the labels belong to another recording, or are "
        "damaged"
    )


def _unit(spanned: Sequence[Spanned]) -> str:
    possible = [unit for unit in UNITS if all(each.allows(unit) for each in spanned)]
    if not possible:
        raise _beyond(next(e for e in spanned if not all(e.allows(unit) for unit in UNITS)))
    same = all(each.rate_hz == 1000 for each in spanned)
    if len(possible) == 1 or same:
        return possible[0]
    fitting = [unit for unit in UNITS if np.mean([e.fits(unit) for e in spanned]) >= _SHARE]
    if len(fitting) == 1:
        return fitting[0]
    raise DataError(
        f"{spanned[0].labels.file}: its spans may be numbers of samples, as Edge "
        "Impulse's Python SDK writes them, or milliseconds, as its documentation "
        "says; the data do not show which. Give --spans samples or --spans ms"
    )
