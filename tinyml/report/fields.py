"""Reading a JSON object field by field, with one clear sentence for whatever is wrong in it."""

import math
from collections.abc import Mapping
from typing import Any

from tinyml.errors import StoreError


class Fields:
    """The fields of one JSON object.

    Args:
        value: what should be a JSON object.
        where: its place in the document, as in ``cost.layers[3]``; empty for the document itself.

    Every reader raises StoreError, naming the field, where it is missing or of another kind.
    """

    def __init__(self, value: Any, where: str = "") -> None:
        self.where = where
        if not isinstance(value, Mapping):
            raise _wrong(where or "the document", "must be an object", value)
        self._value: Mapping[str, Any] = value

    def text(self, name: str, default: str | None = None) -> str:
        """A string; ``default`` where it is missing."""
        value = self._get(name, default)
        if not isinstance(value, str):
            raise _wrong(self._path(name), "must be a text", value)
        return value

    def flag(self, name: str) -> bool:
        """True or false."""
        value = self._get(name, None)
        if not isinstance(value, bool):
            raise _wrong(self._path(name), "must be true or false", value)
        return value

    def count(self, name: str, default: int | None = None) -> int:
        """A whole number, zero or more; ``default`` where it is missing."""
        value = self._get(name, default)
        if not is_whole(value) or value < 0:
            raise _wrong(self._path(name), "must be a whole number, zero or more", value)
        return int(value)

    def number(self, name: str, default: float | None = None) -> float:
        """A finite number; ``default`` where it is missing."""
        return finite(self._get(name, default), self._path(name))

    def items(self, name: str, *, required: bool = False) -> list[Any]:
        """A list; empty where it is missing and not required."""
        value = self._get(name, None if required else [])
        if not isinstance(value, (list, tuple)):
            raise _wrong(self._path(name), "must be a list", value)
        return list(value)

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of strings; empty where it is missing."""
        values = self.items(name)
        for index, value in enumerate(values):
            if not isinstance(value, str):
                raise _wrong(f"{self._path(name)}[{index}]", "must be a text", value)
        return tuple(values)

    def inner(self, name: str) -> "Fields":
        """An object."""
        return Fields(self._get(name, None), self._path(name))

    def optional(self, name: str) -> "Fields | None":
        """An object, or None where it is missing or null."""
        return None if self._value.get(name) is None else self.inner(name)

    def list_of_inner(self, name: str) -> list["Fields"]:
        """A list of objects; empty where it is missing."""
        path = self._path(name)
        return [Fields(value, f"{path}[{i}]") for i, value in enumerate(self.items(name))]

    def mapping(self, name: str) -> dict[str, Any]:
        """An object with free keys, its values unchecked; empty where it is missing."""
        value = self._get(name, {})
        if not isinstance(value, Mapping):
            raise _wrong(self._path(name), "must be an object", value)
        return {str(key): item for key, item in value.items()}

    def fail(self, name: str, rule: str) -> StoreError:
        """The error for a field that breaks ``rule``."""
        return _wrong(self._path(name), rule, self._value.get(name))

    def _path(self, name: str) -> str:
        return f"{self.where}.{name}" if self.where else name

    def _get(self, name: str, default: Any) -> Any:
        value = self._value.get(name)
        if value is None:
            if default is None:
                raise StoreError(f"The run document lacks '{self._path(name)}'. {_MEND}")
            return default
        return value


_MEND = "Write the run again, for example with 'tinyml demo'."


def is_whole(value: Any) -> bool:
    """Whether a JSON value is a whole number (true and false are not)."""
    return isinstance(value, int) and not isinstance(value, bool)


def finite(value: Any, path: str) -> float:
    """``value`` as a float; StoreError where it is no finite number."""
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not number or not math.isfinite(value):
        raise _wrong(path, "must be a finite number", value)
    return float(value)


def _wrong(path: str, rule: str, value: Any) -> StoreError:
    shown = repr(value)
    shown = shown if len(shown) <= 40 else shown[:37] + "..."
    return StoreError(f"The run document is not valid: {path} {rule}, not {shown}. {_MEND}")
