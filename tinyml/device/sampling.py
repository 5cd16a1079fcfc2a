"""Recording what a node's own sensor measures: polling, counting what was lost."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from tinyml.data.importing.times import LONGEST_HOLE
from tinyml.device.node import Node, Samples

# Called with each new piece, and how many samples were lost before it.
Listener = Callable[[Samples, int], None]

_PATIENCE_S: Final = 10.0  # without a single sample
_PAUSE_S: Final = 0.02  # where there was nothing new


@dataclass
class Take:
    """What a recording has so far."""

    pieces: list[npt.NDArray[np.int16]] = field(default_factory=list)
    firsts: list[int] = field(default_factory=list)  # number of each piece's first sample
    lost: int = 0  # samples between pieces
    gaps: int = 0  # stretches of those
    started_ms: int = 0  # of the node's clock
    ended_ms: int = 0
    first_sampled: int = 0  # the node's count at those times
    last_sampled: int = 0

    @property
    def samples(self) -> int:
        """How many are there."""
        return sum(map(len, self.pieces))

    @property
    def measured_rate_hz(self) -> float:
        """By the node's own clock; 0 where the recording is too short to tell."""
        elapsed_ms = self.ended_ms - self.started_ms
        if elapsed_ms < 200:
            return 0.0
        return (self.last_sampled - self.first_sampled) * 1000 / elapsed_ms

    def stretches(self, scales: npt.NDArray[np.float64]) -> list[npt.NDArray[np.float64]]:
        """In the channels' units, each ``[samples][channels]``; NaN where samples were lost.

        Where very many were lost in one place, a new stretch begins.
        """
        found: list[list[npt.NDArray[np.float64]]] = []
        end = None
        for first, piece in zip(self.firsts, self.pieces, strict=True):
            if end is None or first - end > LONGEST_HOLE:
                found.append([])
            else:
                found[-1].append(np.full((first - end, len(scales)), np.nan))
            found[-1].append(piece * scales)
            end = first + len(piece)
        return [np.concatenate(pieces) for pieces in found]


def record(
    node: Node,
    take: Take,
    *,
    samples: int | None = None,
    seconds: float | None = None,
    listener: Listener | None = None,
) -> None:
    """Fill ``take`` until it has so many samples, or seconds by the node's clock, or for ever.

    Begins with the next sample that the node takes; returns early where it takes none. What
    ``take`` holds is whole at any moment, also when this is interrupted.
    """
    beginning = node.samples(2**62)
    take.started_ms, take.first_sampled = beginning.monotonic_ms, beginning.sampled
    after = beginning.sampled
    last_news = time.monotonic()
    while True:
        found = node.samples(after)
        if found.sampled < after:  # the node has restarted, and counts anew
            return
        take.ended_ms, take.last_sampled = found.monotonic_ms, found.sampled
        if len(found.counts):
            _keep(take, found, after, samples, listener)
            after = found.first + len(found.counts)
            last_news = time.monotonic()
        elif time.monotonic() - last_news > _PATIENCE_S:
            return
        if samples is not None and take.samples >= samples:
            return
        if seconds is not None and take.ended_ms - take.started_ms >= 1000 * seconds:
            return
        if after == found.sampled:
            time.sleep(_PAUSE_S)


def _keep(
    take: Take, found: Samples, after: int, samples: int | None, listener: Listener | None
) -> None:
    lost = found.first - after
    left = len(found.counts) if samples is None else samples - take.samples
    take.lost += lost
    take.gaps += lost > 0
    take.firsts.append(found.first)
    take.pieces.append(found.counts[:left])
    if listener is not None:
        listener(found, lost)
