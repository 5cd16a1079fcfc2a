"""What a node sees now: its samples, its newest result and events, without a store."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from tinyml.collect.collector import RETRY_S, described_by_node
from tinyml.collect.models import ModelFinder
from tinyml.device import Event, Node, NodeInfo, Record
from tinyml.device.wire import INPUTS_A_CHANNEL
from tinyml.errors import DeviceError
from tinyml.model import Description, ModelSettings, Result

KEPT: Final = 256  # latest samples
_RECENT: Final = 16  # entries of the log that are read when a node is first seen
_EVENTS: Final = 3  # newest, shown
_MOST_ANSWERS: Final = 8  # of samples in one look: a fast sensor may be quicker than the link
_PERIODS: Final = 3  # without a sample, after which the latest is not what the sensor sees now
_PATIENCE_MS: Final = 2000  # at the least, the same
_ALL: Final = 2**62  # behind any sample: the answer has only counts

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Channel:
    """One channel of the node's sensor. Values are counts where ``scale`` is None."""

    name: str
    unit: str
    scale: float | None  # value of one count; None where the model is not known
    values: Floats  # the latest, ``[n]``; NaN where a sample was missed
    current: bool  # the last of them is what the sensor sees now

    @property
    def latest(self) -> float | None:
        """The last sample; None where the sensor gives none now."""
        there = self.current and len(self.values) and np.isfinite(self.values[-1])
        return float(self.values[-1]) if there else None

    @property
    def least(self) -> float | None:
        """Of ``values``; None where there are none."""
        return float(np.nanmin(self.values)) if self._some else None

    @property
    def greatest(self) -> float | None:
        """Of ``values``; None where there are none."""
        return float(np.nanmax(self.values)) if self._some else None

    @property
    def _some(self) -> bool:
        return bool(np.isfinite(self.values).any())


@dataclass(frozen=True)
class Input:
    """What one channel of a record's window was like, in ``unit``."""

    name: str
    unit: str
    least: float
    mean: float
    greatest: float


@dataclass(frozen=True)
class View:
    """One look at a node."""

    info: NodeInfo
    model: Description  # its settings are None where the model is not known
    sampled: int  # samples since boot, measured or missed
    channels: tuple[Channel, ...]
    record: Record | None  # the newest, if there is one among the latest entries
    result: Result | None  # what it says, where its model is known
    inputs: tuple[Input, ...]  # of that record; empty where the node was not asked for them
    events: tuple[Event, ...]  # the newest, oldest first


