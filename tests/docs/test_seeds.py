"""Every requirement points at something that exists."""

import sys

import pytest

from tests.support.shared import ROOT
from tinyml.cli.main import COMMANDS

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROWS = tomllib.loads((ROOT / "seeds" / "requirements.toml").read_text())["requirement"]
# Commands that are still to come may be named by rows that are planned.
COMING = ("footprint", "update", "monitor", "serve")


@pytest.mark.parametrize("row", ROWS, ids=[row["asks"][:40] for row in ROWS])
def test_a_row_points_at_what_exists(row):
    assert row["state"] in ("done", "planned")
    assert set(row) <= {"paragraph", "asks", "part", "shows", "state", "next"}
    assert (ROOT / row["part"]).exists()
    assert ("next" in row) == (row["state"] == "planned")
    if row["shows"].startswith("tests/"):
        assert (ROOT / row["shows"]).is_file()
    else:
        program, command = row["shows"].split()[:2]
        assert program == "tinyml"
        assert command in COMMANDS or (row["state"] == "planned" and command in COMING)


def test_the_paragraphs_are_those_of_the_report():
    assert {row["paragraph"] for row in ROWS} >= {5, 9, 10, 11, 21, 25, 26, 27, 28, 33}
