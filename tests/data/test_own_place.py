"""A user's data sets have a place of their own: in a clone, from a wheel, and in any folder."""

import json
import shutil
from pathlib import Path

import pytest

from tests.data import made
from tests.data.test_importing import tinyml
from tinyml import data, resources
from tinyml.data import collection, defaults, importing
from tinyml.data.catalogue import Session
from tinyml.errors import DataError


@pytest.fixture(params=["clone", "wheel"])
def place(request, tmp_path, monkeypatch):
    """The working directory: the clone itself, or any folder beside an installation."""
    catalogue = resources.folder("datasets")
    package = tmp_path / "tinyml"
    home = tmp_path if request.param == "clone" else package / "_bundled"
    shutil.copytree(catalogue, home / "datasets")
    monkeypatch.setattr(resources, "_PACKAGE", package)
    monkeypatch.setattr(resources, "_BUNDLED", package / "_bundled")
    work = tmp_path if request.param == "clone" else tmp_path / "work"
    work.mkdir(exist_ok=True)
    monkeypatch.chdir(work)
    return work


def record(name, label, number):
    session = Session(f"s{number}", "", label, "", "", "", "", 0)
    values = made.motion(4.0, 300, number)
    recording = importing.Recording(
        "a node", f"{label}-{number}", ("ax", "ay"), ("1", "1"), 50.0, values, None, session
    )
    plan = defaults.Plan(name, Path(), split_by="session", window=50)
    return collection.extend(plan, recording)


def test_a_second_recording_joins_the_first(place):
    for number in range(3):
        for label in ("idle", "shake"):
            entry = record("mine", label, number)
    assert len(entry.files) == 6
    assert "mine" not in data.shipped() and "mine" in data.names()
    assert len(data.load("mine").training) > 0


def test_an_import_is_found_and_listed(place):
    made.csv_files(place / "in")
    options = ("in", "--time", "t", "--json")
    found = json.loads(tinyml("data", "import", "mine", *options))
    assert (place / found["entry"]).is_file()
    assert not (resources.folder("datasets") / "mine.toml").exists()
    listed = json.loads(tinyml("data", "list", "--json"))
    assert {"mine", *data.shipped()} == {one["name"] for one in listed}
    with pytest.raises(DataError, match="already exists; choose another name"):
        tinyml("data", "import", "mine", *options)
    with pytest.raises(DataError, match="the catalogue already has"):
        tinyml("data", "import", "esc10", *options)
