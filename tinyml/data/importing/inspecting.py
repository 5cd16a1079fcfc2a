"""What files seem to be, and the import that reads them: nothing is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from tinyml.data.importing import clocks, read_recordings, roles, tables
from tinyml.data.importing.asking import UnsettledError
from tinyml.data.importing.label_tracks import read_label_tracks
from tinyml.data.importing.long import widened
from tinyml.data.importing.places import (
    ACQUISITIONS,
    PARQUET,
    SOUNDS,
    Source,
    labels_by_path,
    sources,
)
from tinyml.data.importing.recording import Options, Recording
from tinyml.data.importing.table_recordings import is_table, known_profile
from tinyml.data.importing.tables import Column, Table
from tinyml.data.importing.tables.layout import kind_of
from tinyml.data.importing.tables.memory import remembered
from tinyml.data.importing.tables.numbers import is_missing
from tinyml.errors import DataError

_MOST_ANSWERS: Final = 6
_OFTEN: Final = 0.1  # of all steps: so many gaps are bursts, not losses
_FEWEST_STEPS: Final = 16
_LABEL_NAMES: Final = {"label", "class", "activity", "state", "gesture", "category", "event"}
_TARGET_NAMES: Final = {"y", "target", "output", "reference", "ref"}
_PLACE: Final = "NAME"


@dataclass(frozen=True)
class Inspection:
    """What was found."""

    files: list[dict[str, Any]]
    arguments: list[str] | None  # of the import, after ``tinyml``
    why: str  # there is none
    notes: list[str]
    recordings: list[Recording]


def inspect(paths: Sequence[Path], options: Options, given: Sequence[str]) -> Inspection:
    """Look at files; ``given`` are the options as typed, which the import gets as well."""
    with remembered():
        return _inspect(paths, options, given)


def _inspect(paths: Sequence[Path], options: Options, given: Sequence[str]) -> Inspection:
    found, _ = read_label_tracks(sources(paths), options)
    answers = list(given)
    options, added, files, problem = _read_all(found, options)
    answers += added
    if problem:
        return Inspection(files, None, problem, [], [])
    notes: list[str] = []
    first = _first_table(found, options)
    if first is not None:
        options, more, said, problem = _roles(found, first, options)
        answers += more
        notes += said
    recordings: list[Recording] = []
    if not problem:
        options, more, recordings, problem = _recordings(paths, options)
        answers += more
    if recordings and any(np.isnan(r.values).any() for r in recordings):
        answers += ["--missing", "cut"]
    _complete(files, recordings)
    notes = list(dict.fromkeys([*notes, *(note for r in recordings for note in r.notes)]))
    arguments = ["data", "import", _PLACE, *map(str, paths), *answers]
    return Inspection(files, None if problem else arguments, problem, notes, recordings)


def _read_all(
    found: Sequence[Source], options: Options
) -> tuple[Options, list[str], list[dict[str, Any]], str]:
    """Facts of each file; doubts that do not change a value are answered on the way."""
    answers: list[str] = []
    files: list[dict[str, Any]] = []
    for source in found:
        if source.kind in SOUNDS or not is_table(source) or source.kind == ".cbor":
            kind = "sound" if source.kind in SOUNDS else "Edge Impulse acquisition"
            files.append({"file": str(source.path), "format": kind, "columns": []})
            continue
        for _ in range(_MOST_ANSWERS):
            try:
                table = tables.read(source.path, options, known_profile(source, options))
                files.append({**asdict(table.understood), "columns": _columns(table)})
                break
            except UnsettledError as error:
                if not error.answer or error.answer[0] in answers:
                    return options, answers, [*files, _unread(source)], str(error)
                options = answered(options, error.answer)
                answers += error.answer
            except DataError as error:
                return options, answers, [*files, _unread(source)], str(error)
    return options, answers, files, ""


def _unread(source: Source) -> dict[str, Any]:
    return {"file": str(source.path), "format": "not understood", "columns": []}


def answered(options: Options, answer: Sequence[str]) -> Options:
    """The options with an answer that :class:`UnsettledError` carries."""
    name, *values = answer
    value = "".join(values)
    if name == "--encoding":
        return replace(options, encoding=value)
    if name == "--resample":
        return replace(options, resample_hz=float(value))
    if name == "--no-header":
        return replace(options, no_header=True)
    return replace(options, skip_bad_rows=True)


def _columns(table: Table) -> list[dict[str, Any]]:
    return [_column(column) for column in table.columns.values()]


def _column(column: Column) -> dict[str, Any]:
    found: dict[str, Any] = {"name": column.name, "unit": column.unit}
    if column.numbers is None:
        texts = column.texts or ()
        kinds = [kind for cell in texts[:1000] if (kind := kind_of(cell))]
        kind = "times" if kinds and kinds.count("t") > len(kinds) / 2 else "words"
        missing = sum(map(is_missing, texts))
        values = sorted(set(texts[:10000]))[:10]
        return {**found, "kind": kind, "missing": missing, "values": values}
    there = column.numbers[~np.isnan(column.numbers)]
    low, high, mean = (
        (float(there.min()), float(there.max()), float(there.mean()))
        if len(there)
        else (None, None, None)
    )
    return {
        **found,
        "kind": "numbers",
        "missing": int(np.isnan(column.numbers).sum()),
        "minimum": low,
        "mean": mean,
        "maximum": high,
        "counts_up": clocks.counts_up(column.numbers),
        "suspected_sentinels": roles.sentinels_in(column.numbers),
    }


def _first_table(found: Sequence[Source], options: Options) -> Table | None:
    """The first file's table as the import will see it; None where it is none."""
    source = found[0]
    if source.kind in SOUNDS or (source.kind in ACQUISITIONS and not is_table(source)):
        return None
    known = None if source.kind in PARQUET else known_profile(source, options)
    table = tables.read(source.path, options, known)
    if known is not None:
        options = known.applied(options, table.columns)
    return widened(table, options) if options.long_name and options.time else table


