"""docs/boards.md shows every board as it is."""

import pytest

from tests.support.targets import compiler_of, require_build
from tinyml import boards
from tools import board_table

TOLERANCE = 0.1  # of a size: models and kernels grow and shrink by other hands
ROWS = {cells[0].strip("`"): cells for cells in board_table.rows(board_table.PAGE.read_text())}


def number(cell: str) -> int:
    return int(cell.replace(",", "").removeprefix("≥ "))


def test_every_board_has_its_row():
    assert list(ROWS) == boards.names()


@pytest.mark.parametrize("name", boards.names())
def test_a_row_is_current(name):
    require_build(name)
    if not compiler_of(name).startswith("gcc"):
        pytest.skip(f"the page is of gcc, this is {compiler_of(name)}")
    shown, found = ROWS[name], board_table.row(name)
    assert shown[:6] == found[:6], "write it again: python -m tools.board_table"
    for known, now in zip(shown[6:], found[6:], strict=True):
        assert number(now) == pytest.approx(number(known), rel=TOLERANCE), (
            "write it again: python -m tools.board_table"
        )
