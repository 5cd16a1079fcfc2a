"""What an image is made of: sources, headers and definitions, whatever compiles them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tinyml import boards
from tinyml.boards import Board
from tinyml.build import application
from tinyml.build.model_folder import ModelFolder
from tinyml.node import Sources
from tinyml.resources import folder


@dataclass(frozen=True)
class Sensing:
    """What a node's sensors add to a build."""

    sources: Sources
    place: Path  # the folder where its files are


@dataclass(frozen=True)
class Recipe:
    """Everything that a compiler is given."""

    model: ModelFolder
    sources: tuple[Path, ...]  # besides the model's
    includes: tuple[Path, ...]  # for all of them; the model's come on top
    own_includes: tuple[Path, ...]  # which the model does not see
    definitions: tuple[str, ...]  # which the model does not see, either
    link_script: str  # empty for a native program


def recipe(
    board: Board,
    model: ModelFolder,
    app: str,
    definitions: Sequence[str] = (),
    sensing: Sensing | None = None,
) -> Recipe:
    """That of an application for a board; raises as :func:`tinyml.build.application.load`.

    ``definitions`` come on top of the application's own, as a compiler's ``-D`` takes them.
    """
    built = application.load(app)
    ports = folder("firmware").resolve() / "ports"
    architecture = boards.core(board.core).architecture
    sources = [
        *built.sources,
        ports / board.port / "port.c",
        *sorted((ports / architecture).glob("*.c")),
        *sorted((ports / board.port).glob("*.S")),
        *(_sensing_sources(sensing, ports / board.port, ports / "common") if sensing else ()),
    ]
    identity = board.identity
    all_definitions = [
        f'TML_BOARD_HEADER="boards/{board.name}.h"',
        f"TML_CLOCK_HZ={board.clock_hz}u",
        *_storage(board),
        f"TML_IDENTITY={board.data.end if identity is None else identity:#x}u",
        f"TML_NODE_MESSAGE_BYTES={board.node.message_bytes}u",
        f"TML_NODE_RECORD_BYTES={board.node.record_bytes}u",
        f"TML_NODE_RAM_LOG_BYTES={board.node.ram_log_bytes}u",
        *built.definitions(model.name, board.name),
        *(("TML_SENSES=1",) if sensing else ()),
        *definitions,
    ]
    return Recipe(
        model,
        (*sources, *model.bare_sources),
        (ports.parent / "include",),
        (*_own_includes(sensing), ports / board.port, ports.parent),
        tuple(all_definitions),
        _link_script(board, ports / architecture / "link.ld.in"),
    )


def _storage(board: Board) -> list[str]:
    """Where a port keeps the log; its header has what is the port's own: blocks, sectors, pins."""
    storage = board.storage
    if storage is None:
        return []
    return [f"TML_STORAGE={storage.origin:#x}u", f"TML_STORAGE_BYTES={storage.bytes}u"]


def native_recipe(
    model: ModelFolder, app: str, definitions: Sequence[str] = (), sensing: Sensing | None = None
) -> Recipe:
    """That of an application as a program for this computer; as :func:`recipe`."""
    firmware = folder("firmware").resolve()
    built = application.load(app)
    host = firmware / "ports" / "host"
    own = _sensing_sources(sensing, host, host.parent / "common") if sensing else ()
    all_definitions = (
        *built.definitions(model.name, "host"),
        *(("TML_SENSES=1",) if sensing else ()),
        *definitions,
    )
    return Recipe(
        model,
        (*built.sources, host / "port.c", *own),
        (firmware / "include",),
        (*_own_includes(sensing), firmware),
        all_definitions,
        "",
    )


def _sensing_sources(sensing: Sensing, port: Path, common: Path) -> tuple[Path, ...]:
    """What a node with sensors takes besides the application's: drivers, buses, what ties them."""
    made = sensing.sources
    buses = [*sorted(port.glob("bus*.c")), *sorted(common.glob("bus*.c"))] if made.kinds else []
    return (sensing.place / "sensor_select.c", *made.drivers, *buses)


def _own_includes(sensing: Sensing | None) -> tuple[Path, ...]:
    return () if sensing is None else (sensing.place, *sensing.sources.includes)


def _link_script(board: Board, template: Path) -> str:
    values = {
        "FLASH_ORIGIN": hex(board.code.origin),
        "FLASH_BYTES": board.code.bytes,
        "RAM_ORIGIN": hex(board.data.origin),
        "RAM_BYTES": board.data.bytes,
        "STACK_BYTES": board.node.stack_bytes,
    }
    text = template.read_text(encoding="utf-8")
    return re.sub(r"@TML_(\w+)@", lambda found: str(values[found[1]]), text)
