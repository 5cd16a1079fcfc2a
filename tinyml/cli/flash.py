"""tinyml flash: an image onto a board."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from tinyml import boards
from tinyml.boards import Board
from tinyml.build.elf import Elf
from tinyml.cli.output import json_option, print_json, progress_console
from tinyml.cli.progress import progress_bars
from tinyml.errors import FlashError
from tinyml.flash import (
    FLASHERS,
    Flasher,
    Job,
    drives,
    flash,
    plugged_in,
    ports,
    require_image_for,
    wait_for_node,
)


@click.command("flash")
@click.argument("image", type=click.Path(path_type=Path))
@click.option("--board", help="The board that is connected. Default: found by its USB id.")
@click.option("--port", help="The board's serial port. Default: found by its USB id.")
@click.option(
    "--drive",
    type=click.Path(path_type=Path),
    help="The folder where the board's drive is mounted.",
)
@click.option(
    "--tool",
    type=click.Choice(sorted(FLASHERS)),
    help="The program that writes the image. Default: the first of the board's programs "
    "that is usable.",
)
@click.option(
    "--check/--no-check",
    default=True,
    help="Wait for the node to answer after writing. Default: check.",
)
@json_option
def command(
    image: Path,
    board: str | None,
    port: str | None,
    drive: Path | None,
    tool: str | None,
    check: bool,
    as_json: bool,
) -> None:
    """Write IMAGE (an .elf made by `tinyml build`) to a board and check that its node answers."""
    target = _connected(image) if board is None else boards.load(board)
    board = target.name
    if target.flashing is None:
        raise FlashError(
            f"{target.name} is an emulated board, which cannot be flashed; start it with: "
            f"tinyml emulate {target.name} --image {image}"
        )
    elf = require_image_for(target, image)
    drive = drive or next(iter(drives(target)), None)
    chosen = tool or _fitting_tool(target, drive)
    flasher = FLASHERS[chosen]
    if port is None and (check or (isinstance(flasher, Flasher) and flasher.needs_port)):
        port = _ask_port(target)
    with progress_bars() as report:
        report(f"writing to {board} with {chosen}", 0, 100)
        flash(Job(target, image, port, drive), chosen, report)
        report(f"writing to {board} with {chosen}", 100, 100)
    result: dict[str, object] = {"board": board, "tool": chosen, "image": str(image), "port": port}
    if check and port is not None:
        with progress_console.status(f"waiting for the node at {port}"):
            settle_s = target.flashing.settings.get("boot_seconds", 0)
            assert isinstance(settle_s, int)
            info = wait_for_node(port, elf, settle_s=settle_s)
        result.update(device_id=info.device_id, model=info.model, model_hash=info.model_hash)
    if as_json:
        print_json(result)
    elif "model" in result:
        click.echo(f"{board} runs {result['model']} as {result['device_id']} at {port}")
    elif check:
        click.echo(f"written to {board}, but not checked: no serial port was found")
    else:
        click.echo(f"written to {board}")


def _connected(image: Path) -> Board:
    """The board that is plugged in and that ``image`` fits; the user chooses among several."""
    Elf.read(image)  # what is none goes nowhere
    there = plugged_in()
    fitting = []
    for board in there:
        try:
            require_image_for(board, image)
        except FlashError:
            continue
        fitting.append(board)
    if not fitting:
        seen = f"{', '.join(board.name for board in there)}, but {image} fits none of them"
        found = seen if there else "no USB device or drive of a known board"
        raise FlashError(f"found {found}; plug the board in, or name it with --board")
    names = [board.name for board in fitting]
    if len(fitting) == 1:
        return fitting[0]
    if not sys.stdin.isatty():
        raise FlashError(f"the board may be any of {', '.join(names)}: name it with --board")
    answer: str = click.prompt("Which board?", type=click.Choice(names))
    return boards.load(answer)


def _fitting_tool(board: Board, drive: Path | None) -> str:
    """The first of the board's tools that can be used: a drive only where there is one."""
    assert board.flashing is not None
    copying = [name for name in board.flashing.tools if not isinstance(FLASHERS[name], Flasher)]
    others = [name for name in board.flashing.tools if name not in copying]
    if copying and (drive is not None or not others):
        return copying[0]
    return others[0]


def _ask_port(board: Board) -> str | None:
    """The board's port; the user chooses where there are several."""
    found = ports(board)
    if len(found) < 2:
        return found[0].device if found else None
    names = [port.device for port in found]
    if not sys.stdin.isatty():
        raise FlashError(f"several boards may be {board.name}: name one with --port: {names}")
    answer: str = click.prompt("Which port?", type=click.Choice(names))
    return answer
