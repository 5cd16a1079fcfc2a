"""tinyml flash: an image onto a board."""

from __future__ import annotations

from pathlib import Path

import click

from tinyml import boards
from tinyml.errors import FlashError


@click.command("flash")
@click.argument("image", type=click.Path(path_type=Path))
@click.option("--board", required=True, help="The board that is connected.")
def command(image: Path, board: str) -> None:
    """Write IMAGE to a board and check that it answers.

    So far all boards are emulated ones, which need no flashing.
    """
    target = boards.load(board)
    raise FlashError(
        f"{target.name} is an emulated board with nothing to flash; "
        f"start it with: tinyml emulate {target.name} --image {image}"
    )
