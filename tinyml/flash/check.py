"""Before and after: is the image one for this board, and does the node on it answer?"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

from tinyml.boards import Board
from tinyml.build.elf import Elf, read_for
from tinyml.device import Node, NodeInfo
from tinyml.errors import DeviceError, FlashError

_LOOK_SECONDS: Final = 0.5


def require_image_for(board: Board, elf: Path) -> Elf:
    """The image; FlashError where it was built for another board or does not fit."""
    image = read_for(board, elf, FlashError)
    loaded = [section for section in image.sections if section.loaded and section.bytes]
    start = min((section.address for section in loaded), default=-1)
    if start != board.code.origin:
        raise FlashError(
            f"{elf} is not for {board.name}: its code is at {start:#x}, but the board's "
            f"flash begins at {board.code.origin:#x}; build it with --board {board.name}"
        )
    size = sum(section.bytes for section in loaded)
    if size > board.code.bytes:
        raise FlashError(
            f"{elf} has {size:,} bytes, but {board.name} has {board.code.bytes:,} for an "
            "image; use a smaller model or a board with more flash"
        )
    return image


def wait_for_node(
    port: str, image: Elf, timeout_s: float = 15.0, settle_s: float = 0.0
) -> NodeInfo:
    """The hello of a node just written; its model must be the image's.

    Args:
        port: where it shall be.
        image: what was written.
        timeout_s: until it must have answered.
        settle_s: silence after the port is opened, for a boot loader that this starts.

    Raises FlashError where the node does not answer in time, or has another model.
    """
    deadline = time.monotonic() + timeout_s
    while True:
        try:
            with Node(port, timeout_s=_LOOK_SECONDS, attempts=2) as node:
                time.sleep(settle_s)
                info = node.info()
            break
        except DeviceError as error:
            # The port itself may come and go while the board restarts.
            if time.monotonic() > deadline:
                raise FlashError(
                    f"the image was written, but no node answers at {port}: {error}; press the "
                    "board's reset button, or flash it again"
                ) from error
            time.sleep(_LOOK_SECONDS)
    if bytes.fromhex(info.model_hash) not in image.data:
        raise FlashError(
            f"the node at {port} has another model than the image ({info.model_hash}): an old"
            " one still runs, or it is another board; flash it again"
        )
    return info
