"""A table file, of whatever kind, as a :class:`Table`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tinyml.data.importing.places import JSON, PARQUET
from tinyml.data.importing.profile import Profile
from tinyml.data.importing.recording import Options
from tinyml.data.importing.tables import from_json, from_parquet, from_text
from tinyml.data.importing.tables.memory import recalled
from tinyml.data.importing.tables.numbers import style_of
from tinyml.data.importing.tables.table import Table


def read(path: Path, options: Options, profile: Profile | None = None) -> Table:
    """The table in a file; DataError for what is damaged, or can be read in more than one way."""
    told = (options.delimiter, options.decimal, options.encoding, options.missing)
    more = (options.no_header, options.columns, options.skip_bad_rows)
    try:
        stamp = path.stat().st_mtime_ns
    except OSError:
        stamp = 0
    key = (path, stamp, told, more, profile)
    return recalled(key, _as_text(options, profile), lambda: _read(path, options, profile))


def _read(path: Path, options: Options, profile: Profile | None) -> Table:
    if profile is not None:
        options = replace(options, missing=(*options.missing, *profile.missing))
    suffix = path.suffix.lower()
    if suffix in PARQUET:
        return from_parquet.read(path)
    if suffix in JSON or (profile is not None and profile.kind != "table" and _is_json(path)):
        return from_json.read(path, profile, style_of(options.decimal or ".", options.missing))
    return from_text.read(path, options, profile, _as_text(options, profile))


def _as_text(options: Options, profile: Profile | None) -> set[str]:
    """Columns that are names, whatever they look like."""
    found = {options.label, options.session, options.group, options.long_name}
    if profile is not None:
        found |= {profile.session, profile.group, profile.long_name}
    return found - {""}


def _is_json(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"[", b"{")
