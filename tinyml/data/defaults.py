"""What is chosen for a data set of one's own where the user says nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from tinyml.data.catalogue import Channel, own_folder
from tinyml.data.importing.recording import SOUND_SCALE, Recording, Wanted
from tinyml.data.own import TIME_FRACTIONS
from tinyml.errors import DataError

Floats = npt.NDArray[np.float64]

# What a channel's count is chosen by: all values, or all but the outermost.
SCALES: Final = ("range", "quantiles")
_OUTERMOST: Final = 0.001  # of the values, at each end
_CLIP_LENGTHS: Final = 0.02  # so alike are the lengths of clips
_SHORTEST_WINDOW: Final = 4  # samples, unless the user asks for less
_FILLED: Final = 16000  # counts that the largest value becomes, half of what there is


@dataclass(frozen=True)
class Plan:
    """What becomes of recordings. Zeros and empty texts: it is chosen by them."""

    name: str
    folder: Path  # of the project
    title: str = ""
    source: str = ""
    licence: str = "not stated"
    simulated: bool = False
    task: str = ""
    labels: tuple[str, ...] = ()  # in this order, where that matters: the normal one first
    unlabelled: bool = False  # classes are marked later; labels names them
    target: str = ""
    target_unit: str = ""
    channels: tuple[Wanted, ...] = ()
    window: int = 0  # samples
    stride: int = 0
    split_by: str = ""
    missing: str = ""
    scale_by: str = "range"  # one of SCALES
    clips: tuple[tuple[str, float, float], ...] = ()  # channel, lowest and highest value

    @property
    def path(self) -> Path:
        """Where the entry is, or will be."""
        return own_folder(self.folder) / f"{self.name}.toml"


def labels(plan: Plan, recordings: Sequence[Recording]) -> tuple[str, ...]:
    """The classes, in the order of their names unless given; DataError where they cannot be."""
    there = {r.session.label for r in recordings if r.targets is None}
    for recording in recordings:
        if recording.targets is not None:
            there |= {str(label) for label in recording.targets}
    there -= {""}
    if plan.unlabelled:
        return _announced(plan, there)
    if not there:
        raise DataError(
            f"{plan.name}: the files do not say what to learn; give --label, --label-from "
            "or --target"
        )
    if plan.labels:
        unknown = sorted(there - set(plan.labels))
        if unknown:
            raise DataError(f"{plan.name}: the class '{unknown[0]}' of the data is not in --labels")
        return plan.labels
    if plan.task == "anomaly":
        raise DataError(f"{plan.name}: give --labels NORMAL,OTHER to say which class is normal")
    if len(there) < 2:
        raise DataError(
            f"{plan.name}: '{next(iter(there))}' is the only class, but classification "
            "needs two; import the other classes in the same command, or give a --target"
        )
    return tuple(sorted(there))


def _announced(plan: Plan, there: set[str]) -> tuple[str, ...]:
    """The classes of recordings that will be labelled later."""
    if there:
        raise DataError(
            f"{plan.name}: the files already name the class '{sorted(there)[0]}'; leave "
            "--unlabelled out, and mark further stretches afterwards"
        )
    if len(plan.labels) < 2:
        raise DataError(f"{plan.name}: --unlabelled needs the classes, as in --labels idle,fault")
    return plan.labels


def split(recordings: Sequence[Recording], labels: tuple[str, ...]) -> str:
    """As given; by group where there are three; by session where each class has three; by time."""
    sessions = [recording.session for recording in recordings]
    if all(session.part for session in sessions):
        return "given"
    if len({s.group for s in sessions if s.group}) >= 3:
        return "group"
    one_each = all(recording.targets is None for recording in recordings)
    counts = Counter(label for _, label in {(s.name, s.label) for s in sessions})
    whole = {label: counts.get(label, 0) for label in labels} if one_each else counts
    return "session" if min(whole.values()) >= 3 else "time"


def window(recordings: Sequence[Recording], split_by: str) -> int:
    """Whole clips where all sounds are alike; else the power of two nearest to a second.

    A shorter one where recordings that are split by time are too short for that.
    """
    lengths = [len(recording.values) for recording in recordings]
    if (
        recordings[0].sound
        and len(lengths) > 2
        and min(lengths) >= (1 - _CLIP_LENGTHS) * max(lengths)
    ):
        return min(lengths)
    wanted = 2 ** int(np.clip(np.round(np.log2(recordings[0].rate_hz)), 4, 10))
    if split_by == "time":
        # A fifth validates, of which a window at its start is left out.
        most = int(max(lengths) * (TIME_FRACTIONS[1] - TIME_FRACTIONS[0]) / 2)
        wanted = min(wanted, 2 ** int(np.log2(max(most, _SHORTEST_WINDOW))))
    return int(min(wanted, max(lengths)))


def channels(plan: Plan, recordings: Sequence[Recording]) -> tuple[Channel, ...]:
    """The channels with a unit and a scale each."""
    first = recordings[0]
    # A column's own name may have colons.
    named = {channel.full: Wanted(channel.full) for channel in plan.channels}
    named |= {channel.name: channel for channel in plan.channels}
    values = np.concatenate([recording.values for recording in recordings])
    found = []
    for number, (name, unit) in enumerate(zip(first.channels, first.units, strict=True)):
        told = named.get(name, Wanted(name))
        fixed = SOUND_SCALE if first.sound else told.scale
        found.append(
            Channel(
                name, told.unit or unit or "1", fixed or scale_of(_inner(values[:, number], plan))
            )
        )
    return tuple(found)


def _inner(values: Floats, plan: Plan) -> Floats:
    """The values that a scale is chosen by."""
    there = values[~np.isnan(values)]
    if plan.scale_by == "range" or not len(there):
        return there
    return np.quantile(there, (_OUTERMOST, 1 - _OUTERMOST), method="nearest")


def clipped(plan: Plan, recordings: Sequence[Recording]) -> list[Recording]:
    """The recordings with the values of some channels brought to their limits."""
    found = list(recordings)
    for name, low, high in plan.clips:
        for number, recording in enumerate(found):
            if name not in recording.channels:
                raise DataError(f"{recording.where} has no channel '{name}', which --clip names")
            values = recording.values.copy()
            index = recording.channels.index(name)
            values[:, index] = np.clip(values[:, index], low, high)
            found[number] = replace(recording, values=values)
    return found


def scale_of(values: Floats) -> float:
    """One count: 1 for whole numbers that fit, else a 1, 2 or 5 that leaves as much room again."""
    there = values[~np.isnan(values)]
    largest = float(np.abs(there).max(initial=0.0))
    if largest == 0 or (largest <= 32767 and (there == np.round(there)).all()):
        return 1.0
    exponent = np.floor(np.log10(largest / _FILLED))
    steps = (float(f"{digit}e{int(exponent)}") for digit in (1, 2, 5, 10))
    return next(step for step in steps if largest / step <= _FILLED)
