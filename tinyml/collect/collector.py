"""Collecting from many nodes at once, for as long as wanted, losing nothing."""

import contextlib
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from tinyml.collect.clocks import ClockMark, HostClock, continues
from tinyml.collect.models import ModelFinder
from tinyml.collect.store import Added, Store
from tinyml.device import Batch, Node, NodeInfo, Record
from tinyml.errors import DeviceError, TinymlError
from tinyml.model import Description, Result

_POLL_S: Final = 1.0  # between two questions to a node that has nothing new
RETRY_S: Final = (
    1.0,
    2.0,
    5.0,
    10.0,
)  # before each further attempt to reach a node; then the last
_MARK_INTERVAL_S: Final = 3600.0  # between two looks at a node's clock
_APART_S: Final = 0.005  # two marks of one boot are at different milliseconds
_NOTHING: Final = Added(0, 0)
_JOIN_S: Final = 30.0  # a thread may be in the middle of a request


@dataclass(frozen=True)
class PortStatus:
    """How collecting from one port goes."""

    port: str
    device_id: str | None = None  # of the node seen last
    added: Added = _NOTHING
    problem: str | None = None  # why it cannot be reached just now
    model: str | None = None  # the name of the model that the node runs
    newest: Result | None = None  # what the newest record says, where the model is known
    missed_samples: int = 0  # of the node's own sensor since its boot, not read in time
    failed_readings: int = 0  # that the sensor did not give
    events: int = 0  # of the node, stored now: what happened to its sensors
    event: str | None = None  # the newest of them, in words


