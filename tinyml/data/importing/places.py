"""Which files there are to import, and what their paths say of them."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from tinyml.data import audio
from tinyml.data.catalogue import Session
from tinyml.data.importing.recording import Options
from tinyml.errors import DataError
from tinyml.files import is_reserved
from tinyml.shell import quoted

TABLES: Final = (".csv", ".tsv", ".txt", ".dat", ".log")
PARQUET: Final = (".parquet", ".pq")
SOUNDS: Final = (*audio.PLAIN, *audio.COMPRESSED)
_UNDECODED: Final = (".m4a", ".aac", ".mp4", ".wma", ".amr", ".3gp")
# Texts about the data that lie among them, also in exports as they are downloaded.
_DOCUMENTS: Final = (
    "readme", "license", "licence", "copying", "changelog", "notice", "citation", "requirements",
)  # fmt: skip
ACQUISITIONS: Final = (".json", ".cbor")  # of Edge Impulse; JSON may hold records, too
JSON: Final = (".json", ".jsonl", ".ndjson", ".senml")
SUFFIXES: Final = tuple(dict.fromkeys((*TABLES, *PARQUET, *SOUNDS, *ACQUISITIONS, *JSON)))
_PART_FOLDERS: Final = {
    "training": "training", "train": "training", "validation": "validation", "val": "validation",
    "testing": "test", "test": "test",
}  # fmt: skip


@dataclass(frozen=True)
class Source:
    """A file to import."""

    path: Path
    relative: Path  # to what the user named; says label, session, part
    above: str = ""  # the folder to put before the name

    @property
    def kind(self) -> str:
        """Its suffix in lower case."""
        return self.path.suffix.lower()

    @property
    def name(self) -> str:
        """A path without suffix that is safe everywhere."""
        above = (self.above,) if self.above else ()
        return "/".join(map(safe, (*above, *self.relative.with_suffix("").parts)))

    @property
    def part(self) -> str:
        """What a folder called training, validation or testing says; empty where none is."""
        found = (_PART_FOLDERS.get(part.lower(), "") for part in self.relative.parts[:-1])
        return next((part for part in found if part), "")


def safe(name: str) -> str:
    """A file or folder name for every system, from any text; other scripts stay told apart."""
    spelt = _spelt(name)
    return f"x-{spelt}" if is_reserved(spelt) else spelt


def _spelt(name: str) -> str:
    letters = (c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    spelt = "".join(c if c.isascii() else f"u{ord(c):x}" for c in letters)
    # Windows drops a dot at the end.
    return re.sub(r"[^A-Za-z0-9.+_-]+", "-", spelt).lstrip(".-_+").rstrip(".") or "x"


def sources(paths: Sequence[Path]) -> list[Source]:
    """All files that can be imported in ``paths``, folders with all below them; in order.

    Folders that are parts keep their names; others get theirs before the files' names only where
    two files would have the same.
    """
    parts = len(paths) > 1 and all(path.is_dir() and is_part_folder(path) for path in paths)
    found: dict[Path, Source] = {}
    for path in paths:
        if path.is_dir():
            above = Path(path.resolve().name) if parts else Path()
            for inside in _inside(path):
                relative = inside.relative_to(path)
                found[inside.resolve()] = Source(inside, above / relative, path.resolve().name)
        elif not path.is_file():
            raise DataError(f"{path} does not exist; name files or folders to import")
        elif path.suffix.lower() not in SUFFIXES:
            raise DataError(_unknown_kind(path))
        else:
            outside = path.is_absolute() or ".." in path.parts
            above_file = path.resolve().parent.name
            found[path.resolve()] = Source(path, Path(path.name) if outside else path, above_file)
    if not found:
        raise DataError(
            f"nothing to import in {', '.join(map(str, paths))}: it has no file that ends "
            f"in {', '.join(SUFFIXES)}"
        )
    return _told_apart(list(found.values()))


def _inside(folder: Path) -> list[Path]:
    """What can be imported below a folder, in order: no hidden file, and no text about the data."""
    every = sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file())
    seen = [p for p in every if not any(x.startswith(".") for x in p.relative_to(folder).parts)]
    return [p for p in seen if not (p.suffix.lower() == ".txt" and p.stem.lower() in _DOCUMENTS)]


def _told_apart(found: list[Source]) -> list[Source]:
    """With the named folder before the names of those that would be the same."""
    plain = [replace(source, above="") for source in found]
    counts = Counter(source.name.casefold() for source in plain)
    return [
        source if counts[short.name.casefold()] > 1 else short
        for source, short in zip(found, plain, strict=True)
    ]


def is_part_folder(path: Path) -> bool:
    """Whether a folder is called as one of the parts is."""
    return path.resolve().name.lower() in _PART_FOLDERS


def _unknown_kind(path: Path) -> str:
    if path.suffix.lower() in _UNDECODED:
        return (
            f"{path} is a sound that cannot be decoded here; convert it first: "
            f"ffmpeg -i {quoted(str(path))} {quoted(str(path.with_suffix('.wav')))}"
        )
    return f"{path} cannot be imported; files that can be imported end in {', '.join(SUFFIXES)}"


def labels_by_path(found: Sequence[Source], label_from: str) -> list[str]:
    """The class of each file by its folder, or by its name up to the first dot, or by a pattern."""
    folders = {source.relative.parent.name for source in found}
    by_folder = len(folders) > 1 and "" not in folders
    if by_folder and all(folder.lower() in _PART_FOLDERS for folder in folders):
        by_folder = False
    how = label_from or ("folder" if by_folder else "name")
    if how == "folder":
        return [source.relative.parent.name for source in found]
    if how == "name":
        return [source.path.name.split(".")[0] for source in found]
    return [matched(how, source, "--label-from") for source in found]


def matched(pattern: str, source: Source, option: str) -> str:
    """What the pattern's group finds in the file's path; DataError where it finds nothing."""
    try:
        found = re.search(pattern, source.relative.as_posix())
    except re.error as error:
        raise DataError(f"{option} '{pattern}' is not a regular expression: {error}") from error
    if found is None or not found.groups():
        raise DataError(
            f"{option} '{pattern}' does not match {source.relative}; it must match the "
            "path of every file, with (brackets) around the part to take"
        )
    return found.group(1) or ""


def session_of(source: Source, options: Options, label: str = "") -> Session:
    """What path and options say of the file; by default each file is a session."""
    name = source.name
    if options.session_from:
        name = matched(options.session_from, source, "--session-from")
    group = matched(options.group_from, source, "--group-from") if options.group_from else ""
    return Session(name, group, label, source.part, "", "", "", 0)
