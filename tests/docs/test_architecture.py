"""docs/ARCHITECTURE.md names files, folders and Python names that exist."""

import importlib
import re

import pytest

from tests.support.shared import ROOT

PAGE = (ROOT / "docs" / "ARCHITECTURE.md").read_text(encoding="utf-8")
QUOTED = sorted(set(re.findall(r"`([^`\n]+)`", PAGE)))
PATHS = [text for text in QUOTED if re.match(r"(tinyml|firmware|tests|docs)/[\w./-]+$", text)]
NAMES = [
    text for text in QUOTED if re.match(r"tinyml(\.\w+)+(\(|$)", text) and text != "tinyml.toml"
]


@pytest.mark.parametrize("path", PATHS)
def test_paths_exist(path):
    assert (ROOT / path).exists()


@pytest.mark.parametrize("name", NAMES)
def test_names_exist(name):
    module, _, attribute = name.partition("(")[0].rpartition(".")
    found = importlib.import_module(module)
    assert hasattr(found, attribute) or importlib.import_module(f"{module}.{attribute}")


def test_every_folder_is_listed():
    listed = re.findall(r"`(\w+)/`", PAGE)
    for package in ("tinyml", "firmware"):
        folders = {path.name for path in (ROOT / package).iterdir() if path.is_dir()}
        assert folders - {"__pycache__", "_bundled", "include"} <= set(listed), package