class Collector:
    """Reads records from ``ports`` into ``store``, each port in its own thread.

    A record is asked for after the last one in the store, and committed before the next request,
    which is what acknowledges it: whatever ends this program, and however, nothing is lost and
    nothing is stored twice. Ports that fail are opened again, for ever.

    Args:
        store: where to.
        ports: as :class:`tinyml.device.Node` takes them.
        on_change: called from the collecting threads with all statuses whenever one changes.
        poll_s: seconds between two questions to a node that has nothing new.
        models: where nodes' models are looked for, to keep beside the records what they mean.
    """

    def __init__(
        self,
        store: Store,
        ports: Sequence[str],
        *,
        on_change: Callable[[list[PortStatus]], None] | None = None,
        poll_s: float = _POLL_S,
        models: ModelFinder | None = None,
    ) -> None:
        self._store = store
        self._finder = models or ModelFinder()
        self._marks: dict[str, tuple[int, ClockMark]] = {}  # the last of each port, with its boot
        self._models: dict[str, Description] = {}  # by hash; those that were looked for
        self._on_change = on_change
        self._poll_s = poll_s
        self._lock = threading.Lock()
        self._statuses = {port: PortStatus(port) for port in ports}
        self._stop = threading.Event()
        self._failure: TinymlError | None = None  # of the store: it stops everything
        self._once = False
        self._wanted: int | None = None
        self._running = 0

    @property
    def statuses(self) -> list[PortStatus]:
        """One a port, in the order given."""
        with self._lock:
            return list(self._statuses.values())

    def run(
        self, *, once: bool = False, seconds: float | None = None, count: int | None = None
    ) -> list[PortStatus]:
        """Collect until interrupted, or until one of the limits is reached.

        Args:
            once: end when every node has handed over what it has; a port that fails is given up.
            seconds: end after this time.
            count: end when this many new records have been stored.

        KeyboardInterrupt ends it too, after what has arrived is stored, and is raised again.
        Raises StoreError where the store fails.
        """
        self._once, self._wanted = once, count
        for given in self._finder.given:
            self._store.put_model(given)
        self._stop.clear()
        self._running = len(self._statuses)
        threads = [
            threading.Thread(target=self._collect_port, args=(port,), name=f"collect {port}")
            for port in self._statuses
        ]
        for thread in threads:
            thread.start()
        try:
            # Waiting in pieces, because a wait without end hides Ctrl-C on some systems.
            deadline = None if seconds is None else time.monotonic() + seconds
            while not self._stop.wait(0.1):
                if deadline is not None and time.monotonic() >= deadline:
                    break
        finally:
            self._stop.set()
            for thread in threads:
                thread.join(_JOIN_S)
        if self._failure is not None:
            raise self._failure
        return self.statuses

    def _collect_port(self, port: str) -> None:
        try:
            self._keep_collecting(port)
        except TinymlError as error:
            self._failure = error
            self._stop.set()
        finally:  # also where a bug ends this thread: nobody may wait for it
            with self._lock:
                self._running -= 1
                if self._running == 0:
                    self._stop.set()

    def _keep_collecting(self, port: str) -> None:
        attempt = 0
        while not self._stop.is_set():
            try:
                with Node(port) as node:
                    attempt = 0
                    self._collect_node(port, node)
            except DeviceError as error:
                self._change(port, problem=str(error))
            if self._once:
                return
            self._stop.wait(RETRY_S[min(attempt, len(RETRY_S) - 1)])
            attempt += 1

    def _collect_node(self, port: str, node: Node) -> None:
        self._collect_records(port, node)
        with contextlib.suppress(DeviceError):
            self._note_loss(port, node.info())

    def _collect_records(self, port: str, node: Node) -> None:
        info = self._look_at(port, node)
        marked = time.monotonic()
        clock = HostClock()
        known_boots = {info.boot_id}
        last = self._store.last_sequence(info.device_id, info.log_id)
        while not self._stop.is_set():
            batch = node.records(last)
            boots = batch.boots
            # Another board or an emptied log at the same port; or it has restarted: its clock, too.
            other_log = batch.log_id != info.log_id
            late = time.monotonic() - marked > _MARK_INTERVAL_S
            if set_by := clock.set_by():
                self._mark_as_before(port, node, set_by)
            if other_log or late or set_by or not boots <= known_boots:
                info = self._look_at(port, node)
                marked = time.monotonic()
                known_boots |= boots
            if other_log:
                last = self._store.last_sequence(info.device_id, info.log_id)
                continue
            if batch.newest > last:
                for short_hash in {record.model_hash for record in batch.records}:
                    self._know_model(short_hash, info)
                if info.simulated:  # before the records are there: none is ever taken for real
                    self._store.note_simulated(info.device_id, boots)
                added = self._store.add(batch.records, batch.events, log_id=info.log_id)
                self._count(port, added, batch)
                last = batch.newest
            elif self._once:
                return
            else:
                self._stop.wait(self._poll_s)

    def _look_at(self, port: str, node: Node) -> NodeInfo:
        """Node info, and a mark of its clock beside ours."""
        asked = time.time()
        info = node.info()
        # Half the way is a fair guess of when the node looked at its clock.
        seen = (asked + time.time()) / 2
        self._note_clock(port, info, seen)
        model = self._know_model(info.model_hash, info)
        self._change(port, device_id=info.device_id, problem=None, model=model.name)
        self._note_loss(port, info)
        return info

    def _note_clock(self, port: str, info: NodeInfo, wall_time: float) -> None:
        self._marks[port] = (info.boot_id, ClockMark(info.monotonic_ms, wall_time))
        self._store.note_clock(
            info.device_id, info.boot_id, monotonic_ms=info.monotonic_ms, wall_time=wall_time
        )

    def _mark_as_before(self, port: str, node: Node, set_by: float) -> None:
        """Our clock has just been set: a mark as if it had not, so that the jump has a place.

        Not where we have slept instead, which the node's clock tells.
        """
        info = node.info()
        seen = ClockMark(info.monotonic_ms, time.time() - set_by)
        boot_id, before = self._marks[port]
        if boot_id == info.boot_id and continues(before, seen):
            self._note_clock(port, info, seen.wall_time)
            time.sleep(_APART_S)

    def _note_loss(self, port: str, info: NodeInfo) -> None:
        self._change(port, missed_samples=info.missed_samples, failed_readings=info.failed_readings)

    def _know_model(self, short_hash: str, info: NodeInfo) -> Description:
        """Keep what can be found out about a model, once in the life of this collector."""
        with self._lock:
            known = self._models.get(short_hash)
        if known is None:
            known = self._store.models().get(short_hash)
            if known is None or known.settings is None:
                known = self._finder.find(short_hash) or described_by_node(short_hash, info)
                self._store.put_model(known)
            with self._lock:
                self._models[short_hash] = known
        return known

    def _meaning_of(self, record: Record) -> Result | None:
        meaning = self._models[record.model_hash].meaning
        return meaning.result(record.output) if meaning is not None else None

    def _count(self, port: str, added: Added, batch: Batch) -> None:
        newest = self._meaning_of(batch.records[-1]) if batch.records else None
        with self._lock:
            status = self._statuses[port]
            self._statuses[port] = replace(
                status,
                added=status.added + added,
                newest=newest or status.newest,
                events=status.events + len(batch.events),
                event=batch.events[-1].in_words if batch.events else status.event,
            )
            total = sum(status.added.new for status in self._statuses.values())
        if self._wanted is not None and total >= self._wanted:
            self._stop.set()
        self._tell()

    def _change(self, port: str, **changes: str | int | None) -> None:
        with self._lock:
            self._statuses[port] = replace(self._statuses[port], **changes)  # type: ignore[arg-type]
        self._tell()

    def _tell(self) -> None:
        if self._on_change is not None:
            self._on_change(self.statuses)


def described_by_node(short_hash: str, info: NodeInfo) -> Description:
    """What the node says of its model; of one that it ran before an update only the hash."""
    if info.model_hash == short_hash:
        return Description.by_node(info)
    return Description(short_hash, name="", scale=0.0)
