"""What is wrong with a document, in words instead of an exception's own."""

from __future__ import annotations

import json


def in_words(error: Exception) -> str:
    """Why reading a JSON or CBOR document raised ``error``, as the end of a sentence."""
    if isinstance(error, json.JSONDecodeError):
        what = error.msg[:1].lower() + error.msg[1:]
        return f"line {error.lineno}, column {error.colno}: {what}"
    if isinstance(error, UnicodeError):
        return "it is not text in UTF-8"
    if isinstance(error, KeyError):
        return f"it lacks '{error.args[0]}'"
    if isinstance(error, (TypeError, AttributeError)):
        return "a value in it is of the wrong type"
    return str(error)
