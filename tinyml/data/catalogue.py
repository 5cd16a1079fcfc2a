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

from tinyml.documents import Fields, read_toml, require_known
from tinyml.errors import DataError
from tinyml.files import read_text
from tinyml.resources import folder

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
    fields = Fields(read_toml(path, DataError), path.name, DataError)
    target = fields.inner("target", optional=True)
    listing = fields.inner("listing", optional=True)
    reading = _reading(fields.inner("reading")) if "reading" in fields else None
    own = reading is not None
    found = Entry(
        name=path.stem,
        title=fields.text("title"),
        kind=fields.choice("kind", KINDS),
        task=fields.choice("task", TASKS),
        labels=fields.texts("labels", []),
        folds=fields.whole("folds", 0),
        training=fields.flag("training", True),
        target_name=target.text("name", ""),
        target_unit=target.text("unit", ""),
        sample_rate_hz=fields.real("sample_rate_hz", above=0),
        window=fields.whole("window", low=1),
        channels=tuple(_channel(channel) for channel in fields.inners("channels")),
        files=(
            *(_file(file, own=own) for file in fields.inners("files")),
            *_listed(path, listing),
        ),
        source=fields.text("source"),
        licence=fields.text("licence"),
        citation=fields.text("citation"),
        split=fields.text("split"),
        baseline=fields.text("baseline"),
        reading=reading,
        place=path.parent / path.stem if own else None,
    )
    target.finish()
    listing.finish()
    fields.finish()
    _check(found, path.name)
    return found


def _channel(fields: Fields) -> Channel:
    channel = Channel(fields.text("name"), fields.text("unit"), fields.real("scale", above=0))
    fields.finish()
    return channel


def _reading(fields: Fields) -> Reading:
    reading = Reading(
        split_by=fields.choice("split_by", SPLITS),
        stride=fields.whole("stride", low=1),
        purity=fields.real("purity", 1.0, high=1.0, above=0),
        missing=fields.choice("missing", MISSING),
    )
    fields.finish()
    return reading


def _session(fields: Fields) -> Session:
    return Session(
        name=fields.text("session"),
        group=fields.text("group", ""),
        label=fields.text("label", ""),
        part=fields.choice("part", ("", *PARTS), ""),
        started=fields.text("started", ""),
        device=fields.text("device", ""),
        note=fields.text("note", ""),
        lost=fields.whole("lost", 0),
    )


def _file(fields: Fields, *, own: bool = False) -> SourceFile:
    file = SourceFile(
        fields.text("name"),
        "" if own else fields.text("url"),
        fields.text("sha256"),
        fields.whole("bytes"),
        _session(fields) if own else None,
    )
    fields.finish()
    if not _SHA256.fullmatch(file.sha256):
        raise fields.wrong("sha256", "must be 64 lower-case hex digits")
    if not own and not file.url.startswith(("https://", "http://")):
        raise fields.wrong("url", "must start with https://")
    if not _FILE_NAME.fullmatch(file.name):
        raise fields.wrong("name", "must be a plain file name")
    return file


def _listed(path: Path, listing: Fields) -> list[SourceFile]:
    """The files of ``<name>.files``; none where the TOML has no [listing]."""
    address = listing.text("url", "")
    if not address:
        return []
    lines = read_text(path.with_suffix(".files"), DataError).splitlines()
    files = []
    for number, line in enumerate(lines, 1):
        where = f"{path.stem}.files line {number}"
        sha256, _, rest = line.partition(" ")
        size, _, name = rest.partition(" ")
        if not size.isdecimal() or len(size) > 18:
            raise DataError(f"{where} must be a SHA-256, a number of bytes and a path")
        url = f"{address}/{urllib.parse.quote(name)}"
        found = {"name": name, "url": url, "sha256": sha256, "bytes": int(size)}
        files.append(_file(Fields(found, where, DataError)))
    return files


def _check(found: Entry, where: str) -> None:
    """Raise DataError for keys that contradict each other."""
    if not found.channels:
        raise DataError(f"{where} must have at least one [[channels]]")
    # One's own grow class by class.
    if found.task == "classification" and len(found.labels) < (1 if found.reading else 2):
        raise DataError(f"{where}: classification needs at least two 'labels'")
    if found.task == "anomaly" and len(found.labels) != 2:
        raise DataError(f"{where}: anomaly detection needs two 'labels', the normal one first")
    if found.folds == 1:
        raise DataError(f"{where}: 'folds' must be 0 or at least 2, not {found.folds}")
    if found.task == "regression" and not found.target_name:
        raise DataError(f"{where}: regression needs a [target] with 'name' and 'unit'")
    if found.reading is None and found.simulated == bool(found.files):
        raise DataError(f"{where}: recorded data must have [[files]], simulated data must not")
    if found.reading is None:
        return
    if not found.files:
        raise DataError(f"{where} must have at least one [[files]]")
    for file in found.files:
        if file.session is not None and file.session.label not in ("", *found.labels):
            raise DataError(
                f"{where}: {file.name} has the label '{file.session.label}', which is not in "
                "'labels'"
            )
