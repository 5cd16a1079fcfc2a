"""Boards and cores as data."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from tinyml.boards.bus import Bus, pin_number, read_bus
from tinyml.documents import Fields, read_toml, require_known
from tinyml.errors import BoardError

_FOLDER: Final = Path(__file__).parent
PROOFS: Final = ("emulated", "built", "exported")
# What start-up, link script and compiler a core has: the folder under firmware/ports.
ARCHITECTURES: Final = ("cortex_m", "riscv", "avr")
DEFAULT: Final = "mps2-an386"


@dataclass(frozen=True)
class Core:
    """A processor core."""

    name: str
    architecture: str  # one of ARCHITECTURES
    flags: tuple[str, ...]  # of the compiler
    features: frozenset[str]  # of "armv6m", "thumb2", "dsp", "fpu", "mve"
    zig_target: str  # of compiler-rt; empty where the package ziglang does not serve
    zig_cpu: str


@dataclass(frozen=True)
class Memory:
    """A stretch of a board's addresses."""

    origin: int
    bytes: int

    @property
    def end(self) -> int:
        """The first address behind it."""
        return self.origin + self.bytes

    def holds(self, address: int) -> bool:
        """Whether it holds this address."""
        return self.origin <= address < self.end


@dataclass(frozen=True)
class Emulation:
    """How a board is emulated."""

    program: str
    machine: str
    options: tuple[str, ...]  # further arguments of the program
    identity: int | None  # where the host writes who the board is; None: the board knows itself


@dataclass(frozen=True)
class ModelledDevice:
    """A device as our model of the board has it; see tinyml/emulator/runners/unicorn_board."""

    kind: str
    settings: dict[str, int]  # its address, its interrupt, and what else the kind takes


@dataclass(frozen=True)
class BoardModel:
    """How a board is emulated by Unicorn, which has processors but no devices."""

    devices: tuple[ModelledDevice, ...]
    memories: tuple[Memory, ...]  # beside flash, RAM and storage
    identity: int | None  # as Emulation's


@dataclass(frozen=True)
class NodeMemory:
    """What the node application takes of a board's RAM, in bytes."""

    message_bytes: int  # the largest message
    record_bytes: int  # the largest record; by default what fits a message
    ram_log_bytes: int  # the log of a board whose storage cannot be used
    stack_bytes: int  # that must be left at least


@dataclass(frozen=True)
class Flashing:
    """How an image gets onto a board."""

    tools: tuple[str, ...]  # of tinyml.flash, the most convenient first
    usb: tuple[str, ...]  # vendor:product, four hex digits each
    settings: dict[str, str | int | tuple[str, ...]]  # what single tools must know


@dataclass(frozen=True)
class Power:
    """What the microcontroller draws, by its datasheet: typical values, not measured here."""

    supply_volts: float
    active_milliamps: float  # computing at the board's clock
    sleep_microamps: float  # with RAM kept
    source: str  # datasheet and conditions


@dataclass(frozen=True)
class Board:
    """A board, as its TOML describes it."""

    name: str
    title: str
    core: str
    clock_hz: int
    port: str  # folder under firmware/ports
    proof: str  # one of PROOFS: how far it has been shown to work
    flash: Memory
    ram: Memory
    storage: Memory | None  # what survives a reset; may be the flash's end
    node: NodeMemory
    emulator: Emulation | None
    unicorn: BoardModel | None
    flashing: Flashing | None
    power: Power | None
    buses: dict[str, Bus]  # where sensors can hang, by name

    @property
    def flash_bytes(self) -> int:
        """All of the chip's flash."""
        return self.flash.bytes

    @property
    def ram_bytes(self) -> int:
        """All of the chip's RAM."""
        return self.ram.bytes

    @property
    def code(self) -> Memory:
        """The flash that an image may fill: without a storage at its end."""
        if self.storage is not None and self.flash.holds(self.storage.origin):
            return Memory(self.flash.origin, self.storage.origin - self.flash.origin)
        return self.flash

    @property
    def identity(self) -> int | None:
        """Where tml_identity_t lies; None where the board needs none."""
        found = (how.identity for how in (self.emulator, self.unicorn) if how is not None)
        return next((place for place in found if place is not None), None)

    @property
    def data(self) -> Memory:
        """The RAM that an image may fill: without an identity at its end."""
        identity = self.identity
        if identity is not None and self.ram.holds(identity):
            return Memory(self.ram.origin, identity - self.ram.origin)
        return self.ram


