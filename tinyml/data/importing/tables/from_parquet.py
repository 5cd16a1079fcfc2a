"""Parquet files, with pyarrow."""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import numpy as np

from tinyml.data.importing.tables.table import Column, Table, Understanding
from tinyml.errors import DataError
from tinyml.install import extra_command


def read(path: Path) -> Table:
    """The table in a Parquet file; DataError where it is damaged, or pyarrow is missing."""
    try:
        import pyarrow  # noqa: PLC0415 - an extra
        from pyarrow import parquet  # noqa: PLC0415
    except ImportError as error:
        raise DataError(
            f"{path} is a Parquet file, which needs pyarrow; to install it, type: "
            f"{extra_command('train')}"
        ) from error
    try:
        table = parquet.read_table(path)
    except (pyarrow.ArrowException, OSError) as error:
        raise DataError(f"{path} is not a complete Parquet file ({error})") from error
    if not table.num_rows:
        raise DataError(f"{path} has no rows")
    columns = {
        str(name): _column(str(name), values)
        for name, values in zip(table.column_names, table.columns, strict=True)
    }
    lines = np.arange(1, table.num_rows + 1)
    understood = Understanding(str(path), "Parquet", rows=table.num_rows)
    return Table(str(path), columns, lines, np.zeros(0, np.int64), understood)


def _column(name: str, values: Any) -> Column:
    import pyarrow  # noqa: PLC0415 - known to be there
    from pyarrow import types  # noqa: PLC0415

    if types.is_integer(values.type) or types.is_floating(values.type):
        plain = values.cast(pyarrow.float64(), safe=False)
        return Column(name, numbers=np.asarray(plain.to_numpy(), np.float64))
    return Column(name, texts=[_text(value) for value in values.to_pylist()])


def _text(value: object) -> str:
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, datetime | date | time) else str(value)
