"""All random cases: importing this registers the makers of every ``cases_*.py`` beside it."""

import importlib
from pathlib import Path

from tests.kernels.makers import MAKERS, make

for _path in sorted(Path(__file__).parent.glob("cases_*.py")):
    importlib.import_module(f"tests.kernels.{_path.stem}")

__all__ = ["MAKERS", "make"]
