"""Tables, CSV and Parquet, as recordings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Final

import numpy as np

from tinyml.data.catalogue import Session
from tinyml.data.importing import times
from tinyml.data.importing.places import PARQUET, Source, safe
from tinyml.data.importing.recording import Floats, Options, Recording, Wanted, same_rate
from tinyml.data.tables import Columns, read_csv
from tinyml.errors import DataError
from tinyml.files import read_text
from tinyml.install import extra_command

_DELIMITERS: Final = (",", ";", "\t", "|")
_NAMED_DELIMITER: Final = re.compile(
    r'"?sep=(?P<delimiter>[^\w"])"?', re.I
)  # Excel's line above all
_EPOCH_S: Final = 1e8  # times beyond are dates, not seconds since a start


def read_table(source: Source, options: Options, session: Session) -> list[Recording]:
    """The recordings of a table: one, or one for each session that a column names."""
    table = _columns(source, options)
    wanted = _channels(table, options)
    values = _numbers(table, wanted, options)
    found = []
    for name, rows in _by_session(table, options.session).items():
        one = session if not options.session else replace(session, name=name)
        if options.group:
            one = replace(one, group=_single(table, options.group, rows, name))
        found += _recordings(source, options, table, wanted, values, rows, one)
    return found


def _columns(source: Source, options: Options) -> Columns:
    if source.kind in PARQUET:
        return _parquet(source.path)
    path, encoding = source.path, options.encoding or "utf-8-sig"
    if not path.stat().st_size:
        raise DataError(f"{path} is empty; record it again, or leave it out")
    if not options.encoding and path.read_bytes()[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise DataError(f"{path} is text in UTF-16; import it with --encoding utf-16")
    try:
        first = read_text(path, DataError, encoding).partition("\n")[0]
    except LookupError as error:
        raise DataError(f"--encoding '{encoding}' is not a known encoding; try latin-1") from error
    except DataError as error:
        raise DataError(f"{error}, or give its encoding, for example --encoding latin-1") from error
    named = _NAMED_DELIMITER.fullmatch(first)
    told = named["delimiter"] if named else max(_DELIMITERS, key=first.count)
    delimiter = options.delimiter or told
    if len(delimiter) != 1:
        raise DataError(f"--delimiter must be one character, such as ';', not '{delimiter}'")
    return read_csv(
        path, delimiter=delimiter, encoding=encoding, exact=True, skipped=int(bool(named))
    )


def _parquet(path: Path) -> Columns:
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
    cells = {
        str(name): [_text(value) for value in column.to_pylist()]
        for name, column in zip(table.column_names, table.columns, strict=True)
    }
    return Columns(str(path), cells, 1)


def _text(value: object) -> str:
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _channels(table: Columns, options: Options) -> tuple[Wanted, ...]:
    if options.channels:
        return options.channels
    others = {options.label, options.target, options.time, options.session, options.group}
    for name in others - {""}:
        table.text(name)
    names = [name for name in table.cells if name not in others]
    if not names or "" in names:
        raise DataError(
            f"{table.where} needs at least one column for a channel, and every column needs a name"
        )
    return tuple(Wanted(name) for name in names)


def _numbers(table: Columns, wanted: Sequence[Wanted], options: Options) -> Floats:
    try:
        return table.numbers(
            *(channel.name for channel in wanted),
            decimal=options.decimal,
            missing=options.missing_cells,
        )
    except DataError as error:
        if "not a number" not in str(error):
            raise
        raise DataError(
            f"{error}; choose columns with --channel, say what marks a missing value with "
            "--missing-value, or give --decimal , for decimal commas"
        ) from error


def _by_session(table: Columns, column: str) -> dict[str, list[int]]:
    """Rows of each session, in their order."""
    if not column:
        return {"": list(range(len(next(iter(table.cells.values())))))}
    found: dict[str, list[int]] = {}
    for row, name in enumerate(table.text(column)):
        found.setdefault(name.strip(), []).append(row)
    if "" in found:
        line = table.first_line + found[""][0]
        raise DataError(f"{table.where} line {line} has an empty session in column '{column}'")
    return found


def _single(table: Columns, column: str, rows: Sequence[int], session: str) -> str:
    cells = table.text(column)
    names = {cells[row].strip() for row in rows}
    if len(names) > 1:
        raise DataError(
            f"{table.where}: column '{column}' names {len(names)} groups in one "
            f"session{f' ({session})' if session else ''}; name the column that tells "
            "sessions apart with --session"
        )
    return names.pop()


def _recordings(
    source: Source,
    options: Options,
    table: Columns,
    wanted: Sequence[Wanted],
    values: Floats,
    rows: list[int],
    session: Session,
) -> list[Recording]:
    """One session's rows, in regular stretches."""
    own = values[rows]
    name = source.name if not options.session else f"{source.name}-{safe(session.name)}"
    rate_hz, stretches = _regular(options, table, own, rows)
    found = []
    for number, (start_s, samples, picked) in enumerate(stretches, 1):
        targets = _targets(options, table, [rows[i] if i >= 0 else -1 for i in picked])
        started = _date(start_s, table.where)
        found.append(
            Recording(
                where=table.where,
                name=name if len(stretches) == 1 else f"{name}-{number}",
                channels=tuple(channel.name for channel in wanted),
                units=tuple(channel.unit for channel in wanted),
                rate_hz=rate_hz,
                values=samples,
                targets=targets,
                session=replace(
                    session,
                    started=started.isoformat(timespec="seconds") if started else "",
                    lost=int((picked < 0).sum()),
                ),
            )
        )
    return found


