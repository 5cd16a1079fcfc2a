"""Reading structured documents: JSON, CBOR maps and TOML tables, with one sentence for each fault.

Whatever comes out of a :class:`Fields` is what its reader says: a whole number is never true or
false, a number is never infinite or "not a number", a text can be written as UTF-8. Whatever is
wrong raises the caller's own error, which names the document, the place in it and the key.

What people write should call :meth:`Fields.finish`, which refuses unknown keys with a guess at the
slip. What programs write should not, so that a newer program may add keys. A null is as good as an
absent key.
"""

from __future__ import annotations

import difflib
import json
import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from tinyml.errors import TinymlError
from tinyml.files import read_bytes, read_text

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

MAX_WHOLE: Final = 2**63 - 1  # what a database and NumPy hold
_LONGEST_SHOWN: Final = 60  # characters of a wrong value


def read_toml(path: Path, error: type[TinymlError]) -> dict[str, Any]:
    """A TOML file's tables; ``error`` where it cannot be read or is malformed."""
    try:
        return tomllib.loads(read_text(path, error))
    except (ValueError, RecursionError) as problem:  # numbers of thousands of digits, too
        raise error(f"{path} is not valid TOML: {_in_words(problem)}") from problem


def read_json(path: Path, error: type[TinymlError], mend: str = "") -> Fields:
    """The object in a JSON file; ``error`` where it cannot be read, is malformed or another value.

    ``mend`` says what to do about a fault, as the end of a sentence.
    """
    return parse_json(read_bytes(path, error, mend), str(path), error, mend)


def parse_json(data: bytes | str, where: str, error: type[TinymlError], mend: str = "") -> Fields:
    """The object in a JSON text; as :func:`read_json`. ``where`` is what messages call it."""
    try:
        value = json.loads(data, object_pairs_hook=_without_duplicates)
    except (ValueError, RecursionError) as problem:
        raise error(_sentence(f"{where} is damaged ({_in_words(problem)})", mend)) from problem
    return Fields(value, where, error, mend)


