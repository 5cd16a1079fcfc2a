"""A folder's files are its list: what every one of them registers when it is imported."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable
from typing import Final

TEMPLATE: Final = "template"  # a file to copy, which registers nothing in the toolkit itself


def import_files(package: str, paths: Iterable[str]) -> None:
    """Import every module and package in a package's folder, in the order of their names.

    Args:
        package: the package's name, its ``__name__``.
        paths: where its files are, its ``__path__``.
    """
    for name in sorted(found.name for found in pkgutil.iter_modules(paths)):
        if name != TEMPLATE:
            importlib.import_module(f"{package}.{name}")
