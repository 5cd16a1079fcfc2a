"""The record store: takes records any number of times, keeps each once, counts what is missing."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from sqlalchemy import Connection, Row, func, inspect, select
from sqlalchemy.exc import IntegrityError

from tinyml.collect import events, inputs, schema
from tinyml.collect.clocks import ClockJump, ClockMark, jumps, mended, wall_time_at
from tinyml.collect.database import (
    lock_opening,
    open_engine,
    sqlite_path,
    transaction,
    url_of,
)
from tinyml.device import Event, Record
from tinyml.documents import Fields, parse_json, parse_wholes
from tinyml.errors import StoreError
from tinyml.model import Description

_MEND_A_RUN: Final = "write the run again, for example with `tinyml demo`"
_ATTEMPTS: Final = 5  # of a transaction that lost a race against another collector


@dataclass(frozen=True)
class Added:
    """What became of the records given to :meth:`Store.add`."""

    new: int
    duplicates: int  # already there, or twice among those given

    def __add__(self, other: "Added") -> "Added":
        return Added(self.new + other.new, self.duplicates + other.duplicates)


@dataclass(frozen=True)
class Gap:
    """Sequence numbers ``first`` to ``last`` that a node counted and the store does not hold."""

    device_id: str
    boot_id: int  # of the record after the gap
    first: int
    last: int

    @property
    def missing(self) -> int:
        """How many records are missing."""
        return self.last - self.first + 1


@dataclass(frozen=True)
class BootSummary:
    """What the store holds of one boot of a node."""

    device_id: str
    boot_id: int
    records: int
    first: int | None  # sequence numbers; None where it holds no records
    last: int | None
    duplicates: int  # records that arrived again
    simulated: bool = False  # its node said that no sensor measures its samples


class Store:
    """Records and runs in SQLite (a path or ``sqlite:///...``) or PostgreSQL.

    Opens or creates it; with ``create=False`` a missing file is an error. A context manager. Every
    method raises StoreError where the database cannot do it. What ``add`` returned from is on disk.
    """

    def __init__(self, url: str | Path, *, create: bool = True) -> None:
        parsed = url_of(url)
        path = sqlite_path(parsed)
        if path is not None and not create and not path.exists():
            raise StoreError(f"there is no store at {path}; collect some records first")
        self.name = str(path) if path else parsed.render_as_string(hide_password=True)
        self._in_file = path is not None
        self._engine = open_engine(parsed)
        try:
            self._open()
        except StoreError:
            self.close()
            raise

    def _open(self) -> None:
        with transaction(self._engine, self.name, writes=True) as connection:
            lock_opening(connection)
            tables = set(inspect(connection).get_table_names())
            if "tinyml_store" not in tables:
                # A file of ours holds nothing else; a database server is often shared.
                foreign = tables if self._in_file else tables & set(schema.metadata.tables)
                if foreign:
                    raise StoreError(
                        f"{self.name} is the database of another program; give another file"
                    )
                schema.metadata.create_all(connection)
                connection.execute(
                    schema.store_format.insert().values(version=schema.FORMAT_VERSION)
                )
            version = connection.execute(select(schema.store_format.c.version)).scalar()
        if version != schema.FORMAT_VERSION:
            raise StoreError(
                f"{self.name} has store format {version}, but this version of tinyml reads "
                f"format {schema.FORMAT_VERSION}; use the tinyml version that wrote it"
            )

    def close(self) -> None:
        """Release the database."""
        self._engine.dispose()

    def __enter__(self) -> "Store":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def add(
        self,
        records: Iterable[Record],
        happened: Iterable[Event] = (),
        *,
        log_id: int | None = None,
    ) -> Added:
        """Store records and events; those already there are left as they are, and records counted.

        ``log_id`` is the node's log that counted their sequence numbers (node info says it). All of
        them are committed, or none.
        """
        batch, of_events = list(records), list(happened)
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                with transaction(self._engine, self.name, writes=True) as connection:
                    for boot in {(event.device_id, event.boot_id) for event in of_events}:
                        _know_boot(connection, *boot)
                    if of_events:
                        events.add_events(connection, of_events, log_id)
                    return self._add(connection, batch, log_id)
            except StoreError as error:
                # Another collector stored the same records since we looked: look again.
                if not isinstance(error.__cause__, IntegrityError) or attempt == _ATTEMPTS:
                    raise
        raise AssertionError("the last attempt returns or raises")

    def _add(self, connection: Connection, batch: list[Record], log_id: int | None) -> Added:
        by_boot: dict[tuple[str, int], dict[int, Record]] = defaultdict(dict)
        given: dict[tuple[str, int], int] = defaultdict(int)
        for record in batch:
            boot = (record.device_id, record.boot_id)
            given[boot] += 1
            by_boot[boot].setdefault(record.sequence, record)
        total = Added(0, 0)
        for boot, wanted in by_boot.items():
            _know_boot(connection, *boot)
            present = _sequences(connection, *boot, min(wanted), max(wanted))
            rows = [_to_row(wanted[number], log_id) for number in wanted if number not in present]
            if rows:
                connection.execute(schema.records.insert(), rows)
                new = [wanted[row["sequence"]] for row in rows]
                inputs.add_inputs(connection, [record for record in new if record.inputs])
            added = Added(len(rows), given[boot] - len(rows))
            if added.duplicates:
                connection.execute(
                    schema.boots.update()
                    .where(schema.boots.c.device_id == boot[0], schema.boots.c.boot_id == boot[1])
                    .values(duplicates=schema.boots.c.duplicates + added.duplicates)
                )
            total += added
        return total

    def note_clock(
        self, device_id: str, boot_id: int, *, monotonic_ms: int, wall_time: float
    ) -> None:
        """Note that a node's clock showed ``monotonic_ms`` when the host's showed ``wall_time``.

        From then on records of that boot without a wall time of their own get a mended one.
        """
        marks = schema.clock_marks
        key = {"device_id": device_id, "boot_id": boot_id, "monotonic_ms": monotonic_ms}
        with transaction(self._engine, self.name, writes=True) as connection:
            connection.execute(marks.delete().filter_by(**key))
            connection.execute(marks.insert().values(wall_time=wall_time, **key))

    def note_simulated(self, device_id: str, boot_ids: Iterable[int]) -> None:
        """Note that in these boots no sensor measured a node's samples: they were simulated."""
        table = schema.simulated_boots
        with transaction(self._engine, self.name, writes=True) as connection:
            table.create(connection, checkfirst=True)
            for boot_id in boot_ids:
                key = {"device_id": device_id, "boot_id": boot_id}
                connection.execute(table.delete().filter_by(**key))
                connection.execute(table.insert().values(**key))

    def last_sequence(self, device_id: str, log_id: int) -> int:
        """The highest sequence number stored of that log; 0 where there is none."""
        table = schema.records.c
        query = select(func.max(table.sequence)).where(
            table.device_id == device_id, table.log_id == log_id
        )
        with transaction(self._engine, self.name) as connection:
            last = connection.execute(query).scalar() or 0
            return max(last, events.last_event(connection, device_id, log_id))

    def events(self, *, device_id: str | None = None) -> list[Event]:
        """What happened to all nodes, or to one; by device and number, dated as records are."""
        with transaction(self._engine, self.name) as connection:
            marks = {boot: mended(found) for boot, found in _clock_marks(connection).items()}
            rows = events.read_events(connection, device_id)
            return [events.of_row(row, _dated(row, marks)) for row in rows]

    def records(
        self,
        *,
        device_id: str | None = None,
        boot_id: int | None = None,
        model_hash: str | None = None,
    ) -> list[Record]:
        """All records, or those that match; by device, boot (oldest first) and sequence number.

        A record without a wall time of its own gets one from the clock marks of its boot.
        """
        table, boots = schema.records, schema.boots
        query = (
            select(table)
            .join(
                boots,
                (boots.c.device_id == table.c.device_id) & (boots.c.boot_id == table.c.boot_id),
            )
            .order_by(table.c.device_id, boots.c.position, table.c.sequence)
        )
        wanted = {"device_id": device_id, "boot_id": boot_id, "model_hash": model_hash}
        for column, value in wanted.items():
            if value is not None:
                query = query.where(table.c[column] == value)
        with transaction(self._engine, self.name) as connection:
            marks = {boot: mended(found) for boot, found in _clock_marks(connection).items()}
            seen = inputs.read_inputs(connection, device_id)
            found = [_from_row(row, marks) for row in connection.execute(query)]
            return [inputs.completed(record, seen) for record in found] if seen else found

    def clock_jumps(self) -> list[ClockJump]:
        """Where the host's clock was set while records were collected; drift is not counted.

        The marks themselves are kept as they were seen; :func:`mended` makes one clock of them.
        """
        with transaction(self._engine, self.name) as connection:
            marks = _clock_marks(connection)
        return [
            ClockJump(device_id, boot_id, before, after, step)
            for (device_id, boot_id), found in marks.items()
            for (before, after), step in zip(pairwise(found), jumps(found), strict=True)
            if step
        ]

    def gaps(self) -> list[Gap]:
        """Sequence numbers that nodes counted and this store does not hold.

        Where the log is known, numbers count from 1 within it and go on over boots, so everything
        missing below the highest number stored is a gap, also at the log's start (overwritten
        before it was collected, or collected into another store). Where it is not known, a gap is
        a hole between the lowest and the highest number of one boot. What a node without
        persistent storage had not yet handed over when it restarted cannot be known.
        """
        table = schema.records.c
        query = select(table.device_id, table.log_id, table.boot_id, table.sequence)
        with transaction(self._engine, self.name) as connection:
            rows = [*connection.execute(query), *events.numbers(connection)]
        counted: dict[tuple[str, int | None, int | None], list[tuple[int, int]]] = defaultdict(list)
        for device_id, log_id, boot_id, sequence in rows:
            # Without a log each boot counts for itself.
            scope = (device_id, log_id, boot_id if log_id is None else None)
            counted[scope].append((sequence, boot_id))
        return [
            gap
            for (device_id, log_id, _), numbers in sorted(
                counted.items(), key=lambda item: item[0][0]
            )
            for gap in _holes(device_id, sorted(numbers), from_one=log_id is not None)
        ]

    def boots(self) -> list[BootSummary]:
        """Every boot of every node, in the order in which the store heard of them."""
        table, boots = schema.records.c, schema.boots
        query = (
            select(
                boots.c.device_id,
                boots.c.boot_id,
                func.count(table.sequence),
                func.min(table.sequence),
                func.max(table.sequence),
                boots.c.duplicates,
            )
            .outerjoin_from(
                boots,
                schema.records,
                (boots.c.device_id == table.device_id) & (boots.c.boot_id == table.boot_id),
            )
            .group_by(boots.c.position, boots.c.device_id, boots.c.boot_id, boots.c.duplicates)
            .order_by(boots.c.position)
        )
        with transaction(self._engine, self.name) as connection:
            simulated = _simulated(connection)
            found = [BootSummary(*row) for row in connection.execute(query)]
        return [
            replace(boot, simulated=(boot.device_id, boot.boot_id) in simulated) for boot in found
        ]

    def put_model(self, model: Description) -> None:
        """Keep what is known of a model, unless the store knows more of it already."""
        table = schema.models
        with transaction(self._engine, self.name, writes=True) as connection:
            lock_opening(connection)
            table.create(connection, checkfirst=True)
            known = _models(connection).get(model.hash)
            if known is not None and _knowledge(known) > _knowledge(model):
                return
            connection.execute(table.delete().where(table.c.model_hash == model.hash))
            connection.execute(
                table.insert().values(model_hash=model.hash, description=model.to_json())
            )

    def models(self) -> dict[str, Description]:
        """What is known of models, by their hash as records have it."""
        with transaction(self._engine, self.name) as connection:
            return _models(connection)

    def put_run(self, run_id: str, document: dict[str, Any]) -> None:
        """Store a run's JSON document, in place of an earlier one of the same name."""
        text = json.dumps(document, allow_nan=False)
        with transaction(self._engine, self.name, writes=True) as connection:
            connection.execute(schema.runs.delete().where(schema.runs.c.run_id == run_id))
            connection.execute(schema.runs.insert().values(run_id=run_id, document=text))

    def run(self, run_id: str) -> Fields:
        """A run's document, to be read. StoreError where there is none of that name."""
        query = select(schema.runs.c.document).where(schema.runs.c.run_id == run_id)
        with transaction(self._engine, self.name) as connection:
            text = connection.execute(query).scalar()
        if text is None:
            known = ", ".join(self.run_ids()) or "none"
            raise StoreError(
                f"there is no run {run_id!r} in {self.name}; the runs there are: {known}"
            )
        return parse_json(text, f"the run {run_id!r} in {self.name}", StoreError, _MEND_A_RUN)

    def run_ids(self) -> list[str]:
        """Names of the runs, in the order in which they were stored."""
        query = select(schema.runs.c.run_id).order_by(schema.runs.c.position)
        with transaction(self._engine, self.name) as connection:
            return list(connection.execute(query).scalars())


def _simulated(connection: Connection) -> set[tuple[str, int]]:
    if not inspect(connection).has_table(schema.simulated_boots.name):
        return set()
    rows = connection.execute(select(schema.simulated_boots))
    return {(row.device_id, row.boot_id) for row in rows}


def _models(connection: Connection) -> dict[str, Description]:
    if not inspect(connection).has_table(schema.models.name):
        return {}
    rows = connection.execute(select(schema.models))
    return {row.model_hash: _description(row.model_hash, row.description) for row in rows}


def _knowledge(model: Description) -> tuple[bool, bool]:
    """The more, the higher: settings, then the file."""
    return model.settings is not None, bool(model.sha256)


def _description(short_hash: str, text: str) -> Description:
    where = f"the store's description of the model {short_hash}"
    return Description.from_fields(short_hash, parse_json(text, where, StoreError))


def _know_boot(connection: Connection, device_id: str, boot_id: int) -> None:
    boots = schema.boots
    key = {"device_id": device_id, "boot_id": boot_id}
    if connection.execute(select(boots.c.position).filter_by(**key)).first() is None:
        connection.execute(boots.insert().values(duplicates=0, **key))


def _sequences(
    connection: Connection, device_id: str, boot_id: int, first: int, last: int
) -> set[int]:
    table = schema.records.c
    query = select(table.sequence).where(
        table.device_id == device_id, table.boot_id == boot_id, table.sequence.between(first, last)
    )
    return set(connection.execute(query).scalars())


def _clock_marks(connection: Connection) -> dict[tuple[str, int], list[ClockMark]]:
    table = schema.clock_marks.c
    rows = connection.execute(
        select(schema.clock_marks).order_by(table.device_id, table.boot_id, table.monotonic_ms)
    )
    return {
        boot: [ClockMark(row.monotonic_ms, row.wall_time) for row in of_boot]
        for boot, of_boot in groupby(rows, key=lambda row: (row.device_id, row.boot_id))
    }


def _holes(device_id: str, numbers: Sequence[tuple[int, int]], *, from_one: bool) -> Iterator[Gap]:
    """Gaps between sorted (sequence, boot id) pairs."""
    expected = 1 if from_one else numbers[0][0]
    for sequence, boot_id in numbers:
        if sequence > expected:
            yield Gap(device_id, boot_id, expected, sequence - 1)
        expected = sequence + 1


def _to_row(record: Record, log_id: int | None) -> dict[str, Any]:
    return {
        "device_id": record.device_id,
        "boot_id": record.boot_id,
        "sequence": record.sequence,
        "log_id": log_id,
        "monotonic_ms": record.monotonic_ms,
        "wall_time": record.wall_time,
        "model_hash": record.model_hash,
        "tag": record.tag,
        "output": json.dumps(record.output),
        "inference_us": record.inference_us,
    }


def _dated(row: Row[Any], marks: dict[tuple[str, int], list[ClockMark]]) -> float | None:
    """Its own wall time, else one by the clock marks of its boot."""
    if row.wall_time is not None:
        return float(row.wall_time)
    return wall_time_at(row.monotonic_ms, marks.get((row.device_id, row.boot_id), ()))


def _from_row(row: Row[Any], marks: dict[tuple[str, int], list[ClockMark]]) -> Record:
    return Record(
        device_id=row.device_id,
        boot_id=row.boot_id,
        sequence=row.sequence,
        monotonic_ms=row.monotonic_ms,
        wall_time=_dated(row, marks),
        model_hash=row.model_hash,
        tag=row.tag,
        output=parse_wholes(row.output, f"record {row.sequence} of {row.device_id}", StoreError),
        inference_us=row.inference_us,
    )
