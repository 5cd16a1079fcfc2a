"""What records' windows were like, in the store: a table that older stores get when needed."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Final

from sqlalchemy import Connection, inspect, select

from tinyml.collect import schema
from tinyml.device import Record
from tinyml.documents import parse_wholes
from tinyml.errors import StoreError

_TABLE: Final = schema.inputs
Key = tuple[str, int, int]


def add_inputs(connection: Connection, records: list[Record]) -> None:
    """Store the inputs of records that have some, and are new in the store."""
    if not records:
        return
    _TABLE.create(connection, checkfirst=True)
    rows = [
        {
            "device_id": record.device_id,
            "boot_id": record.boot_id,
            "sequence": record.sequence,
            "counts": json.dumps(record.inputs),
        }
        for record in records
    ]
    connection.execute(_TABLE.insert(), rows)


def read_inputs(connection: Connection, device_id: str | None) -> dict[Key, str]:
    """The inputs of all records, or of a node's, as JSON."""
    if not inspect(connection).has_table(_TABLE.name):
        return {}
    query = select(_TABLE)
    if device_id is not None:
        query = query.where(_TABLE.c.device_id == device_id)
    rows = connection.execute(query)
    return {(row.device_id, row.boot_id, row.sequence): row.counts for row in rows}


def completed(record: Record, inputs: dict[Key, str]) -> Record:
    """A record with its inputs, where the store has some."""
    counts = inputs.get((record.device_id, record.boot_id, record.sequence))
    if counts is None:
        return record
    where = f"inputs of record {record.sequence} of {record.device_id}"
    return replace(record, inputs=parse_wholes(counts, where, StoreError))