def _date(start_s: float, where: str) -> datetime | None:
    """When a recording began; None where its times count from a start of their own."""
    if start_s <= _EPOCH_S:
        return None
    try:
        return datetime.fromtimestamp(start_s, timezone.utc)
    except (ValueError, OverflowError, OSError) as error:
        raise DataError(
            f"{where}: a time of {start_s:.0f} s is not a possible date; say what the "
            "numbers count with --time-unit, such as ms"
        ) from error


def _regular(
    options: Options, table: Columns, values: Floats, rows: list[int]
) -> tuple[float, list[tuple[float, Floats, times.Rows]]]:
    """The rate, and start, samples and rows of each regular stretch."""
    where = table.where
    if options.time:
        cells = table.text(options.time)
        mine = [cells[row] for row in rows]
        seconds = times.seconds_of(
            mine, options.time_unit, where, table.first_line, options.decimal
        )
        times.require_rising(seconds, where, [table.first_line + row for row in rows])
    elif options.rate_hz:
        seconds = np.arange(len(rows)) / options.rate_hz
    else:
        raise DataError(
            f"{where}: the sample rate is not known; name the column of times with "
            "--time, or give --rate HZ"
        )
    if len(rows) < 2:
        raise DataError(f"{where} has only one row; a recording needs at least two")
    if options.resample_hz:
        return options.resample_hz, times.resampled(seconds, values, options.resample_hz, where)
    rate_hz, grids = times.grids(seconds, where)
    if options.rate_hz:
        if not same_rate(rate_hz, options.rate_hz):
            raise DataError(
                f"{where}: its times say {rate_hz:.4g} samples per second, but --rate says "
                f"{options.rate_hz:g}; leave out --rate, correct --time-unit, or give "
                "--resample"
            )
        rate_hz = options.rate_hz
    found = []
    for grid in grids:
        samples = values[grid.rows]
        samples[grid.rows < 0] = np.nan
        found.append((grid.start_s, samples, grid.rows))
    return rate_hz, found


def _targets(options: Options, table: Columns, rows: Sequence[int]) -> list[str] | Floats | None:
    if options.target:
        column = table.numbers(
            options.target, decimal=options.decimal, missing=options.missing_cells
        )
        return np.array([column[row, 0] if row >= 0 else np.nan for row in rows])
    if options.label:
        cells = table.text(options.label)
        return [cells[row].strip() if row >= 0 else "" for row in rows]
    return None