class Monitor:
    """Looks at one node again and again, and keeps its latest samples, result and events.

    The log is read from its latest entries on. A node keeps no host's place and erases nothing
    because it was read, so that a collector later still finds all records.

    Args:
        finder: where models are looked for.
    """

    def __init__(self, finder: ModelFinder) -> None:
        self._finder = finder
        self._models: dict[str, Description] = {}  # by hash; each is looked for once
        self._boot: tuple[str, int] | None = None  # device and boot of what is kept
        self._log: tuple[str, int] | None = None  # device and log
        self._forget_samples()
        self._forget_log()

    def look(self, node: Node) -> View:
        """Ask the node. Raises DeviceError where it does not answer."""
        info = node.info()
        if self._boot != (info.device_id, info.boot_id):
            self._boot = (info.device_id, info.boot_id)
            self._forget_samples()
        if self._log != (info.device_id, info.log_id):
            self._log = (info.device_id, info.log_id)
            self._forget_log()
        if info.channels:
            self._read_samples(node, info)
        self._read_log(node, info)
        model, record = self._model(info.model_hash, info), self._record
        meaning = self._model(record.model_hash, info).meaning if record else None
        return View(
            info=info,
            model=model,
            sampled=self._sampled,
            channels=self._channels(info, model.settings),
            record=record,
            result=meaning.result(record.output) if meaning and record else None,
            inputs=self._inputs(record, info) if record else (),
            events=tuple(self._events),
        )

    def _forget_samples(self) -> None:
        self._trace: Floats | None = None  # counts, [n][channels]
        self._next = 0  # number of the sample behind the last in the trace
        self._sampled = 0
        self._news_ms = 0  # of the node's clock, when it had last taken a sample
        self._current = False

    def _forget_log(self) -> None:
        self._after = 0
        self._record: Record | None = None
        self._events: deque[Event] = deque(maxlen=_EVENTS)

    def _read_samples(self, node: Node, info: NodeInfo) -> None:
        found = node.samples(_ALL)
        self._next = max(self._next, found.sampled - KEPT)
        if found.sampled > self._sampled:
            self._news_ms = found.monotonic_ms
        patience_ms = max(_PATIENCE_MS, _PERIODS * info.sample_period_us // 1000)
        self._current = found.monotonic_ms - self._news_ms <= patience_ms
        self._sampled = found.sampled
        for _ in range(_MOST_ANSWERS):
            if self._next >= found.sampled:
                break
            found = node.samples(self._next)
            self._keep(found.counts, found.first - self._next)
            self._next = found.first + len(found.counts)

    def _keep(self, counts: npt.NDArray[np.int16], lost: int) -> None:
        """Append to the trace; what was missed before is NaN."""
        hole = np.full((min(max(lost, 0), KEPT), counts.shape[1]), np.nan)
        old = self._trace
        if old is None or old.shape[1] != counts.shape[1]:
            old = hole = hole[:0]
        self._trace = np.concatenate([old, hole, counts])[-KEPT:]

    def _read_log(self, node: Node, info: NodeInfo) -> None:
        oldest = max(info.first_sequence - 1, 0)
        self._after = max(self._after, oldest, info.last_sequence - _RECENT)
        while self._after < info.last_sequence:
            batch = node.records(self._after)
            if batch.log_id != info.log_id or batch.newest == self._after:
                return  # it has just restarted, or erased its oldest block: the next look tells
            if batch.records:
                self._record = batch.records[-1]
            self._events.extend(batch.events)
            self._after = batch.newest

    def _model(self, short_hash: str, info: NodeInfo) -> Description:
        if short_hash not in self._models:
            found = self._finder.find(short_hash)
            self._models[short_hash] = found or described_by_node(short_hash, info)
        return self._models[short_hash]

    def _channels(self, info: NodeInfo, settings: ModelSettings | None) -> tuple[Channel, ...]:
        trace = self._trace
        if trace is None or trace.shape[1] != info.channels:
            trace = np.empty((0, info.channels))
        return tuple(
            Channel(name, unit, scale, trace[:, i] * (scale or 1.0), self._current)
            for i, (name, unit, scale) in enumerate(_columns(settings, info.channels))
        )

    def _inputs(self, record: Record, info: NodeInfo) -> tuple[Input, ...]:
        counts = record.inputs
        columns = _columns(
            self._model(record.model_hash, info).settings, len(counts) // INPUTS_A_CHANNEL
        )
        found, size = [], INPUTS_A_CHANNEL
        for i, (name, unit, scale) in enumerate(columns):
            least, mean, greatest = (count * (scale or 1.0) for count in counts[i * size :][:size])
            found.append(Input(name, unit, least, mean, greatest))
        return tuple(found)


def watch(
    port: str, monitor: Monitor, *, every_s: float = 1.0, once: bool = False
) -> Iterator[View | DeviceError]:
    """Views of the node at ``port``, for ever; a port that fails is opened again, ever later.

    The error stands for the view that there is not.

    With ``once`` one view. Raises DeviceError then, where there is no node.
    """
    attempt = 0
    while True:
        try:
            with Node(port) as node:
                while True:
                    view = monitor.look(node)
                    attempt = 0
                    yield view
                    if once:
                        return
                    time.sleep(every_s)
        except DeviceError as error:
            if once:
                raise
            yield error
        time.sleep(RETRY_S[min(attempt, len(RETRY_S) - 1)])
        attempt += 1


def _columns(settings: ModelSettings | None, count: int) -> list[tuple[str, str, float | None]]:
    """Name, unit and scale of each channel; counts where the settings do not fit."""
    if settings is None or len(settings.channel_names) != count:
        return [(f"channel {number}", "counts", None) for number in range(1, count + 1)]
    return list(
        zip(settings.channel_names, settings.channel_units, settings.channel_scales, strict=True)
    )
