"""Remembering the table that was read last, for who looks at the same file several times."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from typing import Any

from tinyml.data.importing.tables.table import Table

_KEPT: ContextVar[dict[Any, Table] | None] = ContextVar("kept", default=None)


@contextmanager
def remembered() -> Iterator[None]:
    """Within it the table that was read last is not read again, while nothing changes its cells."""
    token = _KEPT.set({})
    try:
        yield
    finally:
        _KEPT.reset(token)


def recalled(key: Any, as_text: set[str], read: Callable[[], Table]) -> Table:
    """The table of ``key``; read where it is another, or has numbers in columns ``as_text``."""
    kept = _KEPT.get()
    if kept is None:
        return read()
    table = kept.get(key)
    if table is None or any(_is_number(table, name) for name in as_text):
        kept.clear()
        table = kept[key] = read()
    one = table.understood
    own = replace(one, damaged_lines=[*one.damaged_lines], notes=[*one.notes], above=[*one.above])
    return Table(table.where, dict(table.columns), table.lines, table.starts, own, table.gaps)


def _is_number(table: Table, name: str) -> bool:
    return name in table.columns and not table.columns[name].is_text
