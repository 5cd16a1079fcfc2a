"""Events in the store: a table that older stores get when it is first needed."""

from __future__ import annotations

import json
from typing import Any, Final

from sqlalchemy import Connection, Row, func, inspect, select

from tinyml.collect import schema
from tinyml.device import Event
from tinyml.documents import parse_wholes
from tinyml.errors import StoreError

_TABLE: Final = schema.events


def there_are(connection: Connection) -> bool:
    """Whether the store has the table."""
    return bool(inspect(connection).has_table(_TABLE.name))


def add_events(connection: Connection, events: list[Event], log_id: int | None) -> None:
    """Store events; those already there are left as they are."""
    _TABLE.create(connection, checkfirst=True)
    for event in events:
        key = {
            "device_id": event.device_id,
            "boot_id": event.boot_id,
            "sequence": event.sequence,
        }
        if connection.execute(select(_TABLE.c.sequence).filter_by(**key)).first() is None:
            connection.execute(_TABLE.insert().values(**key, **_to_row(event, log_id)))


def last_event(connection: Connection, device_id: str, log_id: int) -> int:
    """The highest number of that log's events; 0 where there is none."""
    if not there_are(connection):
        return 0
    query = select(func.max(_TABLE.c.sequence)).where(
        _TABLE.c.device_id == device_id, _TABLE.c.log_id == log_id
    )
    return connection.execute(query).scalar() or 0


def numbers(connection: Connection) -> list[tuple[str, int | None, int, int]]:
    """Device, log, boot and number of each."""
    if not there_are(connection):
        return []
    table = _TABLE.c
    rows = connection.execute(select(table.device_id, table.log_id, table.boot_id, table.sequence))
    return [tuple(row) for row in rows]


def read_events(connection: Connection, device_id: str | None) -> list[Row[Any]]:
    """Rows by device, then in the order of their numbers."""
    if not there_are(connection):
        return []
    query = select(_TABLE).order_by(_TABLE.c.device_id, _TABLE.c.log_id, _TABLE.c.sequence)
    if device_id is not None:
        query = query.where(_TABLE.c.device_id == device_id)
    return list(connection.execute(query))


def of_row(row: Row[Any], wall_time: float | None) -> Event:
    """An event from its row, with the time at which it was."""
    where = f"event {row.sequence} of {row.device_id}"
    try:
        data = bytes.fromhex(row.data)
    except ValueError as error:
        raise StoreError(f"{where} has damaged bytes; restore the store from a copy") from error
    return Event(
        device_id=row.device_id,
        boot_id=row.boot_id,
        sequence=row.sequence,
        monotonic_ms=row.monotonic_ms,
        wall_time=wall_time,
        kind=row.kind,
        values=parse_wholes(row.values, where, StoreError),
        data=data,
    )


def _to_row(event: Event, log_id: int | None) -> dict[str, Any]:
    return {
        "log_id": log_id,
        "monotonic_ms": event.monotonic_ms,
        "wall_time": event.wall_time,
        "kind": event.kind,
        "values": json.dumps(event.values),
        "data": event.data.hex(),
    }
