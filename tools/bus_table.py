"""The tables in docs/buses.md: which buses each board has, and what a bus costs.

``python -m tools.bus_table`` writes them; tests hold them to be current.
"""

import re
import tempfile
from pathlib import Path

from tests.support.buses import built
from tests.support.shared import ROOT
from tinyml import boards
from tinyml.boards import Board, Bus

PAGE = ROOT / "docs" / "buses.md"
BUSES, COSTS, END = "<!-- buses -->\n", "<!-- costs -->\n", "<!-- end -->\n"
_KEPT = re.compile(
    r"^ \.(?P<kind>text|rodata|data|bss)\S*\s+0x(?P<address>[0-9a-f]+)\s+0x(?P<bytes>[0-9a-f]+)\s+"
    r"\S*/bus\w*\.c\w*\.?o\b",
    re.MULTILINE,
)


def _places(bus: Bus) -> str:
    if bus.inputs:
        return ", ".join(f"{pin} ({number})" for pin, number in bus.inputs.items())
    if bus.clock and bus.data:
        names = {"i2c": ("SCL", "SDA"), "uart": ("transmits", "receives")}
        clock, data = names.get(bus.kind, ("clock", "data"))
        return f"{bus.clock} {clock}, {bus.data} {data}"
    return bus.data or "fixed"


def bus_rows() -> list[list[str]]:
    """A row for each bus of each board."""
    found = []
    for name in boards.names():
        for bus in boards.load(name).buses.values():
            rate = f"{bus.hz:,}" if bus.hz else ""
            found.append([f"`{name}`", f"`{bus.name}`", bus.kind, _places(bus), rate])
    return found


def costs(board: Board, kind: str, place: Path) -> tuple[int, int]:
    """Bytes of flash and RAM that the port's code takes for one bus of a kind."""
    name = next(bus.name for bus in board.buses.values() if bus.kind == kind)
    elf = built(place, board, [name])
    text = elf.with_suffix(".map").read_text(encoding="utf-8")
    sizes = dict.fromkeys(("text", "rodata", "data", "bss"), 0)
    for found in _KEPT.finditer(text):
        if int(found["address"], 16):  # else it was left out
            sizes[found["kind"]] += int(found["bytes"], 16)
    return sizes["text"] + sizes["rodata"] + sizes["data"], sizes["data"] + sizes["bss"]


def measured() -> list[tuple[str, str]]:
    """One board and kind of bus for all that have the same code."""
    found: dict[tuple[str, str, str], tuple[str, str]] = {}
    for name in boards.names():
        board = boards.load(name)
        for bus in board.buses.values():
            found.setdefault((board.port, board.core, bus.kind), (name, bus.kind))
    return sorted(found.values())


def cost_rows() -> list[list[str]]:
    """A row for each kind of bus, built now."""
    found = []
    for name, kind in measured():
        with tempfile.TemporaryDirectory() as place:
            flash, ram = costs(boards.load(name), kind, Path(place))
        found.append([f"`{name}`", kind, f"{flash:,}", f"{ram:,}"])
    return found


def shown(page: str, begin: str) -> list[list[str]]:
    """The cells of a table on the page."""
    text = page.split(begin)[1].split(END, maxsplit=1)[0]
    return [line.strip("| ").split(" | ") for line in text.splitlines()][2:]


def _table(columns: list[str], rows: list[list[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "".join("| " + " | ".join(cell or "-" for cell in line) + " |\n" for line in lines)


def _replaced(page: str, begin: str, table: str) -> str:
    before, rest = page.split(begin)
    return before + begin + table + END + rest.split(END, maxsplit=1)[1]


def main() -> None:
    """Write both tables again."""
    page = PAGE.read_text(encoding="utf-8")
    page = _replaced(page, BUSES, _table(["board", "bus", "kind", "pins", "rate"], bus_rows()))
    page = _replaced(page, COSTS, _table(["board", "kind", "flash", "RAM"], cost_rows()))
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
