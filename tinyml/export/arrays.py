"""Reading a .tflite back out of C: arrays as `xxd -i`, TFLite Micro's tools and we write them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tinyml.errors import ExportError
from tinyml.graph import parse

_SOURCES: Final = (".c", ".cc", ".cpp", ".h", ".hpp", ".ino", ".inc")
_MAX_TEXT_BYTES: Final = 64 * 1024 * 1024  # ten megabytes of model, as text
_MAX_FILES: Final = 1000
_IDENTIFIER: Final = b"TFL3"  # at byte 4 of every .tflite

# Comments and literals, so that a brace or quote in one is not taken for another.
_COMMENT_OR_LITERAL: Final = re.compile(
    r"""//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'""", re.DOTALL
)
# Qualifiers and attributes stand before the type, behind it, or behind the name.
_ARRAY: Final = re.compile(
    r"\b(?:char|int8_t|uint8_t|byte)\b[^][{}=;]{0,200}?\b(?P<name>[A-Za-z_]\w*)\s*"
    r"\[[^\]\n]{0,80}\][^={;]{0,200}=?\s*\{(?P<body>[^{}]*)\}"
)
_NUMBER: Final = re.compile(r"-?(?:0[xX][0-9a-fA-F]+|\d+)[uU]?")


def read_model(path: Path, name: str | None = None) -> bytes:
    """The .tflite in a file or folder, checked.

    Args:
        path: a .tflite, a C or C++ source with it as an array of bytes, or a folder with one such
            file, as `tinyml export` writes it.
        name: of the array, where there are several models.

    Raises ExportError where there is none or more than one, and as :func:`tinyml.graph.parse`.
    """
    found = dict(_models(path))
    if name is not None:
        if name not in found:
            raise ExportError(_none_called(path, name, found))
        data = found[name]
    elif len(set(found.values())) == 1:
        (data,) = set(found.values())
    elif found:
        names = ", ".join(sorted(found))
        raise ExportError(f"{path} contains several models; choose one with --name: {names}")
    else:
        raise ExportError(
            f"{path} contains no model: neither a .tflite nor an array of bytes with the "
            "identifier TFL3"
        )
    parse(data, path.stem)
    return data


def _none_called(path: Path, name: str, found: dict[str, bytes]) -> str:
    there = f"its models are: {', '.join(sorted(found))}" if found else "nor any other"
    return f"{path} contains no model called '{name}'; {there}"


def _models(path: Path) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of everything that looks like a .tflite."""
    if path.is_dir():
        kinds = (".tflite", *_SOURCES)
        files = sorted(p for p in path.rglob("*") if p.suffix in kinds and p.is_file())
        if len(files) > _MAX_FILES:
            raise ExportError(f"{path} has {len(files)} source files; give the file with the model")
    else:
        files = [path]
    for file in files:
        data = _bytes_of(file)
        if data[4:8] == _IDENTIFIER:
            yield file.stem, data
        elif file.suffix in _SOURCES:
            arrays = arrays_in(data.decode("utf-8", errors="replace"))
            yield from ((key, array) for key, array in arrays if array[4:8] == _IDENTIFIER)


def _bytes_of(path: Path) -> bytes:
    try:
        if path.stat().st_size > _MAX_TEXT_BYTES:
            raise ExportError(
                f"{path} is larger than {_MAX_TEXT_BYTES:,} bytes, too large for a model of tinyml"
            )
        return path.read_bytes()
    except OSError as error:
        raise ExportError(f"{path} cannot be read: {error.strerror}") from error


def arrays_in(text: str) -> Iterator[tuple[str, bytes]]:
    """Name and content of every array of bytes that C text defines by numbers.

    Arrays with anything but numbers of a byte, -128 to 255, are left out.
    """
    plain = _COMMENT_OR_LITERAL.sub(" ", text)
    for array in _ARRAY.finditer(plain):
        data = _content(array["body"])
        if data is not None:
            yield array["name"], data


def _content(body: str) -> bytes | None:
    tokens = [token.strip() for token in body.split(",")]
    if tokens and not tokens[-1]:
        tokens.pop()  # a comma may end the list
    if not all(_NUMBER.fullmatch(token) and len(token) < 20 for token in tokens):
        return None
    values = [_value(token.rstrip("uU")) for token in tokens]
    if not all(-128 <= value <= 255 for value in values):
        return None
    return bytes(value & 0xFF for value in values)


def _value(token: str) -> int:
    """As C reads it: a leading 0 is octal."""
    digits = token.lstrip("-")
    if digits.lower().startswith("0x"):
        value = int(digits, 16)
    elif digits.startswith("0"):
        value = int(digits, 8) if set(digits) <= set("01234567") else 256
    else:
        value = int(digits)
    return -value if token.startswith("-") else value
