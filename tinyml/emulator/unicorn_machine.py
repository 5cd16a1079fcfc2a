"""Boards on Unicorn, QEMU's processors as a Python package, with devices of our own.

The program is ``runners/unicorn_board``, which runs in a process of its own: Unicorn's core is
under the GNU General Public License, version 2.
"""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any, Final

from tinyml import boards
from tinyml.boards import Board, Bus, Memory, pin_number
from tinyml.emulator import identity
from tinyml.emulator.compiled import compiled_library
from tinyml.emulator.counting import Counters
from tinyml.emulator.gdb import REGISTERS, GdbClient
from tinyml.emulator.machine import Machine, Part, Wanted, ask_for_reset, entropy
from tinyml.emulator.parts import MODELS, ModelledPart
from tinyml.emulator.runner import rp2040_number
from tinyml.emulator.wiring import Wiring
from tinyml.errors import EmulatorError
from tinyml.files import write_atomically
from tinyml.install import extra_command

_RUNNER: Final = Path(__file__).parent / "runners" / "unicorn_board"
_ERASED: Final = 0xFF  # flash
# Devices of board models that reach a bus, by the bus's kind; `instance` says which of them.
_CONTROLLERS: Final = {
    "i2c": ("mps_i2c", "nrf_twi", "nrf_twim"),
    "adc": ("nrf_adc", "nrf_saadc"),
    "one_wire": ("nrf_gpio",),
    "uart": ("cmsdk_part_uart", "nrf_uarte"),
    "sound": ("nrf_pdm",),
}


def is_installed() -> bool:
    """Whether Unicorn is there; it is not imported."""
    return find_spec("unicorn") is not None


def install_command() -> str:
    """What to type where it is not."""
    return extra_command("light")


class UnicornMachine(Machine):
    """A board whose TOML has a model of it, in [unicorn]."""

    def __init__(self, board: Board, image: Path | None, wanted: Wanted, place: Path) -> None:
        super().__init__(board, image, wanted, place)
        if image is None or wanted.boot_loader is not None:
            raise EmulatorError(f"the emulated {board.name} takes an image, not a boot loader")
        if wanted.storage is not None:
            _prepare(board, wanted.storage)
        self.counters = Counters(board.flash, place / "counts") if wanted.counting else None
        self._control: IO[bytes] | None = None
        self._gdb: GdbClient | None = None
        self._wiring = _wiring(board, wanted.parts) if wanted.parts else None

    @classmethod
    def can_have(cls, board: Board, part: Part) -> bool:
        """See Machine."""
        bus = board.buses.get(part.bus)
        return part.name in MODELS and bus is not None and _is_modelled(board, bus)

    @property
    def channels(self) -> tuple[str, ...]:
        """See Machine."""
        parts = self._wiring is not None
        wanted = {"uart": self.wanted.serial, "gdb": self.wanted.gdb, "parts": parts}
        return tuple(name for name, there in wanted.items() if there)

    def command(self, ports: Mapping[str, int]) -> list[str]:
        """See Machine."""
        description = self.place / "board.json"
        description.write_text(json.dumps(self._description(ports)), encoding="utf-8")
        return [sys.executable, str(_RUNNER), str(description)]

    def _description(self, ports: Mapping[str, int]) -> dict[str, Any]:
        """What the runner reads."""
        board = self.board
        model = board.unicorn
        assert model is not None
        library = compiled_library(_RUNNER / "blocks.c")
        return {
            "core": board.core,
            "architecture": boards.core(board.core).architecture,
            "clock_hz": board.clock_hz,
            "vectors": board.flash.origin,
            "image": str(self._content()),
            "code": {"origin": board.flash.origin, "bytes": board.flash.bytes},
            "memories": self._memories(),
            "devices": [{"kind": device.kind, **device.settings} for device in model.devices],
            "wires": [_wire(board, self.wanted.parts, bus) for bus in board.buses.values()],
            "written": self._written(),
            "number": self.wanted.number.hex(),
            "seed": entropy(),
            "time": self._time(),
            "counts": str(self.counters.file) if self.counters is not None else None,
            "library": str(library) if library is not None else None,
            "ports": dict(ports),
        }

    def _content(self) -> Path:
        """The image; of a board with a boot ROM the flash's content, which the ROM looks at."""
        assert self.image is not None
        return self.image.with_suffix(".bin") if self.board.port == "rp2040" else self.image

    def _memories(self) -> list[dict[str, Any]]:
        board = self.board
        assert board.unicorn is not None
        memories = [board.flash, board.ram, *board.unicorn.memories]
        kept = _kept(board)
        if kept is not None and kept is not board.flash:
            memories.append(kept)
        return [
            {
                "origin": memory.origin,
                "bytes": memory.bytes,
                "fill": _fill(board, memory),
                "file": str(self.wanted.storage) if self.wanted.storage and memory is kept else "",
            }
            for memory in memories
        ]

    def _written(self) -> dict[str, str]:
        """What lies in memory at power-up beside the image: bytes in hex, by address."""
        place = self.board.identity
        if place is not None:
            return {str(place): identity.LAYOUT.pack(self.wanted.number, 0, entropy()).hex()}
        assert self.image is not None
        number = rp2040_number(self.image, self.wanted) if self.board.port == "rp2040" else None
        return {str(number[0]): number[1].hex()} if number else {}

    def _time(self) -> str:
        if self.wanted.counting:
            return "skipping"
        return "instructions" if self.wanted.instruction_clock else "host"

    def connect(self, connections: Mapping[str, socket.socket], control: IO[bytes]) -> None:
        """See Machine."""
        self._control = control
        if self._wiring is not None:
            self._wiring.serve(connections["parts"])
        if self.wanted.gdb:
            architecture = boards.core(self.board.core).architecture
            self._gdb = GdbClient(connections["gdb"], REGISTERS[architecture])

    def reset(self) -> None:
        """See Machine."""
        assert self._control is not None
        ask_for_reset(self._control)

    def measure(self, number: int, quantity: str, value: float) -> None:
        """See Machine."""
        if self._wiring is None:
            super().measure(number, quantity, value)
        else:
            self._wiring.measure(number, quantity, value)

    @property
    def models(self) -> tuple[ModelledPart, ...]:
        """See Machine."""
        return () if self._wiring is None else self._wiring.parts

    def close(self) -> None:
        """See Machine."""
        if self._wiring is not None:
            self._wiring.close()
        if self._gdb is not None:
            self._gdb.close()
            self._gdb = None
        if self.counters is not None:
            self.counters.close()

    @property
    def debugger(self) -> GdbClient | None:
        """See Machine."""
        return self._gdb


