"""The catalogue: one TOML a data set, checked once when it is read.

A data set of many files has them in ``<name>.files`` beside its TOML: a line each with sha256,
bytes and path, under the address that ``[listing]`` names.
"""

from __future__ import annotations

import re
import urllib.parse
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from tinyml.errors import DataError
from tinyml.resources import folder
from tinyml.toml import Table, read_text, read_toml, require_known

KINDS: Final = ("recorded", "simulated")
TASKS: Final = ("classification", "regression", "anomaly")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
# Folders are told by /; no part starts with a dot, so that no path leads out.
_FILE_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 .+_-]*(/[A-Za-z0-9][A-Za-z0-9 .+_-]*)*")


@dataclass(frozen=True)
class SourceFile:
    """A file at its original source."""

    name: str  # its path below the data set's folder
    url: str
    sha256: str  # 64 hex digits, of the file as it stands at the source
    bytes: int


@dataclass(frozen=True)
class Channel:
    """A measured quantity: value in ``unit`` = count * ``scale``."""

    name: str
    unit: str
    scale: float


@dataclass(frozen=True)
class Entry:
    """What the catalogue says of a data set."""

    name: str
    title: str
    kind: str  # one of KINDS
    task: str  # one of TASKS
    labels: tuple[str, ...]  # class names in the order of their indices; empty for a regression
    folds: int  # of a cross-validation as published; 0 where there is one split only
    training: bool  # whether it has training data; else it only tests
    target_name: str
    target_unit: str
    sample_rate_hz: float
    window: int  # samples
    channels: tuple[Channel, ...]
    files: tuple[SourceFile, ...]  # none for a simulation
    source: str
    licence: str
    citation: str
    split: str  # how training and test data are kept apart, in words
    baseline: str  # the trivial predictor to beat, in words

    @property
    def simulated(self) -> bool:
        """Whether no sensor ever measured it."""
        return self.kind == "simulated"


def names() -> list[str]:
    """All data sets, in the order of their names."""
    return sorted(path.stem for path in folder("datasets").glob("*.toml"))


@cache
def entry(name: str) -> Entry:
    """The data set ``name``; DataError where there is none."""
    require_known(name, names(), "data set", DataError)
    return read_entry(folder("datasets") / f"{name}.toml")


def read_entry(path: Path) -> Entry:
    """Read and check a data set's TOML; DataError names what is wrong."""
    table = Table(read_toml(path, DataError), path.name, DataError)
    target = table.table("target", optional=True)
    listing = table.table("listing", optional=True)
    found = Entry(
        name=path.stem,
        title=table.get("title", str),
        kind=table.choice("kind", KINDS),
        task=table.choice("task", TASKS),
        labels=tuple(table.get("labels", list, [])),
        folds=table.get("folds", int, 0),
        training=table.get("training", bool, True),
        target_name=target.get("name", str, ""),
        target_unit=target.get("unit", str, ""),
        sample_rate_hz=float(table.get("sample_rate_hz", (int, float))),
        window=table.get("window", int),
        channels=tuple(_channel(item) for item in _tables(table, "channels")),
        files=(*(_file(item) for item in _tables(table, "files")), *_listed(path, listing)),
        source=table.get("source", str),
        licence=table.get("licence", str),
        citation=table.get("citation", str),
        split=table.get("split", str),
        baseline=table.get("baseline", str),
    )
    target.finish()
    listing.finish()
    table.finish()
    _check(found, path.name)
    return found


def _tables(table: Table, key: str) -> list[Table]:
    return [
        Table(value if isinstance(value, dict) else {}, f"{table.where} [[{key}]] {i}", DataError)
        for i, value in enumerate(table.get(key, list, []), 1)
    ]


def _channel(table: Table) -> Channel:
    channel = Channel(
        table.get("name", str), table.get("unit", str), float(table.get("scale", (int, float)))
    )
    table.finish()
    if not channel.scale > 0:
        raise DataError(f"{table.where}: 'scale' must be above 0, not {channel.scale}")
    return channel


def _file(table: Table) -> SourceFile:
    file = SourceFile(
        table.get("name", str),
        table.get("url", str),
        table.get("sha256", str),
        table.get("bytes", int),
    )
    table.finish()
    if not _SHA256.fullmatch(file.sha256):
        raise DataError(f"{table.where}: 'sha256' must be 64 lower-case hex digits")
    if not file.url.startswith(("https://", "http://")):
        raise DataError(f"{table.where}: 'url' must start with https://, not {file.url!r}")
    if not _FILE_NAME.fullmatch(file.name):
        raise DataError(f"{table.where}: 'name' must be a plain file name, not {file.name!r}")
    return file


def _listed(path: Path, listing: Table) -> list[SourceFile]:
    """The files of ``<name>.files``; none where the TOML has no [listing]."""
    address = listing.get("url", str, "")
    if not address:
        return []
    lines = read_text(path.with_suffix(".files"), DataError).splitlines()
    files = []
    for number, line in enumerate(lines, 1):
        where = f"{path.stem}.files line {number}"
        sha256, _, rest = line.partition(" ")
        size, _, name = rest.partition(" ")
        if not size.isdecimal():
            raise DataError(f"{where} must be a sha256, a number of bytes and a path")
        url = f"{address}/{urllib.parse.quote(name)}"
        fields = {"name": name, "url": url, "sha256": sha256, "bytes": int(size)}
        files.append(_file(Table(fields, where, DataError)))
    return files


def _check(found: Entry, where: str) -> None:
    """Raise DataError for keys that contradict each other."""
    if not found.channels:
        raise DataError(f"{where} names no [[channels]]")
    if found.window < 1 or not found.sample_rate_hz > 0:
        raise DataError(f"{where}: 'window' and 'sample_rate_hz' must be above 0")
    if found.task == "classification" and len(found.labels) < 2:
        raise DataError(f"{where}: a classification needs at least two 'labels'")
    if found.task == "anomaly" and len(found.labels) != 2:
        raise DataError(f"{where}: an anomaly detection needs two 'labels', the normal one first")
    if found.folds < 0 or found.folds == 1:
        raise DataError(f"{where}: 'folds' must be 0 or at least 2, not {found.folds}")
    if found.task == "regression" and not found.target_name:
        raise DataError(f"{where}: a regression needs a [target] with 'name' and 'unit'")
    if found.simulated == bool(found.files):
        raise DataError(f"{where}: recorded data has [[files]], simulated data has none")
