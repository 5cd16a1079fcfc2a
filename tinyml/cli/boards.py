"""tinyml boards: what there is to run on."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from tinyml import boards
from tinyml.bench.fit import memory_on_boards
from tinyml.cli.output import json_option, print_json, print_table
from tinyml.emulator import emulators
from tinyml.graph import load


@click.command("boards")
@click.option(
    "--fits", type=click.Path(path_type=Path), help="Show only the boards that this model fits."
)
@json_option
def command(fits: Path | None, as_json: bool) -> None:
    """List the boards and how far each one is tested.

    emulated: every step runs in tests on an emulator. built: images are built and their size is
    checked. exported: sources are written for the board's own tools.
    """
    found = [boards.load(name) for name in boards.names()]
    if fits is not None:
        fitting = {fit.board for fit in memory_on_boards(load(fits)) if fit.fits}
        found = [board for board in found if board.name in fitting]
    if as_json:
        print_json(
            [
                {
                    "name": board.name,
                    "title": board.title,
                    "core": board.core,
                    "clock_hz": board.clock_hz,
                    "flash_bytes": board.flash_bytes,
                    "ram_bytes": board.ram_bytes,
                    "proof": board.proof,
                    "emulators": list(emulators(board)),
                    "usb": list(board.flashing.usb) if board.flashing else [],
                    "flashers": list(board.flashing.tools) if board.flashing else [],
                    "power": asdict(board.power) if board.power else None,
                }
                for board in found
            ]
        )
        return
    print_table(
        "Boards",
        ("name", "core", "flash", "RAM", "proof"),
        [(b.name, b.core, b.flash_bytes, b.ram_bytes, b.proof) for b in found],
    )
