"""docs/buses.md shows the buses of every board as they are, and what they cost."""

import pytest

from tests.support.targets import compiler_of, require_build
from tools import bus_table

TOLERANCE = 0.1
PAGE = bus_table.PAGE.read_text(encoding="utf-8")
MEND = "write it again: python -m tools.bus_table"


def test_every_bus_has_its_row():
    rows = [[cell or "-" for cell in row] for row in bus_table.bus_rows()]
    assert bus_table.shown(PAGE, bus_table.BUSES) == rows, MEND


def test_every_cost_has_its_row():
    shown = [(row[0].strip("`"), row[1]) for row in bus_table.shown(PAGE, bus_table.COSTS)]
    assert shown == bus_table.measured(), MEND


@pytest.mark.parametrize("name", ["microbit", "nrf52840-dk", "mps2-an386"])
def test_a_cost_is_current(name, tmp_path):
    board = require_build(name)
    if not compiler_of(name).startswith("gcc"):
        pytest.skip(f"the page is of gcc, this is {compiler_of(name)}")
    for shown, kind, *sizes in bus_table.shown(PAGE, bus_table.COSTS):
        if shown == f"`{name}`":
            known = [int(size.replace(",", "")) for size in sizes]
            assert list(bus_table.costs(board, kind, tmp_path / kind)) == pytest.approx(
                known, rel=TOLERANCE
            ), MEND
