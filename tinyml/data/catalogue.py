"""The catalogue: one TOML a data set, checked once when it is read.

A data set of many files has them in ``<name>.files`` beside its TOML: a line each with sha256,
bytes and path, under the address that ``[listing]`` names.

A user's own data sets are entries of the same form in ``datasets/`` of a project: they have a
``[reading]``, and their files lie beside the TOML, in the folder ``<name>``. In a clone of this
repository, whose ``datasets/`` is the catalogue, they lie in ``own-datasets/``.
"""

from __future__ import annotations

import re
import urllib.parse
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tinyml.errors import DataError
from tinyml.resources import folder
from tinyml.toml import Table, read_text, read_toml, require_known

KINDS: Final = ("recorded", "simulated")
TASKS: Final = ("classification", "regression", "anomaly")
PARTS: Final = ("training", "validation", "test")
SPLITS: Final = ("time", "session", "group", "given")
MISSING: Final = ("cut", "hold")
_FOLDER: Final = "datasets"
_OWN_FOLDER: Final = "own-datasets"
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
# Folders are told by /; no part starts with a dot, so that no path leads out.
_FILE_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 .+_-]*(/[A-Za-z0-9][A-Za-z0-9 .+_-]*)*")


@dataclass(frozen=True)
class SourceFile:
    """A file at its original source."""

    name: str  # its path below the data set's folder
    url: str  # empty where it lies beside the entry
    sha256: str  # 64 hex digits, of the file as it stands at the source
    bytes: int
    session: Session | None = None  # of one's own recordings


@dataclass(frozen=True)
class Session:
    """What is known of a recording beside its samples. Texts are empty where unknown."""

    name: str  # one sitting: its recordings stay together where a split is by session
    group: str  # who or what was recorded: a person, a machine, a site
    label: str  # its class, where one holds for all of it
    part: str  # one of PARTS, or empty where its time is divided
    started: str  # ISO 8601
    device: str
    note: str
    lost: int  # samples that never arrived


@dataclass(frozen=True)
class Reading:
    """How one's own recordings become windows."""

    split_by: str  # one of SPLITS
    stride: int  # samples from one window to the next
    purity: float  # of a window's samples, the fewest that must be of its class
    missing: str  # one of MISSING: no window spans a hole, or the last value holds through it


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
    reading: Reading | None = None  # of one's own data sets
    place: Path | None = None  # the folder of their files

    @property
    def simulated(self) -> bool:
        """Whether no sensor ever measured it."""
        return self.kind == "simulated"


def names(near: Path | None = None) -> list[str]:
    """All data sets, in the order of their names; those found from the folder ``near``, too."""
    return sorted({path.stem for place in _places(near) for path in place.glob("*.toml")})


def shipped() -> list[str]:
    """The data sets of the catalogue alone, in the order of their names."""
    return sorted(path.stem for path in folder(_FOLDER).glob("*.toml"))


def own_folder(project: Path) -> Path:
    """Where the data sets of a project's user lie: never among those of the catalogue."""
    place = project / _FOLDER
    return project / _OWN_FOLDER if place.resolve() == folder(_FOLDER).resolve() else place


def entry(name: str, near: Path | None = None) -> Entry:
    """The data set ``name``: of the catalogue, or the user's in a project at ``near`` or above it.

    ``near`` is the working directory where absent. DataError where there is none.
    """
    require_known(name, names(near), "data set", DataError)
    paths = (place / f"{name}.toml" for place in _places(near))
    return read_entry(next(path for path in paths if path.is_file()))


def _places(near: Path | None) -> list[Path]:
    """Where entries lie, the catalogue first: nothing of the user's takes the place of its sets."""
    start = (near or Path.cwd()).resolve()
    own = [own_folder(above) for above in (start, *start.parents)]
    return [folder(_FOLDER), *(place for place in own if place.is_dir())]


def read_entry(path: Path) -> Entry:
    """Read and check a data set's TOML; DataError names what is wrong."""
    table = Table(read_toml(path, DataError), path.name, DataError)
    target = table.table("target", optional=True)
    listing = table.table("listing", optional=True)
    reading = table.table("reading", optional=True) if "reading" in table else None
    own = reading is not None
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
        files=(
            *(_file(item, own=own) for item in _tables(table, "files")),
            *_listed(path, listing),
        ),
        source=table.get("source", str),
        licence=table.get("licence", str),
        citation=table.get("citation", str),
        split=table.get("split", str),
        baseline=table.get("baseline", str),
        reading=None if reading is None else _reading(reading),
        place=path.parent / path.stem if own else None,
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


def _reading(table: Table) -> Reading:
    reading = Reading(
        split_by=table.choice("split_by", SPLITS),
        stride=table.get("stride", int),
        purity=float(table.get("purity", (int, float), 1.0)),
        missing=table.choice("missing", MISSING),
    )
    table.finish()
    if reading.stride < 1 or not 0 < reading.purity <= 1:
        raise DataError(
            f"{table.where}: 'stride' must be at least 1, 'purity' above 0 and at most 1"
        )
    return reading


def _session(table: Table) -> Session:
    part = table.get("part", str, "")
    if part:
        require_known(part, PARTS, f"{table.where}: 'part'", DataError)
    return Session(
        name=table.get("session", str),
        group=table.get("group", str, ""),
        label=table.get("label", str, ""),
        part=part,
        started=table.get("started", str, ""),
        device=table.get("device", str, ""),
        note=table.get("note", str, ""),
        lost=table.get("lost", int, 0),
    )


def _file(table: Table, *, own: bool = False) -> SourceFile:
    file = SourceFile(
        table.get("name", str),
        "" if own else table.get("url", str),
        table.get("sha256", str),
        table.get("bytes", int),
        _session(table) if own else None,
    )
    table.finish()
    if not _SHA256.fullmatch(file.sha256):
        raise DataError(f"{table.where}: 'sha256' must be 64 lower-case hex digits")
    if not own and not file.url.startswith(("https://", "http://")):
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
    # One's own grow class by class.
    if found.task == "classification" and len(found.labels) < (1 if found.reading else 2):
        raise DataError(f"{where}: a classification needs at least two 'labels'")
    if found.task == "anomaly" and len(found.labels) != 2:
        raise DataError(f"{where}: an anomaly detection needs two 'labels', the normal one first")
    if found.folds < 0 or found.folds == 1:
        raise DataError(f"{where}: 'folds' must be 0 or at least 2, not {found.folds}")
    if found.task == "regression" and not found.target_name:
        raise DataError(f"{where}: a regression needs a [target] with 'name' and 'unit'")
    if found.reading is None and found.simulated == bool(found.files):
        raise DataError(f"{where}: recorded data has [[files]], simulated data has none")
    if found.reading is None:
        return
    if not found.files:
        raise DataError(f"{where} names no [[files]]")
    for file in found.files:
        if file.session is not None and file.session.label not in ("", *found.labels):
            raise DataError(f"{where}: {file.name} has the label '{file.session.label}', unlisted")
