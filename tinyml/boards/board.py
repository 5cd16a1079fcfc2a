"""Boards and cores as data."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final

from tinyml.errors import BoardError
from tinyml.toml import Table, read_toml, require_known

_FOLDER: Final = Path(__file__).parent
PROOFS: Final = ("emulated", "built", "exported")
# What start-up, link script and compiler a core has: the folder under firmware/ports.
ARCHITECTURES: Final = ("cortex_m", "riscv", "avr")
IDENTITY_BYTES: Final = 64  # reserved for tml_identity_t, where it lies at the end of the RAM
DEFAULT: Final = "mps2-an386"
# What boards say to single flashers; tinyml.flash holds their meaning.
FLASHER_SETTINGS: Final = (
    "avrdude_part", "avrdude_programmer", "boot_seconds", "bossac_offset", "drive_file",
    "drive_label", "esptool_chip", "esptool_offset",
    "openocd_scripts", "pyocd_target", "uf2_family",
)  # fmt: skip


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
    table = Table(read_toml(path, BoardError), path.name, BoardError)
    board = Board(
        name=name,
        title=table.get("title", str),
        core=core(table.get("core", str)).name,
        clock_hz=table.get("clock_hz", int),
        port=table.get("port", str),
        proof=table.choice("proof", PROOFS),
        flash=_memory(table.table("flash")),
        ram=_memory(table.table("ram")),
        storage=_optional_memory(table.table("storage", optional=True)),
        node=_node_memory(table.table("node", optional=True)),
        emulator=_emulation(table.table("emulator", optional=True)),
        unicorn=_board_model(table.table("unicorn", optional=True)),
        flashing=_flashing(table.table("flasher", optional=True)),
        power=_power(table.table("power", optional=True)),
    )
    table.finish()
    return board


def _memory(table: Table) -> Memory:
    memory = Memory(table.get("origin", int), table.get("bytes", int))
    table.finish()
    return memory


def _optional_memory(table: Table) -> Memory | None:
    size: int = table.get("bytes", int, 0)
    return Memory(table.get("origin", int), size) if size else None


def _emulation(table: Table) -> Emulation | None:
    program: str = table.get("program", str, "")
    if not program:
        return None
    emulation = Emulation(
        program,
        table.get("machine", str),
        tuple(table.get("options", list, [])),
        table.get("identity", int, -1),
    )
    table.finish()
    return replace(emulation, identity=None) if emulation.identity == -1 else emulation


def _board_model(table: Table) -> BoardModel | None:
    devices: list[dict[str, object]] = table.get("devices", list, [])
    if not devices:
        return None
    memories: list[dict[str, object]] = table.get("memories", list, [])
    where = f"{table.where} memories"
    model = BoardModel(
        tuple(_modelled_device(Table(d, f"{table.where} devices", BoardError)) for d in devices),
        tuple(_memory(Table(memory, where, BoardError)) for memory in memories),
        table.get("identity", int, -1),
    )
    table.finish()
    return replace(model, identity=None) if model.identity == -1 else model


def _modelled_device(table: Table) -> ModelledDevice:
    kind: str = table.get("kind", str)
    return ModelledDevice(kind, table.rest(int))


def _node_memory(table: Table) -> NodeMemory:
    message_bytes: int = table.get("message_bytes", int, 1024)
    memory = NodeMemory(
        message_bytes=message_bytes,
        record_bytes=table.get("record_bytes", int, message_bytes - 64),
        ram_log_bytes=table.get("ram_log_bytes", int, 8192),
        stack_bytes=table.get("stack_bytes", int, 4096),
    )
    table.finish()
    return memory


def _flashing(table: Table) -> Flashing | None:
    tools: list[str] = table.get("tools", list, [])
    if not tools:
        return None
    usb = tuple(table.get("usb", list, []))
    settings: dict[str, str | int | tuple[str, ...]] = {}
    for key in FLASHER_SETTINGS:
        value: str | int | list[str] = table.get(key, (str, int, list), "")
        if value:
            settings[key] = tuple(value) if isinstance(value, list) else value
    table.finish()
    return Flashing(tuple(tools), usb, settings)


def _power(table: Table) -> Power | None:
    source: str = table.get("source", str, "")
    if not source:
        return None
    power = Power(
        supply_volts=table.get("supply_volts", float),
        active_milliamps=table.get("active_milliamps", float),
        sleep_microamps=table.get("sleep_microamps", float),
        source=source,
    )
    table.finish()
    return power


@cache
def _cores() -> dict[str, Core]:
    tables = read_toml(_FOLDER / "cores.toml", BoardError)
    found = {}
    for name, value in tables.items():
        table = Table(value, f"cores.toml [{name}]", BoardError)
        found[name] = Core(
            name,
            table.choice("architecture", ARCHITECTURES, "cortex_m"),
            tuple(table.get("flags", list)),
            frozenset(table.get("features", list)),
            table.get("zig_target", str, ""),
            table.get("zig_cpu", str, ""),
        )
        table.finish()
    return found


def core(name: str) -> Core:
    """The core ``name``; BoardError where there is none."""
    require_known(name, _cores(), "core", BoardError)
    return _cores()[name]
