"""What an image is made of: sources, headers and definitions, whatever compiles them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tinyml import boards
from tinyml.boards import Board
from tinyml.build.model_folder import ModelFolder
from tinyml.errors import BuildError
from tinyml.resources import folder

# Applications that firmware/ has, and the folders of each; the first has the main loop.
APPLICATIONS: Final = {
    "node": ("node", "link", "store"),
    "simulated_sensor": ("simulated_sensor", "node", "link", "store"),
    "bench": ("bench",),
    "front_end": ("front_end",),
    "mlperf": ("mlperf",),
}
# The benchmark that a model belongs to, told by its name, and how the runner sends inputs: 0 the
# model's elements, 1 pixels from 0, 2 float32.
_BENCHMARKS: Final = {
    "kws": ("kws01", 0),
    "ad": ("ad01", 2),
    "ic": ("ic01", 1),
    "resnet": ("ic01", 1),
    "vww": ("vww01", 1),
}


@dataclass(frozen=True)
class Recipe:
    """Everything that a compiler is given."""

    model: ModelFolder
    sources: tuple[Path, ...]  # besides the model's
    includes: tuple[Path, ...]  # for all of them; the model's come on top
    own_includes: tuple[Path, ...]  # which the model does not see
    definitions: tuple[str, ...]  # which the model does not see, either
    link_script: str  # empty for a native program


def recipe(board: Board, model: ModelFolder, app: str) -> Recipe:
    """That of an application for a board; BuildError where there is no such application."""
    ports = folder("firmware").resolve() / "ports"
    architecture = boards.core(board.core).architecture
    sources = [
        *_application(app),
        ports / board.port / "port.c",
        *sorted((ports / architecture).glob("*.c")),
        *sorted((ports / board.port).glob("*.S")),
    ]
    identity = board.identity
    definitions = [
        f'TML_BOARD_HEADER="boards/{board.name}.h"',
        f"TML_IDENTITY={board.data.end if identity is None else identity:#x}u",
        f"TML_NODE_MESSAGE_BYTES={board.node.message_bytes}u",
        f"TML_NODE_RECORD_BYTES={board.node.record_bytes}u",
        f"TML_NODE_RAM_LOG_BYTES={board.node.ram_log_bytes}u",
    ]
    if app == "mlperf":
        definitions += _mlperf(model.name, board)
    return Recipe(
        model,
        (*sources, *model.bare_sources),
        (ports.parent / "include",),
        (ports / board.port,),
        tuple(definitions),
        _link_script(board, ports / architecture / "link.ld.in"),
    )


def native_recipe(model: ModelFolder, app: str) -> Recipe:
    """That of an application as a program for this computer."""
    firmware = folder("firmware").resolve()
    sources = (*_application(app), firmware / "ports" / "host" / "port.c")
    return Recipe(model, sources, (firmware / "include",), (), (), "")


def _application(app: str) -> list[Path]:
    """Its sources: of one that firmware/ has, or of a folder."""
    firmware = folder("firmware").resolve()
    if app not in APPLICATIONS:
        own = sorted(Path(app).resolve().glob("*.c"))
        if not own:
            raise BuildError(
                f"'{app}' is no application: give node, bench or mlperf, or a folder with C sources"
            )
        return own
    # The first folder's main.c is the program: the node's yields to one that brings its own loop.
    folders = APPLICATIONS[app]
    return [
        path
        for name in folders
        for path in sorted((firmware / name).glob("*.c"))
        if path.name != "main.c" or name == folders[0]
    ]


def _mlperf(model_name: str, board: Board) -> list[str]:
    matching = (value for start, value in _BENCHMARKS.items() if model_name.startswith(start))
    benchmark, how = next(matching, (model_name, 0))
    return [
        f'TML_MLPERF_MODEL="{benchmark}"',
        f"TML_MLPERF_INPUT={how}",
        f'TML_MLPERF_BOARD="{board.name}"',
    ]


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