def names() -> list[str]:
    """All boards, in the order of their names."""
    return sorted(path.stem for path in _FOLDER.glob("*.toml") if path.stem != "cores")


@cache
def load(name: str) -> Board:
    """The board ``name``; BoardError where there is none."""
    require_known(name, names(), "board", BoardError)
    path = _FOLDER / f"{name}.toml"
    fields = Fields(read_toml(path, BoardError), path.name, BoardError)
    board = Board(
        name=name,
        title=fields.text("title"),
        core=core(fields.text("core")).name,
        clock_hz=fields.whole("clock_hz", low=1),
        port=fields.text("port"),
        proof=fields.choice("proof", PROOFS),
        flash=_memory(fields.inner("flash")),
        ram=_memory(fields.inner("ram")),
        storage=_memory(fields.inner("storage")) if "storage" in fields else None,
        node=_node_memory(fields.inner("node", optional=True)),
        emulator=_emulation(fields.inner("emulator")) if "emulator" in fields else None,
        unicorn=_board_model(fields.inner("unicorn")) if "unicorn" in fields else None,
        flashing=_flashing(fields.inner("flasher")) if "flasher" in fields else None,
        power=_power(fields.inner("power")) if "power" in fields else None,
        buses=_buses(fields.inner("buses", optional=True)),
    )
    fields.finish()
    for bus in board.buses.values():
        for pin in (bus.clock, bus.data):
            pin_number(board.port, pin, BoardError, f"{path.name} [buses.{bus.name}]: ")
    return board


def _buses(fields: Fields) -> dict[str, Bus]:
    return {name: read_bus(name, fields.inner(name)) for name in fields.unread()}


def _memory(fields: Fields) -> Memory:
    memory = Memory(fields.whole("origin"), fields.whole("bytes", low=1))
    fields.finish()
    return memory


def _emulation(fields: Fields) -> Emulation:
    emulation = Emulation(
        fields.text("program"),
        fields.text("machine"),
        fields.texts("options", []),
        fields.whole("identity") if "identity" in fields else None,
    )
    fields.finish()
    return emulation


def _board_model(fields: Fields) -> BoardModel:
    model = BoardModel(
        tuple(_modelled_device(device) for device in fields.inners("devices")),
        tuple(_memory(memory) for memory in fields.inners("memories")),
        fields.whole("identity") if "identity" in fields else None,
    )
    fields.finish()
    return model


def _modelled_device(fields: Fields) -> ModelledDevice:
    kind = fields.text("kind")
    return ModelledDevice(kind, {key: fields.whole(key) for key in fields.unread()})


def _node_memory(fields: Fields) -> NodeMemory:
    message_bytes = fields.whole("message_bytes", 1024)
    memory = NodeMemory(
        message_bytes=message_bytes,
        record_bytes=fields.whole("record_bytes", message_bytes - 64),
        ram_log_bytes=fields.whole("ram_log_bytes", 8192),
        stack_bytes=fields.whole("stack_bytes", 4096),
    )
    fields.finish()
    return memory


def _flashing(fields: Fields) -> Flashing:
    return Flashing(
        fields.texts("tools"),
        fields.texts("usb", []),
        {key: _flasher_setting(fields, key) for key in fields.unread()},  # tinyml.flash reads them
    )


def _flasher_setting(fields: Fields, key: str) -> str | int | tuple[str, ...]:
    many = isinstance(fields.raw(key), list)
    return fields.texts(key) if many else fields.whole_or_text(key)


def _power(fields: Fields) -> Power:
    power = Power(
        supply_volts=fields.real("supply_volts", above=0),
        active_milliamps=fields.real("active_milliamps", above=0),
        sleep_microamps=fields.real("sleep_microamps", above=0),
        source=fields.text("source"),
    )
    fields.finish()
    return power


@cache
def _cores() -> dict[str, Core]:
    cores = Fields(read_toml(_FOLDER / "cores.toml", BoardError), "cores.toml", BoardError)
    found = {}
    for name in cores.unread():
        fields = cores.inner(name)
        found[name] = Core(
            name,
            fields.choice("architecture", ARCHITECTURES, "cortex_m"),
            fields.texts("flags"),
            frozenset(fields.texts("features")),
            fields.text("zig_target", ""),
            fields.text("zig_cpu", ""),
        )
        fields.finish()
    return found


def core(name: str) -> Core:
    """The core ``name``; BoardError where there is none."""
    require_known(name, _cores(), "core", BoardError)
    return _cores()[name]
