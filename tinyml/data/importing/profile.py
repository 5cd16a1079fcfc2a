"""Known formats of other people's data: one TOML each, in the folder ``profiles``.

A profile says where a format has its times, its names and its values; the readers of tables do the
rest. ``profiles/template.toml`` explains each key.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from tinyml.data.importing.recording import Options
from tinyml.discovery import TEMPLATE
from tinyml.documents import Fields, read_toml, require_known
from tinyml.errors import DataError

KINDS: Final = ("table", "records", "senml", "acquisition", "label-track")
_FOLDER: Final = Path(__file__).parent / "profiles"
_HEAD_BYTES: Final = 8192  # of a file, by which its format is known


@dataclass(frozen=True)
class Profile:
    """Where a format has what."""

    name: str
    title: str
    described_at: str  # the public description of the format
    kind: str  # one of KINDS
    recognise: tuple[str, ...]  # patterns that must all be found in the file's first bytes
    header_line: int  # of the names, from 1; 0: it is found
    time: tuple[str, ...]  # columns; of several names that are there the first is taken
    time_unit: str
    timezone: str  # of times without one, where the format says it
    long_name: str  # columns of a table with one value a row
    long_value: str
    long_unit: str
    session: str
    group: str
    no_channels: tuple[str, ...]  # columns
    records: str  # the key of the list of records
    only: str  # how the names of all channels begin, which is left out of them
    missing: tuple[str, ...]

    def fits(self, head: str) -> bool:
        """Whether a file that begins so is of this format."""
        return bool(self.recognise) and all(re.search(p, head, re.M) for p in self.recognise)

    def applied(self, options: Options, columns: Collection[str]) -> Options:
        """The options, with the profile's answers where the user gives none.

        Of the profile's columns only those count that are in the table, ``columns``.
        """

        def there(name: str) -> str:
            return name if name in columns else ""

        long = (options.long_name, options.long_value, options.long_unit)
        if not any(long) and there(self.long_name) and there(self.long_value):
            long = (self.long_name, self.long_value, there(self.long_unit))
        times = [name for name in self.time if name in columns]
        ours = not options.time and bool(times)
        return replace(
            options,
            time=options.time or tuple(times[:1]),
            time_unit=options.time_unit or (self.time_unit if ours else ""),
            timezone=options.timezone or self.timezone,
            long_name=long[0],
            long_value=long[1],
            long_unit=long[2],
            session=options.session or there(self.session),
            group=options.group or there(self.group),
            no_channels=(*options.no_channels, *self.no_channels),
        )


def folder() -> Path:
    """Where the profiles are, and the template for more."""
    return _FOLDER


def names() -> list[str]:
    """All profiles, in the order of their names."""
    return sorted(path.stem for path in _FOLDER.glob("*.toml") if path.stem != TEMPLATE)


def profile(name: str) -> Profile:
    """The profile of a name, or in the TOML file that ``name`` is the path of."""
    path = Path(name)
    if path.suffix == ".toml":
        return read_profile(path)
    require_known(name, names(), "profile", DataError)
    return read_profile(_FOLDER / f"{name}.toml")


def recognised(path: Path) -> Profile | None:
    """The profile that a file fits, by its first bytes; None where none or several do."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES).decode("utf-8", "replace").lstrip("\ufeff")
    fitting = [found for name in names() if (found := profile(name)).fits(head)]
    return fitting[0] if len(fitting) == 1 else None


def read_profile(path: Path) -> Profile:
    """One file; DataError names the key that is wrong."""
    fields = Fields(read_toml(path, DataError), str(path), DataError)
    long = fields.inner("long", optional=True)
    found = Profile(
        name=path.stem,
        title=fields.text("title"),
        described_at=fields.text("described_at"),
        kind=fields.choice("kind", KINDS, "table"),
        recognise=_texts(fields, "recognise"),
        header_line=fields.whole("header_line", 0),
        time=_texts(fields, "time"),
        time_unit=fields.text("time_unit", ""),
        timezone=fields.text("timezone", ""),
        long_name=long.text("name", ""),
        long_value=long.text("value", ""),
        long_unit=long.text("unit", ""),
        session=fields.text("session", ""),
        group=fields.text("group", ""),
        no_channels=_texts(fields, "no_channels"),
        records=fields.text("records", ""),
        only=fields.text("only", ""),
        missing=_texts(fields, "missing"),
    )
    fields.finish()
    for pattern in found.recognise:
        try:
            re.compile(pattern)
        except re.error as error:
            raise fields.wrong("recognise", f"must be regular expressions ({error})") from error
    return found


def _texts(fields: Fields, key: str) -> tuple[str, ...]:
    return fields.texts(key, ())
