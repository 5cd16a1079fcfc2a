"""The table of boards in docs/boards.md, made by building the node for each.

``python -m tools.board_table`` writes it; a test holds it to be current.
"""

import os
import re
import tempfile

from tests.support.nodes import IMAGES, build_node, model_name, shipped_model
from tests.support.shared import ROOT
from tinyml import boards
from tinyml.build import Image

PAGE = ROOT / "docs" / "boards.md"
BEGIN, END = "<!-- boards -->\n", "<!-- end -->\n"
COLUMNS = (
    "board", "core", "flash", "RAM", "proof", "model", "flash of the node", "RAM of the node",
    "its stack",
)  # fmt: skip


def row(name: str) -> list[str]:
    """A board's row; sizes in bytes, of an image built now."""
    board = boards.load(name)
    image = Image(board, build_node(name, shipped_model(name)), ())
    sizes = (image.flash_bytes, image.data_bss_bytes, board.node.stack_bytes)
    flash, ram, stack = (f"{size:,}" for size in sizes)
    given = [f"{size:,}" for size in (board.flash_bytes, board.ram_bytes)]
    return [
        f"`{name}`",
        board.core,
        *given,
        board.proof,
        model_name(name),
        flash,
        ram,
        f"≥ {stack}",
    ]


def table() -> str:
    """All rows."""
    lines = [COLUMNS, ["---"] * len(COLUMNS), *(row(name) for name in boards.names())]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def rows(page: str) -> list[list[str]]:
    """The cells of the table on the page."""
    text = page.split(BEGIN)[1].split(END, maxsplit=1)[0]
    return [re.split(r" \| ", line.strip("| ")) for line in text.splitlines()][2:]


def main() -> None:
    """Write the table in docs/boards.md again."""
    page = PAGE.read_text(encoding="utf-8")
    before, after = page.split(BEGIN)[0], page.split(END)[1]
    with tempfile.TemporaryDirectory() as place:
        os.environ[IMAGES] = place
        PAGE.write_text(before + BEGIN + table() + END + after, encoding="utf-8")


if __name__ == "__main__":
    main()
