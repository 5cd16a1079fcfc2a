"""Reading TOML files, with one sentence for whatever is wrong in them."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tinyml.errors import TinymlError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


def read_toml(path: Path, error: type[TinymlError]) -> dict[str, Any]:
    """A TOML file's tables; ``error`` where it cannot be read or is malformed."""
    try:
        return tomllib.loads(read_text(path, error))
    except tomllib.TOMLDecodeError as problem:
        raise error(f"{path} is not valid TOML: {problem}") from problem


def read_text(path: Path, error: type[TinymlError], encoding: str = "utf-8-sig") -> str:
    """A file's text; ``error`` where it cannot be read or is none in this encoding.

    Editors on Windows put a mark before UTF-8, which is left out.
    """
    try:
        return path.read_text(encoding=encoding)
    except OSError as problem:
        raise error(f"{path} cannot be read: {problem.strerror}") from problem
    except UnicodeError as problem:
        wanted = "UTF-8" if encoding.startswith("utf-8") else encoding
        raise error(f"{path} is not a text file in {wanted}; save it so") from problem


class Table:
    """One table of a TOML file, read key by key.

    Args:
        value: the table.
        where: the file, and the table's name in it, for messages.
        error: what is raised.
    """

    def __init__(self, value: Mapping[str, Any], where: str, error: type[TinymlError]) -> None:
        self.where = where
        self.error = error
        self._value = value
        self._read: set[str] = set()

    def __contains__(self, key: str) -> bool:
        return key in self._value

    def get(self, key: str, kind: type | tuple[type, ...], default: Any = None) -> Any:
        """A value of this kind; ``default`` where it is absent, which must be there if None."""
        self._read.add(key)
        if key not in self._value:
            if default is None:
                close = difflib.get_close_matches(key, self._value.keys() - self._read, n=1)
                slip = f"; is '{close[0]}' meant to be it?" if close else ""
                raise self.error(f"{self.where} lacks '{key}'{slip}")
            return default
        value = self._value[key]
        kinds = kind if isinstance(kind, tuple) else (kind,)
        wrong_bool = isinstance(value, bool) and bool not in kinds
        if not isinstance(value, kinds) or wrong_bool:
            # A whole number is a number.
            shown = [k for k in kinds if not (k is int and float in kinds)]
            names = " or ".join(_NAMES.get(k, k.__name__) for k in shown)
            raise self.error(f"{self.where}: '{key}' must be {names}, not {value!r}")
        return value

    def whole(self, key: str, default: int, low: int, high: int) -> int:
        """A whole number from ``low`` to ``high``."""
        value: int = self.get(key, int, default)
        if not low <= value <= high:
            raise self.error(f"{self.where}: '{key}' must be from {low} to {high}, not {value}")
        return value

    def real(self, key: str, default: float, low: float, high: float) -> float:
        """A number from ``low`` to ``high``."""
        value = float(self.get(key, (int, float), default))
        if not low <= value <= high:
            raise self.error(f"{self.where}: '{key}' must be from {low:g} to {high:g}, not {value}")
        return value

    def choice(self, key: str, allowed: Iterable[str], default: str | None = None) -> str:
        """A text that is one of ``allowed``."""
        value: str = self.get(key, str, default)
        require_known(value, allowed, f"{self.where}: '{key}'", self.error)
        return value

    def table(self, key: str, *, optional: bool = False) -> Table:
        """A table inside this one; empty where it is absent and optional."""
        value = self.get(key, dict, {} if optional else None)
        return Table(value, f"{self.where} [{key}]", self.error)

    def rest(self, kind: type | tuple[type, ...]) -> dict[str, Any]:
        """All values that nobody asked for yet, which must be of this kind."""
        return {key: self.get(key, kind) for key in self._value if key not in self._read}

    def finish(self) -> None:
        """Raise for a key that nobody asked for: most likely a slip of the pen."""
        for key in self._value:
            if key not in self._read:
                hint = _meant(key, self._read) or f"; there is {', '.join(sorted(self._read))}"
                raise self.error(f"{self.where} has the unknown key '{key}'{hint}")


_NAMES = {
    str: "a text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    list: "a list",
    dict: "a table",
}


def require_known(value: str, known: Iterable[str], what: str, error: type[TinymlError]) -> None:
    """Raise unless ``value`` is one of ``known``, with the nearest one as a hint."""
    known = list(known)
    if value not in known:
        hint = _meant(value, known) or f"; there is {', '.join(known)}"
        raise error(f"{what} '{value}' is not known{hint}")


def _meant(word: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(word.lower(), list(known), n=1)
    return f"; did you mean '{close[0]}'?" if close else ""
