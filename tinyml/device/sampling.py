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
from tinyml.errors import NoAnswerError

# Called with each new piece, and how many samples were lost before it: at least one in a restart.
Listener = Callable[[Samples, int], None]

_PATIENCE_S: Final = 10.0  # without a single sample
_PERIODS: Final = 3  # at the least, of slow sensors
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
    restarts: int = 0  # of the node, since the beginning
    earlier_ms: int = 0  # of recording, before the last restart
    earlier_sampled: int = 0
    base: int = 0  # number of the running node's first sample in this take

    @property
    def elapsed_ms(self) -> int:
        """Of recording, by the node's own clock."""
        return self.earlier_ms + self.ended_ms - self.started_ms

    @property
    def samples(self) -> int:
        """How many are there."""
        return sum(map(len, self.pieces))

    @property
    def measured_rate_hz(self) -> float:
        """By the node's own clock; 0 where the recording is too short to tell."""
        if self.elapsed_ms < 200:
            return 0.0
        sampled = self.earlier_sampled + self.last_sampled - self.first_sampled
        return sampled * 1000 / self.elapsed_ms

    def restart(self, found: Samples) -> None:
        """Go on with a node that has restarted, and counts from 0 again: in a new stretch."""
        self.restarts += 1
        self.earlier_ms = self.elapsed_ms
        self.earlier_sampled += self.last_sampled - self.first_sampled
        self.started_ms = self.ended_ms = found.monotonic_ms
        self.first_sampled = self.last_sampled = found.sampled
        end = self.firsts[-1] + len(self.pieces[-1]) if self.pieces else 0
        self.base = end + LONGEST_HOLE + 1 - found.first

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
    period_s: float = 0.0,
) -> None:
    """Fill ``take`` until it has so many samples, or seconds by the node's clock, or for ever.

    Begins with the next sample that the node takes. A node that restarts is gone on with, in a new
    stretch. What ``take`` holds is whole at any moment, also when this is interrupted. Returns
    early where the node never takes a sample; raises NoAnswerError where it stops taking any, by
    several times ``period_s``, the time between two samples.
    """
    patience_s = max(_PATIENCE_S, _PERIODS * period_s)
    beginning = node.samples(2**62)
    take.started_ms, take.first_sampled = beginning.monotonic_ms, beginning.sampled
    after = beginning.sampled
    last_news = time.monotonic()
    while True:
        found = node.samples(after)
        restarted = found.sampled < after or found.monotonic_ms < take.ended_ms
        if restarted:
            found = node.samples(0)
            take.restart(found)
            after = found.first
        take.ended_ms, take.last_sampled = found.monotonic_ms, found.sampled
        if len(found.counts):
            _keep(take, found, after, samples, listener, restarted=restarted)
            after = found.first + len(found.counts)
            last_news = time.monotonic()
        elif time.monotonic() - last_news > patience_s:
            if not take.samples:
                return
            raise NoAnswerError(
                f"the node at {node.port} has taken no samples for {patience_s:.0f} s; check "
                "that its sensor still runs."
            )
        if samples is not None and take.samples >= samples:
            return
        if seconds is not None and take.elapsed_ms >= 1000 * seconds:
            return
        if after == found.sampled:
            time.sleep(_PAUSE_S)


def _keep(
    take: Take,
    found: Samples,
    after: int,
    samples: int | None,
    listener: Listener | None,
    *,
    restarted: bool,
) -> None:
    lost = found.first - after
    left = len(found.counts) if samples is None else samples - take.samples
    take.lost += lost
    take.gaps += lost > 0
    take.firsts.append(take.base + found.first)
    take.pieces.append(found.counts[:left])
    if listener is not None:
        listener(found, lost or int(restarted))
