"""Writing a data set's entry: the TOML that the catalogue reads."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from tinyml.data.catalogue import Channel, Entry, Reading, SourceFile


def entry_text(entry: Entry) -> str:
    """The TOML of one of one's own data sets; :func:`tinyml.data.catalogue.read_entry` reads it."""
    head = {
        "title": entry.title,
        "kind": entry.kind,
        "task": entry.task,
        "labels": list(entry.labels),
        "sample_rate_hz": entry.sample_rate_hz,
        "window": entry.window,
        "source": entry.source,
        "licence": entry.licence,
        "citation": entry.citation,
        "split": entry.split,
        "baseline": entry.baseline,
    }
    tables = ["# Written by tinyml data; you may edit labels, sessions and parts."]
    tables += _lines(head)
    if entry.target_name:
        tables += ["", "[target]", *_lines({"name": entry.target_name, "unit": entry.target_unit})]
    assert entry.reading is not None
    tables += ["", "[reading]", *_lines(vars_of(entry.reading))]
    for channel in entry.channels:
        tables += ["", "[[channels]]", *_lines(vars_of(channel))]
    for file in entry.files:
        tables += ["", "[[files]]", *_lines(_file(file))]
    return "\n".join(tables) + "\n"


def vars_of(value: Channel | Reading) -> dict[str, Any]:
    """The fields by name."""
    return dict(vars(value))


def _file(file: SourceFile) -> dict[str, Any]:
    assert file.session is not None
    known = {key: value for key, value in vars(file.session).items() if value and key != "name"}
    return {
        "name": file.name,
        "sha256": file.sha256,
        "bytes": file.bytes,
        "session": file.session.name,
        **known,
    }


def _lines(fields: dict[str, Any]) -> Iterable[str]:
    return [f"{key} = {_value(value)}" for key, value in fields.items()]


def _value(value: Any) -> str:
    if isinstance(value, str):
        # JSON's escapes are TOML's; of what JSON leaves as it is, TOML refuses one character.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    return str(value)
