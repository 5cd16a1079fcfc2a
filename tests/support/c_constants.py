"""Constants of C: #defines and members of enums, as a compiler would see their values."""

import re
from dataclasses import dataclass
from pathlib import Path

from tests.support.shared import ROOT

FIRMWARE = ROOT / "firmware"
Value = int | float | str | None
_COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*|(?<=\s)@[^\n]*", re.DOTALL)
_DEFINE = re.compile(r"^[ \t]*#[ \t]*define[ \t]+(\w+)(?!\()(?:[ \t]+(.*))?$", re.MULTILINE)
_ENUM = re.compile(r"\benum\b\s*\w*\s*\{(.*?)\}", re.DOTALL)
_SUFFIX = re.compile(r"\b(0[xX][0-9a-fA-F]+|\d+)[uUlL]+\b")
_FLOAT_SUFFIX = re.compile(r"(\d\.\d*)[fF]\b")
_CAST = re.compile(r"\bU?INT\d+_C\(([^()]+)\)")


@dataclass(frozen=True)
class Constant:
    """A name and what it stands for; None where that is no number and no string."""

    name: str
    value: Value
    path: str  # under firmware/
    renames: bool  # another constant, whose value it has


def constants_of(path: Path) -> list[Constant]:
    """All of a file; one that is defined on several branches comes several times."""
    text = uncommented(path.read_text(encoding="utf-8")).replace("\\\n", " ")
    relative = path.relative_to(FIRMWARE).as_posix()
    known = _included(path, text)
    found = []
    named = [(m[1], m[2] or "") for m in _DEFINE.finditer(text)]
    for name, value in [*named, *_members(text)]:
        renames = value.strip() in known
        known[name] = _value(value.strip(), known)
        found.append(Constant(name, known[name], relative, renames))
    return found


def uncommented(text: str) -> str:
    """C, or assembly, without its comments."""
    return _COMMENT.sub(" ", text)


def constant(relative: str, name: str) -> Value:
    """The one value of a constant in a file under firmware/."""
    values = {c.value for c in constants_of(FIRMWARE / relative) if c.name == name}
    assert len(values) == 1, f"{name} in {relative} has the values {values or 'none'}"
    return values.pop()


def _included(path: Path, text: str) -> dict[str, Value]:
    """Constants of the headers that a file includes, and that these include."""
    known: dict[str, Value] = {}
    for name in re.findall(r'^#include "([^"]+)"', text, re.MULTILINE):
        folders = (path.parent, FIRMWARE / "include", FIRMWARE / "kernels", FIRMWARE)
        header = next((f / name for f in folders if (f / name).is_file()), None)
        if header is not None and header != path:
            known.update(_included(header, header.read_text(encoding="utf-8")))
            known.update((c.name, c.value) for c in constants_of(header))
    return known


def _members(text: str) -> list[tuple[str, str]]:
    found = []
    for body in _ENUM.findall(text):
        following = "0"
        for member in filter(None, (part.strip() for part in body.split(","))):
            name, _, given = member.partition("=")
            found.append((name.strip(), given.strip() or following))
            following = f"({found[-1][1]}) + 1"
    return found


def _value(text: str, known: dict[str, Value]) -> Value:
    if re.fullmatch(r'"[^"]*"', text):
        return text[1:-1]
    plain = _SUFFIX.sub(r"\1", _FLOAT_SUFFIX.sub(r"\1", _CAST.sub(r"(\1)", text)))
    plain = re.sub(r"(?<!/)/(?!/)", "//", plain) if "." not in plain else plain
    if not re.fullmatch(r"[\w\s.+\-*/()<>|&~]+", plain):
        return None
    try:
        value = eval(plain, {"__builtins__": {}}, dict(known))
    except (NameError, SyntaxError, TypeError):
        return None
    return value if isinstance(value, int | float) else None