def _is_modelled(board: Board, bus: Bus) -> bool:
    """Whether the board's model has a controller for a bus."""
    assert board.unicorn is not None
    return any(
        device.kind in _CONTROLLERS.get(bus.kind, ())
        and device.settings.get("instance", bus.instance) == bus.instance
        for device in board.unicorn.devices
    )


def _wire(board: Board, parts: Sequence[Part], bus: Bus) -> dict[str, Any]:
    """A bus as the runner knows it: with its parts at the pins that they name, or the board's."""
    named = (part.pins for part in parts if part.bus == bus.name and part.pins is not None)
    pins = next(named, (bus.clock, bus.data))
    clock, data = (pin_number(board.port, pin) for pin in pins)
    return {
        "name": bus.name, "kind": bus.kind, "instance": bus.instance, "clock": clock, "data": data,
    }  # fmt: skip


def _wiring(board: Board, parts: Sequence[Part]) -> Wiring:
    """Models of the parts; EmulatorError for one that there cannot be."""
    for part in parts:
        if not UnicornMachine.can_have(board, part):
            raise EmulatorError(
                f"the emulated {board.name} cannot have {part.name} on {part.bus}; parts that can "
                f"be emulated: {', '.join(sorted(MODELS))}"
            )
    kinds = {name: bus.kind for name, bus in board.buses.items()}
    return Wiring(kinds, {(part.bus, part.address): MODELS[part.name]() for part in parts})


def _kept(board: Board) -> Memory | None:
    """The memory that has the storage in it: the flash, or one beside it."""
    if board.storage is None:
        return None
    return board.flash if board.flash.holds(board.storage.origin) else board.storage


def _fill(board: Board, memory: Memory) -> int:
    return _ERASED if memory is board.flash else 0


def _prepare(board: Board, path: Path) -> None:
    """Make the file that keeps a board's storage; EmulatorError where it is one of another."""
    memory = _kept(board)
    if memory is None:
        raise EmulatorError(
            f"{board.name} keeps its log in RAM, which cannot be kept in a file; leave "
            "out --storage"
        )
    if not path.exists():
        write_atomically(path, bytes([_fill(board, memory)]) * memory.bytes)
    elif path.stat().st_size != memory.bytes:
        raise EmulatorError(
            f"{path} is not a storage file of {board.name}: it has "
            f"{path.stat().st_size:,} bytes, not {memory.bytes:,}; give another file, or "
            "a new name"
        )
