"""A table file is understood once: its text, its layout, its numbers and its columns.

What the file does not settle is refused, with the option that answers; nothing is guessed.
"""

from __future__ import annotations

from tinyml.data.importing.tables import from_json
from tinyml.data.importing.tables.read import read
from tinyml.data.importing.tables.table import Column, Table, Understanding

__all__ = ["Column", "Table", "Understanding", "from_json", "read"]