def parse_wholes(text: str, where: str, error: type[TinymlError]) -> tuple[int, ...]:
    """A JSON list of whole numbers; ``error`` for anything else."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise error(f"{where} is damaged ({_in_words(problem)})") from problem
    if not isinstance(value, list) or not all(map(is_whole, value)):
        raise error(f"{where} must be a list of whole numbers, not {_shown(value)}")
    return tuple(value)


def read_cbor(path: Path, error: type[TinymlError], mend: str = "") -> Fields:
    """The map in a CBOR file; as :func:`read_json`."""
    return parse_cbor(read_bytes(path, error, mend), str(path), error, mend)


def parse_cbor(data: bytes, where: str, error: type[TinymlError], mend: str = "") -> Fields:
    """The map in CBOR (RFC 8949); as :func:`parse_json`."""
    import cbor2  # noqa: PLC0415 - few programs read CBOR

    faults = (cbor2.CBORDecodeError, ValueError, TypeError, ArithmeticError, RecursionError)
    try:
        value = cbor2.loads(data)
    except faults as problem:
        raise error(_sentence(f"{where} is not CBOR, or it is damaged", mend)) from problem
    return Fields(value, where, error, mend)


class Fields:
    """The fields of one JSON object, CBOR map or TOML table, read key by key.

    Args:
        value: what should be an object.
        document: the file or whatever else it stands in, for messages.
        error: what every method raises where a field is missing or is not as it should be.
        mend: what to do about it, as the end of a sentence; may be empty.
        place: of the object in the document, such as ``cost.layers 3``; empty for the whole.
    """

    def __init__(
        self,
        value: Any,
        document: str,
        error: type[TinymlError],
        mend: str = "",
        place: str = "",
    ) -> None:
        self.document = document
        self.error = error
        self.mend = mend
        self._place = place
        self._read: set[str] = set()
        if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
            raise self.fault(f"{self.where} must be a table of keys, not {_shown(value)}")
        self._value: Mapping[str, Any] = value

    @property
    def where(self) -> str:
        """The document and the place in it, for messages."""
        return f"{self.document} [{self._place}]" if self._place else self.document

    def __contains__(self, key: str) -> bool:
        return self._value.get(key) is not None

    def fault(self, sentence: str) -> TinymlError:
        """The error that says ``sentence`` and how to mend it."""
        return self.error(_sentence(sentence, self.mend))

    def wrong(self, key: str, rule: str) -> TinymlError:
        """The error for a field that breaks ``rule``, such as "must be above 0"."""
        return self.fault(f"{self.where}: '{key}' {rule}, not {_shown(self._value.get(key))}")

    def text(self, key: str, default: str | None = None) -> str:
        """A text; ``default`` where it is absent, which must be there if that is None."""
        value = self._get(key, default)
        if not _is_text(value):
            raise self.wrong(key, "must be text")
        return str(value)

    def flag(self, key: str, default: bool | None = None) -> bool:
        """True or false."""
        value = self._get(key, default)
        if not isinstance(value, bool):
            raise self.wrong(key, "must be true or false")
        return value

    def whole(
        self, key: str, default: int | None = None, low: int = 0, high: int = MAX_WHOLE
    ) -> int:
        """A whole number from ``low`` to ``high``, both included."""
        value = self._get(key, default)
        if not is_whole(value):
            raise self.wrong(key, "must be a whole number")
        if not low <= value <= high:
            raise self.wrong(key, f"must be {_limits(low, high)}")
        return int(value)

    def real(
        self,
        key: str,
        default: float | None = None,
        low: float = -math.inf,
        high: float = math.inf,
        *,
        above: float = -math.inf,
    ) -> float:
        """A finite number from ``low`` to ``high``, both included, and above ``above``."""
        value = self._get(key, default)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise self.wrong(key, "must be a number")
        if not low <= value <= high:
            raise self.wrong(key, f"must be {_limits(low, high)}")
        if not value > above:
            raise self.wrong(key, f"must be above {above:g}")
        if not _is_finite(value):
            raise self.wrong(key, "must be a finite number")
        return float(value)

    def choice(self, key: str, allowed: Iterable[str], default: str | None = None) -> str:
        """A text that is one of ``allowed``."""
        value = self.text(key, default)
        require_known(value, allowed, f"{self.where}: '{key}'", self.error)
        return value

    def data(self, key: str, size: int | None = None) -> bytes:
        """Bytes, which only CBOR has; so many where ``size`` is given."""
        value = self._get(key, None)
        if not isinstance(value, bytes) or size not in (None, len(value)):
            raise self.wrong(key, "must be bytes" if size is None else f"must be {size} bytes")
        return value

    def whole_or_text(self, key: str) -> int | str:
        """A text, or a whole number of any sign."""
        value = self._get(key, None)
        return self.text(key) if isinstance(value, str) else self.whole(key, low=-MAX_WHOLE - 1)

    def raw(self, key: str, default: Any = None) -> Any:
        """A value of any kind, for a caller that checks it."""
        return self._get(key, default)

    def items(self, key: str, default: Sequence[Any] | None = None) -> list[Any]:
        """A list of unchecked values."""
        value = self._get(key, default)
        if not isinstance(value, (list, tuple)):
            raise self.wrong(key, "must be a list")
        return list(value)

    def texts(self, key: str, default: Sequence[str] | None = None) -> tuple[str, ...]:
        """A list of texts."""
        values = self.items(key, default)
        if not all(map(_is_text, values)):
            raise self.wrong(key, "must be a list of text values")
        return tuple(values)

    def wholes(
        self,
        key: str,
        default: Sequence[int] | None = None,
        *,
        low: int = -MAX_WHOLE - 1,
        high: int = MAX_WHOLE,
    ) -> tuple[int, ...]:
        """A list of whole numbers from ``low`` to ``high``."""
        values = self.items(key, default)
        if not all(is_whole(value) and low <= value <= high for value in values):
            raise self.wrong(key, f"must be a list of whole numbers {_limits(low, high)}")
        return tuple(values)

    def reals(self, key: str, default: Sequence[float] | None = None) -> tuple[float, ...]:
        """A list of finite numbers."""
        values = self.items(key, default)
        if not all(map(_is_finite, values)):
            raise self.wrong(key, "must be a list of finite numbers")
        return tuple(map(float, values))

    def matrix(self, key: str, default: Sequence[Any] | None = None) -> tuple[tuple[int, ...], ...]:
        """A list of lists of whole numbers, zero or more."""
        rows = self.items(key, default)
        if not all(
            isinstance(row, (list, tuple)) and all(is_whole(x) and x >= 0 for x in row)
            for row in rows
        ):
            raise self.wrong(key, "must be a list of lists of whole numbers, zero or more")
        return tuple(map(tuple, rows))

    def all_reals(self) -> dict[str, float]:
        """All fields that nobody asked for yet, which must be finite numbers."""
        return {key: self.real(key) for key in self.unread()}

    def inner(self, key: str, *, optional: bool = False) -> Fields:
        """The object inside this one; an empty one where it is absent and optional."""
        value = self._get(key, {} if optional else None)
        return self._inside(value, key)

    def inners(self, key: str, default: Sequence[Any] | None = ()) -> list[Fields]:
        """A list of objects; by default empty where it is absent."""
        return [
            self._inside(value, f"{key} {number}")
            for number, value in enumerate(self.items(key, default), 1)
        ]

    def rows(self, key: str, names: Sequence[str]) -> list[Fields]:
        """A list of lists, each with a value for each of ``names``, as objects with those keys."""
        found = []
        for number, row in enumerate(self.items(key), 1):
            if not isinstance(row, (list, tuple)) or len(row) != len(names):
                raise self.wrong(key, f"must have {len(names)} values in each of its lists")
            found.append(self._inside(dict(zip(names, row, strict=True)), f"{key} {number}"))
        return found

    def row(self, key: str, names: Sequence[str]) -> Fields:
        """A list with a value for each of ``names``, as an object with those keys."""
        row = self.items(key)
        if len(row) != len(names):
            raise self.wrong(key, f"must have {len(names)} values")
        return self._inside(dict(zip(names, row, strict=True)), key)

    def mapping(self, key: str, *, optional: bool = False) -> dict[str, Any]:
        """An object of free keys and unchecked values; empty where it is absent and optional."""
        return self.inner(key, optional=optional).plain()

    def plain(self) -> dict[str, Any]:
        """All fields as they are, unchecked."""
        return dict(self._value)

    def finish(self) -> None:
        """Raise for a key that nobody asked for: most likely a slip of the pen."""
        for key in self._value:
            if key not in self._read:
                hint = (
                    _meant(key, self._read) or f"; known keys are {', '.join(sorted(self._read))}"
                )
                raise self.fault(f"{self.where} has the unknown key '{key}'{hint}")

    def unread(self) -> list[str]:
        """Keys that nobody asked for yet."""
        return [key for key in self._value if key not in self._read]

    def _get(self, key: str, default: Any) -> Any:
        self._read.add(key)
        value = self._value.get(key)
        if value is not None:
            return value
        if default is None:
            close = difflib.get_close_matches(key, self._value.keys() - self._read, n=1)
            slip = f"; is it misspelt as '{close[0]}'?" if close else ""
            raise self.fault(f"{self.where} lacks '{key}'{slip}")
        return default

    def _inside(self, value: Any, key: str) -> Fields:
        place = f"{self._place}.{key}" if self._place else key
        return Fields(value, self.document, self.error, self.mend, place)


def require_known(value: str, known: Iterable[str], what: str, error: type[TinymlError]) -> None:
    """Raise unless ``value`` is one of ``known``, with the nearest one as a hint."""
    known = list(known)
    if value not in known:
        hint = _meant(value, known) or f"; choose one of {', '.join(known)}"
        raise error(f"{what} '{value}' is not known{hint}")


def is_whole(value: Any) -> bool:
    """Whether a value is a whole number; true and false are not."""
    return isinstance(value, int) and not isinstance(value, bool)


def _is_finite(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return abs(value) <= sys.float_info.max  # a huge whole number does not fit a float


def _is_text(value: Any) -> bool:
    try:
        return isinstance(value, str) and value.encode() is not None
    except UnicodeEncodeError:  # half a character, which JSON can escape
        return False


def _limits(low: float, high: float) -> str:
    if -math.inf < low and high < MAX_WHOLE:
        return f"from {low:g} to {high:g}" if isinstance(high, float) else f"from {low} to {high}"
    if -math.inf < low and high > MAX_WHOLE:
        return f"at least {low:g}"
    return "a finite number" if low == -math.inf else f"from {low} to {high}"


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"it has '{next(key for key in keys if keys.count(key) > 1)}' twice")
    return found


def _in_words(problem: Exception) -> str:
    if isinstance(problem, json.JSONDecodeError):
        said = problem.msg[:1].lower() + problem.msg[1:]
        return f"line {problem.lineno}, column {problem.colno}: {said}"
    if isinstance(problem, UnicodeError):
        return "it is not UTF-8 text"
    if isinstance(problem, RecursionError):
        return "it is nested too deeply"
    return str(problem)


def _shown(value: Any) -> str:
    try:
        shown = repr(value)
    except (ValueError, RecursionError):  # of thousands of digits; nested too deeply
        return "something endless"
    return shown if len(shown) <= _LONGEST_SHOWN else f"{shown[: _LONGEST_SHOWN - 3]}..."


def _sentence(what: str, mend: str) -> str:
    return f"{what}; {mend}" if mend else what


def _meant(word: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(word.lower(), list(known), n=1)
    return f"; did you mean '{close[0]}'?" if close else ""
