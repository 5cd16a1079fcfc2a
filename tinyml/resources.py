"""Where the folders that travel with the package are: firmware/, models/, datasets/.

In a checkout they stand beside ``tinyml/``; in an installed wheel they lie in ``tinyml/_bundled/``.
"""

from pathlib import Path
from typing import Final

_PACKAGE: Final = Path(__file__).resolve().parent
_BUNDLED: Final = _PACKAGE / "_bundled"


def folder(name: str) -> Path:
    """The folder ``firmware``, ``models`` or ``datasets`` of this installation."""
    bundled = _BUNDLED / name
    return bundled if bundled.is_dir() else _PACKAGE.parent / name
