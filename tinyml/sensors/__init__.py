"""One TOML a sensor: its bus, channels, rates, options and currents, with the datasheet named."""

from tinyml.sensors.sensor import (
    Channel,
    Current,
    Datasheet,
    Option,
    Sensor,
    load,
    named,
    names,
    read,
)
from tinyml.sensors.units import Conversion, conversion

__all__ = [
    "Channel",
    "Conversion",
    "Current",
    "Datasheet",
    "Option",
    "Sensor",
    "conversion",
    "load",
    "named",
    "names",
    "read",
]
