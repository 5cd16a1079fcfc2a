"""What a model takes stretches of a recording for: proposals, which a person accepts or not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from tinyml.data.catalogue import Entry
from tinyml.data.dataset import to_counts
from tinyml.data.labels import rounded
from tinyml.errors import DataError
from tinyml.graph import Graph, Oracle
from tinyml.labelling.work import Shown
from tinyml.model import Meaning, ModelSettings

_MOST_WINDOWS: Final = 2000  # of a recording: longer ones are looked at in larger steps
_BATCH: Final = 64


@dataclass(frozen=True)
class Suggestion:
    """A stretch that a model takes for a class."""

    start_s: float
    end_s: float
    label: str
    score: float  # mean of the class over the stretch's windows, 0 to 1


def require_fitting(graph: Graph, entry: Entry) -> ModelSettings:
    """A model's settings; DataError where it does not classify what the data set holds."""
    settings = ModelSettings.of(graph.metadata)
    if settings is None or settings.task != "classification":
        raise DataError(
            f"{graph.name} does not classify samples; give a model that `tinyml train` made for "
            "classification"
        )
    channels = tuple(channel.name for channel in entry.channels)
    scales = tuple(channel.scale for channel in entry.channels)
    same = settings.channel_names == channels and np.allclose(settings.channel_scales, scales)
    rate = abs(settings.sample_rate_hz - entry.sample_rate_hz) <= 0.01 * entry.sample_rate_hz
    if not same or not rate:
        raise DataError(
            f"{graph.name} takes {', '.join(settings.channel_names)} at "
            f"{settings.sample_rate_hz:g} samples per second, and {entry.name} has "
            f"{', '.join(channels)} at {entry.sample_rate_hz:g}, or in other counts; give a model "
            "that was trained on this data set, or on one recorded like it"
        )
    unknown = sorted(set(settings.labels) - set(entry.labels))
    if unknown:
        raise DataError(
            f"{graph.name} knows the class '{unknown[0]}', which {entry.name} does not have; add "
            "the class first"
        )
    return settings


def suggested(graph: Graph, entry: Entry, shown: Shown) -> list[Suggestion]:
    """Stretches of one class each in the order of their doubt: the least sure first.

    Windows follow each other by half their length; a stretch is what the middles of its windows
    cover. Windows with a missing value give none.
    """
    settings = require_fitting(graph, entry)
    window = settings.front_end.window
    starts = _starts(len(shown.values), window)
    whole = [s for s in starts if not np.isnan(shown.values[s : s + window]).any()]
    if not whole:
        return []
    meaning, oracle = Meaning.of(graph), Oracle(graph)
    classes: list[int] = []
    scores: list[float] = []
    for first in range(0, len(whole), _BATCH):
        some = whole[first : first + _BATCH]
        counts = np.stack([to_counts(shown.values[s : s + window], entry) for s in some])
        features = settings.front_end.transform(counts)
        shape = graph.tensor(graph.inputs[0]).shape[1:]
        outputs = oracle.run([features.reshape(len(some), *shape)])[0]
        found, sure = meaning.predictions(outputs), meaning.scores(outputs)
        assert sure is not None
        classes += found.tolist()
        scores += sure[np.arange(len(found)), found].tolist()
    return _stretches(whole, classes, scores, window, shown, settings)


def _starts(count: int, window: int) -> list[int]:
    stride = max(window // 2, 1, (count - window) // _MOST_WINDOWS)
    return list(range(0, count - window + 1, stride))


def _stretches(
    starts: list[int],
    classes: list[int],
    scores: list[float],
    window: int,
    shown: Shown,
    settings: ModelSettings,
) -> list[Suggestion]:
    """Neighbours of one class together; each reaches half way to the next."""
    found: list[Suggestion] = []
    first = 0
    for last in range(len(starts)):
        ends = last + 1 == len(starts) or classes[last + 1] != classes[first]
        if not ends:
            continue
        begin = starts[first] if first == 0 else (starts[first - 1] + starts[first] + window) // 2
        end = (
            starts[last] + window
            if last + 1 == len(starts)
            else (starts[last] + starts[last + 1] + window) // 2
        )
        found.append(
            Suggestion(
                rounded(begin / shown.rate_hz),
                rounded(end / shown.rate_hz),
                settings.labels[classes[first]],
                float(np.mean(scores[first : last + 1])),
            )
        )
        first = last + 1
    return sorted(found, key=lambda one: one.score)
