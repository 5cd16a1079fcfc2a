"""Buses of a board, as its TOML's ``[buses.NAME]`` describe them: where sensors can hang."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from tinyml.documents import Fields
from tinyml.errors import BoardError, TinymlError

KINDS: Final = ("i2c", "uart", "adc", "one_wire", "sound")  # tml_bus_kind_t, from 1
UNUSED: Final = 255  # a pin that this kind of bus has not
_HIGHEST_PIN: Final = 254
# How the chips' makers name pins, by the port: pattern and pins of a group.
_PIN_NAMES: Final = {
    "nrf5": (re.compile(r"P(?P<group>[01])\.(?P<pin>\d\d?)"), 32),
    "stm32": (re.compile(r"P(?P<group>[A-K])(?P<pin>\d\d?)"), 16),
    "rp2040": (re.compile(r"GP(?P<pin>\d\d?)"), 30),
    "atmega": (re.compile(r"P(?P<group>[A-L])(?P<pin>[0-7])"), 8),
}


@dataclass(frozen=True)
class Bus:
    """A bus of a board."""

    name: str
    kind: str  # one of KINDS
    instance: int  # which of the chip's peripherals, as the port numbers them
    function: int  # the pins' alternate function; 0 where they have none
    clock: str  # pin of I2C's clock, a UART's transmitter, a microphone's clock; may be empty
    data: str  # pin of I2C's data, a UART's receiver, one-wire, a microphone's data; may be empty
    hz: int  # bits a second; of a microphone samples a second
    inputs: dict[str, int]  # of an ADC: names of pins, and what the port calls them


def read_bus(name: str, fields: Fields) -> Bus:
    """A bus from its table; the error of ``fields`` where it is wrong."""
    kind = fields.choice("kind", KINDS)
    inputs = fields.inner("inputs", optional=True)
    fields.text("source", "")  # for people
    bus = Bus(
        name,
        kind,
        instance=fields.whole("instance", 0, high=_HIGHEST_PIN),
        function=fields.whole("function", 0, high=15),
        clock=fields.text("clock", ""),
        data=fields.text("data", ""),
        hz=fields.whole("hz", 0, high=2**32 - 1),
        inputs={key: inputs.whole(key, high=_HIGHEST_PIN) for key in inputs.unread()},
    )
    fields.finish()
    return bus


def pin_number(port: str, name: str, error: type[TinymlError] = BoardError, where: str = "") -> int:
    """What a port calls a pin; UNUSED where the name is empty.

    Args:
        port: the folder under firmware/ports.
        name: by the chip's maker (``P0.26``, ``PB8``, ``GP4``), or the port's own number.
        error: raised where there is no such pin.
        where: the beginning of its sentence.
    """
    if not name:
        return UNUSED
    if name.isdecimal() and int(name) <= _HIGHEST_PIN:
        return int(name)
    pattern, in_group = _PIN_NAMES.get(port, (None, 0))
    found = pattern.fullmatch(name) if pattern else None
    if found is None or int(found["pin"]) >= in_group:
        example = {"nrf5": "P0.26", "stm32": "PB8", "rp2040": "GP4", "atmega": "PC5"}.get(port, "4")
        raise error(f"{where}'{name}' is not a pin of this board; pins are named like {example}")
    group = found.groupdict().get("group") or "0"
    number = int(group) if group.isdecimal() else ord(group) - ord("A")
    return number * in_group + int(found["pin"])