def _roles(
    found: Sequence[Source], table: Table, options: Options
) -> tuple[Options, list[str], list[str], str]:
    """Time, target or class, and sentinels: options, as typed, notes, and what nobody knows."""
    known = known_profile(found[0], options)
    applied = known.applied(options, table.columns) if known is not None else options
    answers: list[str] = []
    if len(table) < 2:
        return options, [], [], f"{table.where} has only one row; a recording needs at least two"
    if not applied.time and not options.rate_hz:
        times = _time_columns(table)
        if not times:
            why = f"{table.where} has no column of times; give its samples per second with --rate"
            return options, [], [], why
        options = replace(options, time=tuple(times))
        applied = replace(applied, time=tuple(times))
        answers += [part for name in times for part in ("--time", name)]
    if not applied.session and applied.time and (name := _several(table, applied)):
        options, applied = replace(options, session=name), replace(applied, session=name)
        answers += ["--session", name]
    notes: list[str] = []
    if not (options.label or options.target or options.label_from):
        options, more, notes, problem = _learnt(found, table, options, applied)
        answers += more
        if problem:
            return options, answers, notes, problem
    numbers = [c.numbers for c in table.columns.values() if c.numbers is not None]
    sentinels = sorted({value for column in numbers for value in roles.sentinels_in(column)})
    told = [f"{value:g}" for value in sentinels]
    options = replace(options, missing=(*options.missing, *told))
    answers += [part for value in told for part in ("--missing-value", value)]
    return options, answers, notes, ""


def _time_columns(table: Table) -> list[str]:
    """The column of times; two where one has the date and another the time of day."""
    texts = {n: c.texts[:1000] for n, c in table.columns.items() if c.texts is not None}
    written = [
        name
        for name, cells in texts.items()
        if cells and [kind_of(cell) for cell in cells].count("t") > len(cells) / 2
    ]
    dates = [name for name in written if ":" not in texts[name][0]]
    clocks_only = [n for n in written if ":" in texts[n][0] and len(texts[n][0]) <= 12]
    if dates and clocks_only:
        return [dates[0], clocks_only[0]]
    if written:
        return written[:1]
    rising = [
        name
        for name, c in table.columns.items()
        if c.numbers is not None
        and c.bad_row < 0
        and (clocks.looks_like_time_name(name) or clocks.calendar_of(c.numbers) is not None)
        and len(c.numbers) > 1
        and (np.diff(c.numbers) >= 0).mean() > 0.9
    ]
    return rising[:1]


