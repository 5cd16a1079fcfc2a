"""The commands that install more beside this copy of tinyml.

tinyml is not on a package index yet, so what to type depends on where this copy came from: a clone,
a wheel file, a repository's address or, one day, an index. pip notes that beside what it installs.
Source: "Recording the Direct URL Origin of installed distributions" (PEP 610).
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import shutil
import sys
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from tinyml import __version__
from tinyml.shell import quoted

DISTRIBUTION: Final = "tinyml-toolkit"
_CHECKOUT: Final = Path(__file__).resolve().parents[1]
# Stands for the wheel file where it is no longer where it was installed from.
_SOME_WHEEL: Final = f"PATH/TO/{DISTRIBUTION.replace('-', '_')}-{__version__}-py3-none-any.whl"


def extra_command(extra: str) -> str:
    """The command that adds an extra (``train``, ``light``, ...) to this copy of tinyml."""
    if (_CHECKOUT / "pyproject.toml").is_file():
        clone = "." if Path.cwd() == _CHECKOUT else str(_CHECKOUT)
        return f"{_pip_install()} -e {quoted(f'{clone}[{extra}]')}"
    return f"{_pip_install()} {quoted(_source(_origin(), extra))}"


def package_command(package: str) -> str:
    """The command that installs a package of the index where this copy of tinyml finds it."""
    return f"{_pip_install()} {package}"


def _pip_install() -> str:
    """``pip install`` for this Python, in few words where a shell finds its pip."""
    beside = shutil.which("pip")
    if beside and Path(beside).parent == Path(sys.executable).parent:
        return "pip install"
    python = quoted(sys.executable)
    if importlib.util.find_spec("pip") is None and shutil.which("uv"):
        return f"uv pip install --python {python}"  # uv makes environments without pip
    return f"{python} -m pip install"


def _origin() -> dict[str, Any]:
    """What pip noted of where this copy came from; empty where it was an index."""
    try:
        noted = importlib.metadata.distribution(DISTRIBUTION).read_text("direct_url.json")
        origin = json.loads(noted or "{}")
    except (importlib.metadata.PackageNotFoundError, ValueError):
        return {}
    return origin if isinstance(origin, dict) else {}


def _source(origin: dict[str, Any], extra: str) -> str:
    """What pip takes for this copy with an extra."""
    url = str(origin.get("url", ""))
    parts = urlsplit(url)
    if not url:
        return f"{DISTRIBUTION}[{extra}]"  # the index that had it has it still
    if parts.scheme != "file":
        system = origin.get("vcs_info", {}).get("vcs")
        return f"{DISTRIBUTION}[{extra}] @ {f'{system}+' if system else ''}{url}"
    from urllib.request import url2pathname  # noqa: PLC0415 - slow, and seldom wanted

    path = url2pathname(parts.path)
    return f"{path if Path(path).exists() else _SOME_WHEEL}[{extra}]"
