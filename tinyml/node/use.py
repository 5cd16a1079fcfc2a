"""A sensor as a project uses it: which part, on which bus of the board, at which address.

Written short, ``"scd4x(co2)@i2c0:0x62"``: the part, in parentheses the channels that are taken
(all where none are named), behind ``@`` the board's bus, behind ``:`` the address or an ADC's pin.
Written long, a table with ``part``, ``channels``, ``bus``, ``address`` and the driver's options.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tinyml import sensors
from tinyml.boards import Board
from tinyml.documents import Fields, require_known
from tinyml.errors import ProjectError, SensorError
from tinyml.sensors import Channel, Sensor

_SHORT: Final = re.compile(
    r"(?P<part>[^@()]+?)\s*(?:\((?P<channels>[^()]*)\))?\s*(?:@(?P<bus>\w+)(?::(?P<address>\S+))?)?"
)
_FORM: Final = 'write it as "sht3x@i2c0:0x44": the part, the board\'s bus, the address'


@dataclass(frozen=True)
class SensorUse:
    """A sensor on a board."""

    sensor: Sensor
    channels: tuple[int, ...]  # which of the sensor's are taken, in the order of the model's
    bus: str  # the board's name of it; empty where the sensor hangs on none
    address: int  # on an I2C bus; of an ADC the port's number of the input; else 0
    options: Mapping[str, int]  # of the driver, all of them

    @property
    def taken(self) -> tuple[Channel, ...]:
        """The channels that are taken; empty where the sensor has as many as the model."""
        return tuple(self.sensor.channels[i] for i in self.channels)

    @property
    def shown(self) -> str:
        """As a user may write it."""
        place = f"@{self.bus}" if self.bus else ""
        place += f":{self.address:#04x}" if self.sensor.addresses else ""
        return f"{self.sensor.name}{place}"


def read_use(value: Any, board: Board, folder: Path, where: str) -> SensorUse:
    """A sensor as ``[node]`` names it; ProjectError where it is wrong.

    Args:
        value: a text or a table, unchecked.
        board: whose buses are meant.
        folder: where a user's own drivers are sought.
        where: the beginning of messages.
    """
    if isinstance(value, str):
        found = _SHORT.fullmatch(value.strip())
        if found is None:
            raise ProjectError(f"{where}: '{value}' does not name a sensor; {_FORM}")
        named = {key: text for key, text in found.groupdict().items() if text is not None}
        if "channels" in named:
            channels = [name.strip() for name in named["channels"].split(",")]
            value = {**named, "channels": channels}
        else:
            value = named
    fields = Fields(value, where, ProjectError)
    sensor = _sensor(fields.text("part"), folder, where)
    bus = _bus(sensor, fields, board, where)
    use = SensorUse(
        sensor,
        _channels(sensor, fields),
        bus,
        _address(sensor, bus, fields, board),
        {name: _option(sensor, name, fields) for name in sensor.options},
    )
    fields.finish()
    return use


def _sensor(part: str, folder: Path, where: str) -> Sensor:
    """One of the toolkit's, or the user's own by the path of its TOML or C file."""
    try:
        if part.endswith((".toml", ".c")):
            path = (folder / part).with_suffix(".toml")
            sensor = sensors.read(path)
            if not path.with_name(f"{sensor.driver}.c").is_file():
                raise ProjectError(f"{where}: {path} has no driver {sensor.driver}.c beside it")
            return sensor
        return sensors.named(part)
    except SensorError as error:
        hint = "" if "did you mean" in str(error) else "; `tinyml sensors` lists them"
        raise ProjectError(f"{where}: {error}{hint}") from error


def _bus(sensor: Sensor, fields: Fields, board: Board, where: str) -> str:
    fitting = [name for name, bus in board.buses.items() if bus.kind == sensor.bus]
    if sensor.bus == "none":
        if "bus" in fields:
            raise ProjectError(f"{where}: {sensor.name} hangs on no bus; leave '@...' out")
        return ""
    if not fitting:
        raise ProjectError(
            f"{where}: {sensor.name} needs {_article(sensor.bus)} bus, and the toolkit has none "
            f"for {board.name}; `tinyml sensors {sensor.name}` lists boards that have one"
        )
    if "bus" not in fields:
        if len(fitting) == 1:
            return fitting[0]
        raise ProjectError(
            f"{where}: say on which bus {sensor.name} hangs, such as {sensor.name}@{fitting[0]}; "
            f"{board.name} has {', '.join(fitting)}"
        )
    name = fields.text("bus")
    require_known(name, board.buses, f"{where}: of {board.name} the bus", ProjectError)
    if name not in fitting:
        raise ProjectError(
            f"{where}: {sensor.name} needs {_article(sensor.bus)} bus, and {name} of {board.name} "
            f"is {_article(board.buses[name].kind)} bus; choose {' or '.join(fitting)}"
        )
    return name


def _article(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aio" else f"a {kind}"


def _address(sensor: Sensor, bus: str, fields: Fields, board: Board) -> int:
    given = fields.raw("address") if "address" in fields else None
    if sensor.bus == "adc":
        return _input(sensor, bus, str(given) if given is not None else "", board, fields.where)
    if not sensor.addresses:
        if given is not None:
            raise ProjectError(f"{fields.where}: {sensor.name} has no address; leave it out")
        return 0
    if given is None:
        return sensor.usual_address
    try:
        address = given if isinstance(given, int) else int(str(given), 0)
    except ValueError:
        address = -1
    if address not in sensor.addresses:
        allowed = ", ".join(f"{number:#04x}" for number in sensor.addresses)
        raise ProjectError(
            f"{fields.where}: {sensor.name} can have the address {allowed}, not '{given}'"
        )
    return address


def _input(sensor: Sensor, bus: str, given: str, board: Board, where: str) -> int:
    inputs = board.buses[bus].inputs
    if given not in inputs:
        first = next(iter(inputs), "A0")
        raise ProjectError(
            f"{where}: say which pin {sensor.name} is connected to, such as "
            f"{sensor.name}@{bus}:{first}; {board.name} has {', '.join(inputs)}"
            + (f", not '{given}'" if given else "")
        )
    return inputs[given]


def _channels(sensor: Sensor, fields: Fields) -> tuple[int, ...]:
    names = [channel.name for channel in sensor.channels]
    wanted = fields.texts("channels", names)
    for name in wanted:
        require_known(name, names, f"{fields.where}: of {sensor.name} the channel", ProjectError)
    if len(set(wanted)) < len(wanted):
        raise ProjectError(f"{fields.where}: a channel of {sensor.name} is named twice")
    return tuple(names.index(name) for name in wanted)


def _option(sensor: Sensor, name: str, fields: Fields) -> int:
    option = sensor.options[name]
    value = fields.whole(name, option.default, low=-(2**31), high=2**31 - 1)
    if not option.allows(value):
        raise fields.wrong(name, f"of {sensor.name} must be {option.allowed}")
    return value
