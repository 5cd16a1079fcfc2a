"""JSON records as a table: a list of objects, an object a line, or a list within an object."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from tinyml.data.importing.profile import Profile
from tinyml.data.importing.tables import numbers, senml
from tinyml.data.importing.tables.numbers import Style
from tinyml.data.importing.tables.table import Column, Table, Understanding
from tinyml.errors import DataError
from tinyml.files import read_text

Record = Mapping[str, Any]

_DEEPEST: Final = 8  # objects in objects


def documents_of(path: Path) -> list[Any]:
    """All JSON values in a file: one, or one a line; DataError names the line of a bad one."""
    text = read_text(path, DataError).replace("\0", "")
    try:
        return [json.loads(text)]
    except (ValueError, RecursionError) as problem:
        whole = problem
    lines = [(n, line) for n, line in enumerate(text.splitlines(), 1) if line.strip()]
    found = []
    for index, (number, line) in enumerate(lines):
        try:
            found.append(json.loads(line))
        except (ValueError, RecursionError) as problem:
            cut = index and index == len(lines) - 1 and not text.endswith("\n")
            if cut:
                break  # the last line was cut while it was written
            if index:
                raise DataError(f"{path} line {number} is not JSON ({problem})") from problem
            raise DataError(f"{path} is not JSON ({whole})") from whole
    return found


def records_of(values: Sequence[Any], key: str = "") -> list[Record] | None:
    """The records in JSON values, in the list ``key`` of an object; None where there are none."""
    if len(values) != 1:
        whole = [value for value in values if isinstance(value, Mapping)]
        return whole if len(whole) == len(values) and whole else None
    [value] = values
    if key and isinstance(value, Mapping):
        value = value.get(key)
    if isinstance(value, Mapping):
        lists = [v for v in value.values() if _is_records(v)]
        value = lists[0] if len(lists) == 1 and "payload" not in value else None
    if isinstance(value, list) and value and all(_is_records(inner) for inner in value):
        value = [
            record for inner in value for record in inner
        ]  # Home Assistant: one list an entity
    return list(value) if _is_records(value) else None


def _unwrapped(records: list[Record]) -> list[Record]:
    """The objects inside, where each record is nothing but an envelope of one key."""
    keys = {key for record in records for key in record}
    inner = [value for record in records for value in record.values()]
    if len(keys) != 1 or not all(isinstance(value, Mapping) for value in inner):
        return records
    return inner


def _is_records(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(r, Mapping) for r in value)


def read(path: Path, profile: Profile | None, style: Style) -> Table:
    """The table of a file's records; DataError where it holds none."""
    key = profile.records if profile is not None else ""
    records = records_of(documents_of(path), key)
    if records is None:
        raise DataError(
            f"{path} does not contain a list of records: [{{...}}, ...], or one object per line"
        )
    if profile is not None and profile.kind == "senml":
        records = list(senml.resolved(records, str(path)))
    rows = [_flat(record) for record in _unwrapped(records)]
    only = profile.only if profile is not None else ""
    kept = {*profile.time, profile.session, profile.group} if profile is not None else set()
    columns = {}
    for name in dict.fromkeys(name for row in rows for name in row):
        if only and not name.startswith(only) and name not in kept:
            continue
        short = name.removeprefix(only)
        columns[short] = _column(short, [row.get(name) for row in rows], style)
    lines = np.arange(1, len(rows) + 1)
    understood = Understanding(str(path), "JSON records", decimal=".", rows=len(rows))
    return Table(str(path), columns, lines, np.zeros(0, np.int64), understood)


def _flat(record: Record, above: str = "", depth: int = 0) -> dict[str, Any]:
    """With dots between the names of objects in objects."""
    found: dict[str, Any] = {}
    for key, value in record.items():
        name = f"{above}{key}"
        if isinstance(value, Mapping) and depth < _DEEPEST:
            found |= _flat(value, f"{name}.", depth + 1)
        elif not isinstance(value, list):
            found[name] = value
    return found


def _column(name: str, values: list[Any], style: Style) -> Column:
    there = [value for value in values if value is not None]
    texts = ["" if value is None else _text(value) for value in values]
    plain = [value for value in there if isinstance(value, int | float)]
    spoken = [t for t in texts if not numbers.is_missing(t)]
    if len(plain) == len(there) or all(map(numbers.looks_like_number, spoken)):
        found, bad = numbers.parse(texts, style)
        if not bad:
            return Column(name, numbers=found)
    return Column(name, texts=texts)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(int(value))
    return value if isinstance(value, str) else repr(value)
