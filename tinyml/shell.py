"""Words of commands that a user is told to type."""

from __future__ import annotations

import re
import shlex
import sys
from typing import Final

# What cmd.exe and PowerShell both read as it stands.
_PLAIN: Final = re.compile(r"[\w.:\\/+-]+")


def quoted(word: str) -> str:
    """``word`` as the user's shell reads it as one: in single quotes, on Windows in double ones."""
    if sys.platform == "win32":
        return word if _PLAIN.fullmatch(word) else f'"{word}"'
    return shlex.quote(word)
