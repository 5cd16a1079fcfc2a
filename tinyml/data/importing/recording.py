"""What every kind of file becomes on its way in, and how the user says what is in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from tinyml.data.catalogue import Session
from tinyml.errors import DataError

if TYPE_CHECKING:
    from tinyml.data.importing.tables.table import Understanding

Floats = npt.NDArray[np.float64]

FULL_SCALE: Final = "full scale"  # the unit of sound
SOUND_SCALE: Final = 2.0**-15

_RATES: Final = 0.02  # so far apart may be what is taken for one rate


def same_rate(one_hz: float, other_hz: float) -> bool:
    """Whether two rates are one, as far as clocks go."""
    return abs(one_hz / other_hz - 1) <= _RATES


@dataclass(frozen=True)
class Recording:
    """Regular samples, before any window."""

    where: str  # the file, for messages
    name: str  # its path below the data set's folder, without suffix
    channels: tuple[str, ...]
    units: tuple[str, ...]  # one a channel; empty where the file does not say
    rate_hz: float
    values: Floats  # [samples][channels]; NaN is missing
    targets: Sequence[str] | Floats | None  # of each sample; "" or NaN is none
    session: Session
    sound: bool = False
    notes: tuple[str, ...] = ()  # what the user should know of how it was read
    understood: Understanding | None = None  # of a table's file


@dataclass(frozen=True)
class Wanted:
    """A channel that the user names."""

    name: str
    unit: str = ""
    scale: float = 0.0  # 0: chosen by the values
    full: str = ""  # as typed: a column's own name may have colons


@dataclass(frozen=True)
class Options:
    """What the user says of the files. Empty texts and zeros: it is found out, or not there."""

    channels: tuple[Wanted, ...] = ()
    label: str = ""  # column of the class
    target: str = ""  # column of the value to predict
    time: tuple[str, ...] = ()  # column, or several that together say it: date and time
    time_unit: str = ""
    time_format: str = ""  # as of strptime
    date_order: str = ""  # "day", "month" or "year" comes first
    timezone: str = ""
    session: str = ""  # column
    group: str = ""  # column
    label_from: str = ""  # "folder", "name" or a pattern with one group, of a file's path
    session_from: str = ""
    group_from: str = ""
    rate_hz: float = 0.0
    resample_hz: float = 0.0
    delimiter: str = ""
    decimal: str = ""
    encoding: str = ""
    missing: tuple[str, ...] = ()  # cells that stand for a missing value, beside the usual words
    no_header: bool = False
    columns: tuple[str, ...] = ()  # names for a file without a header
    skip_bad_rows: bool = False
    profile: str = ""  # of the format; empty: recognised, where one fits
    long_name: str = ""  # columns of a table with one value a row
    long_value: str = ""
    long_unit: str = ""
    no_channels: tuple[str, ...] = ()  # columns
    spans: str = ""  # what spans of labels count: "samples" or "ms"
    left_out: tuple[str, ...] = ()  # classes
    sound_channel: int | None = None  # from 0
    sound_full_scale: float = 1.0  # the float that is the loudest, of sounds in floats
    keep_cut_sounds: bool = False  # what is there of a sound that is shorter than it says


def without(recordings: Sequence[Recording], left_out: Sequence[str]) -> list[Recording]:
    """The recordings without those of some classes, and without these classes in the others.

    Raises DataError where there is none of such a class.
    """
    found = []
    seen: set[str] = set()
    for recording in recordings:
        session, targets = recording.session, recording.targets
        seen.add(session.label)
        if not isinstance(targets, np.ndarray) and targets is not None:
            seen.update(targets)
            targets = ["" if target in left_out else target for target in targets]
        if session.label not in left_out or not session.label:
            found.append(replace(recording, targets=targets))
    unknown = sorted(set(left_out) - seen)
    if unknown:
        raise DataError(
            f"the data have no class '{unknown[0]}' to leave out; they have "
            f"{', '.join(sorted(seen - {''}))}"
        )
    return found
