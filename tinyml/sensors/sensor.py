"""Sensors as data."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from tinyml.boards.bus import KINDS
from tinyml.discovery import TEMPLATE
from tinyml.documents import Fields, read_toml, require_known
from tinyml.errors import SensorError

_FOLDER: Final = Path(__file__).parent
# Besides buses: a sensor of the computer's own making, which hangs on none.
BUSES: Final = (*KINDS, "none")
_IDENTIFIER: Final = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Channel:
    """One quantity that a sensor measures."""

    name: str
    unit: str
    scale: float  # value of one count of the driver, in the unit
    low: float  # the part's range, in the unit
    high: float


@dataclass(frozen=True)
class Option:
    """What a user may set of a driver: a member of its struct."""

    name: str
    low: int
    high: int
    values: tuple[int, ...]  # those allowed; empty: all from low to high
    default: int
    meaning: str

    def allows(self, value: int) -> bool:
        """Whether the driver takes this value."""
        return value in self.values if self.values else self.low <= value <= self.high

    @property
    def allowed(self) -> str:
        """What it takes, in words."""
        if self.values:
            return "one of " + ", ".join(map(str, self.values))
        return f"from {self.low} to {self.high}"


@dataclass(frozen=True)
class Current:
    """What it draws, typically, by its datasheet."""

    supply_volts: tuple[float, float]  # least and most
    measuring_microamps: float
    idle_microamps: float
    warm_up_ms: int  # from power to the first good reading


@dataclass(frozen=True)
class Datasheet:
    """Where the figures are from."""

    title: str
    revision: str
    link: str


@dataclass(frozen=True)
class Sensor:
    """A sensor, as its TOML describes it."""

    name: str  # of its driver's files
    title: str
    bus: str  # one of BUSES
    addresses: tuple[int, ...]  # that it can have, the usual one first; of an ADC none
    parts: tuple[str, ...]  # other names of it
    channels: tuple[Channel, ...]  # empty: as many as the model has, in its counts
    least_hz: float  # samples a second; 0 where there is no least
    most_hz: float
    options: dict[str, Option]
    driver: str  # the C file's name without its ending; several TOMLs may share one
    also: tuple[str, ...]  # further C files that it needs, without their ending
    bus_hz: int  # bits a second that its bus must have; 0: the board's
    current: Current | None
    buffered: int  # samples that it keeps until they are read
    simulated: bool  # it measures nothing
    datasheet: Datasheet | None
    folder: Path | None  # of a user's own driver; None: firmware/sensors

    @property
    def usual_address(self) -> int:
        """Its address unless the user says another; 0 where it has none."""
        return self.addresses[0] if self.addresses else 0


def names() -> list[str]:
    """All sensors, in the order of their names."""
    return sorted(path.stem for path in _FOLDER.glob("*.toml") if path.stem != TEMPLATE)


@cache
def load(name: str) -> Sensor:
    """The sensor ``name``; SensorError where there is none."""
    require_known(name, names(), "sensor", SensorError)
    return read(_FOLDER / f"{name}.toml", own=False)


@cache
def _other_names() -> dict[str, str]:
    return {part: name for name in names() for part in load(name).parts}


def named(part: str) -> Sensor:
    """The sensor that a user calls ``part``: by its own or by another name."""
    others = _other_names()
    part = part.lower()
    require_known(part, [*names(), *others], "sensor", SensorError)
    return load(others.get(part, part))


def read(path: Path, *, own: bool = True) -> Sensor:
    """A sensor from its TOML; ``own`` means that its driver lies beside it."""
    fields = Fields(
        read_toml(path, SensorError), str(path) if own else f"sensors/{path.name}", SensorError
    )
    if not _IDENTIFIER.fullmatch(path.stem):
        raise SensorError(
            f"{path}: a sensor's file is named in small letters, digits and _, as in C, "
            f"not '{path.stem}'"
        )
    rate = fields.inner("rate", optional=True)
    options = fields.inner("options", optional=True)
    sensor = Sensor(
        name=path.stem,
        title=fields.text("title"),
        bus=fields.choice("bus", BUSES),
        addresses=fields.wholes("addresses", [], low=0, high=127),
        parts=fields.texts("parts", []),
        channels=tuple(_channel(channel) for channel in fields.inners("channels")),
        least_hz=rate.real("least_hz", 0.0, low=0.0),
        most_hz=rate.real("most_hz", above=0.0),
        options={name: _option(name, options.inner(name)) for name in options.unread()},
        driver=fields.text("driver", path.stem),
        also=fields.texts("also", []),
        bus_hz=fields.whole("bus_hz", 0, high=2**32 - 1),
        current=_current(fields.inner("power")) if "power" in fields else None,
        buffered=_buffered(fields.inner("buffer", optional=True)),
        simulated=fields.flag("simulated", False),
        datasheet=_datasheet(fields.inner("datasheet")) if "datasheet" in fields else None,
        folder=path.parent.resolve() if own else None,
    )
    rate.finish()
    fields.finish()
    return sensor


def _channel(fields: Fields) -> Channel:
    channel = Channel(
        fields.text("name"),
        fields.text("unit"),
        fields.real("scale", above=0.0),
        fields.real("low"),
        fields.real("high"),
    )
    fields.finish()
    return channel


def _option(name: str, fields: Fields) -> Option:
    values = fields.wholes("values", [], low=-(2**31), high=2**31 - 1)
    option = Option(
        name,
        low=fields.whole("low", min(values, default=0), low=-(2**31), high=2**31 - 1),
        high=fields.whole("high", max(values, default=0), low=-(2**31), high=2**31 - 1),
        values=values,
        default=fields.whole("default", low=-(2**31), high=2**31 - 1),
        meaning=fields.text("meaning"),
    )
    fields.finish()
    if not _IDENTIFIER.fullmatch(name) or not option.allows(option.default):
        raise fields.fault(f"{fields.where}: the default must be {option.allowed}")
    return option


def _current(fields: Fields) -> Current:
    volts = fields.reals("supply_volts")
    if len(volts) != 2 or not 0 < volts[0] <= volts[1]:
        raise fields.wrong("supply_volts", "must be a least and a greatest voltage")
    current = Current(
        (volts[0], volts[1]),
        fields.real("measuring_microamps", low=0.0),
        fields.real("idle_microamps", low=0.0),
        fields.whole("warm_up_ms", 0),
    )
    fields.finish()
    return current


def _buffered(fields: Fields) -> int:
    samples = fields.whole("samples", 0, high=65535)
    fields.finish()
    return samples


def _datasheet(fields: Fields) -> Datasheet:
    sheet = Datasheet(fields.text("title"), fields.text("revision", ""), fields.text("link", ""))
    fields.finish()
    return sheet