def _several(table: Table, options: Options) -> str:
    """A column of names whose rows take turns: several sensors in one table."""
    for name in roles.kinds_of_rows(table):
        cells = np.array(table.texts(name))
        changes = float((cells[1:] != cells[:-1]).mean())
        if name not in options.time and name != options.label and changes > 0.5:
            return name
    return ""


def _learnt(
    found: Sequence[Source], table: Table, options: Options, applied: Options
) -> tuple[Options, list[str], list[str], str]:
    """What there is to learn: classes by the paths or a column, or a value."""
    if len(found) > 1 and len(set(labels_by_path(found, ""))) > 1:
        return options, [], [], ""
    taken = {*applied.time, applied.session, applied.group}
    words = [name for name in roles.kinds_of_rows(table) if name not in taken]
    named = [name for name in table.columns if name.lower() in _LABEL_NAMES and name not in taken]
    if named or words:
        name = (named or words)[0]
        return replace(options, label=name), ["--label", name], [], ""
    numbers = [
        name
        for name, c in table.columns.items()
        if c.numbers is not None
        and name not in taken
        and name not in applied.no_channels
        and not roles.is_counter(c)
        and not np.isnan(c.numbers).all()
    ]
    if len(numbers) < 2:
        return (
            options,
            [],
            [],
            (
                f"{table.where}: nothing says what is to be learnt; name a column of classes with "
                "--label, or the value to predict with --target, or import a file for each class"
            ),
        )
    wanted = [name for name in numbers if name.lower() in _TARGET_NAMES]
    name = (wanted or numbers[-1:])[0]
    note = (
        f"{table.where}: nothing says what is to be learnt; the import predicts '{name}' "
        "(--target), name another column or one of classes (--label)"
    )
    return replace(options, target=name), ["--target", name], [] if wanted else [note], ""


def _recordings(
    paths: Sequence[Path], options: Options
) -> tuple[Options, list[str], list[Recording], str]:
    """The recordings, with answers to doubts that do not change a value."""
    answers: list[str] = []
    for _ in range(_MOST_ANSWERS):
        try:
            found = read_recordings(paths, options)
            rate = _burst_rate(found) if options.time and not options.resample_hz else 0.0
            if not rate:
                return options, answers, found, ""
            options = replace(options, resample_hz=rate)
            answers += ["--resample", f"{rate:g}"]
        except UnsettledError as error:
            if not error.answer or error.answer[0] in answers:
                return options, answers, [], str(error)
            options = answered(options, error.answer)
            answers += error.answer
        except DataError as error:
            return options, answers, [], str(error)
    return options, answers, [], "too many doubts"


def _burst_rate(recordings: Sequence[Recording]) -> float:
    """A rate at which a file of bursts has no holes; 0 where samples come one by one."""
    found = []
    for recording in recordings:
        there = np.flatnonzero(~np.isnan(recording.values).all(axis=1))
        steps = np.diff(there)
        if len(steps) < _FEWEST_STEPS or (steps > 1).mean() < _OFTEN:
            return 0.0
        found.append(recording.rate_hz / float(np.quantile(steps, 0.99)))
    return _below(min(found, default=0.0))


def _below(value: float) -> float:
    """The round number below: a 1, 2 or 5 of some power of ten."""
    if value <= 0:
        return 0.0
    power = 10.0 ** np.floor(np.log10(value))
    return float(next(digit for digit in (5, 2, 1) if digit * power <= value * 1.001) * power)


def _complete(files: list[dict[str, Any]], recordings: Sequence[Recording]) -> None:
    """What only the recordings say: times, rates, gaps."""
    for file in files:
        own = [r for r in recordings if r.where == file["file"]]
        if not own:
            continue
        if own[0].understood is not None:
            columns = file["columns"]
            file.update({**asdict(own[0].understood), "columns": columns})
        file["recordings"] = len(own)
        file["rate_hz"] = own[0].rate_hz
        file["seconds"] = sum(len(r.values) / r.rate_hz for r in own)
        file["started"] = own[0].session.started
        file["missing_samples"] = sum(r.session.lost for r in own)
        units = zip(own[0].channels, own[0].units, strict=True)
        file["channels"] = [{"name": name, "unit": unit} for name, unit in units]
