"""``[node]`` of a project: the board, its sensors, and what is recorded of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from tinyml import boards
from tinyml.boards import Board, Bus, pin_number
from tinyml.documents import Fields, require_known
from tinyml.durations import microseconds
from tinyml.errors import BoardError, ProjectError
from tinyml.node.use import SensorUse, read_use

_MOST_SENSORS: Final = 8
_PLANNED: Final = (
    "readings", "decide", "record", "window_every", "keep_uncertain", "hours", "health",
    "power", "name", "site", "position", "clock",
)  # fmt: skip


@dataclass(frozen=True)
class NodePlan:
    """A checked ``[node]``."""

    board: Board
    sensors: tuple[SensorUse, ...]
    buses: Mapping[str, Bus]  # that they hang on, with the project's pins, in the order of use
    period_us: int  # from one sample to the next; 0: the model's
    settings: Mapping[str, int]  # defaults that differ from the toolkit's, by key
    replay: Path | None  # samples that a replayed sensor gives


def read_plan(fields: Fields, folder: Path, board: str) -> NodePlan:
    """A plan from its table; ProjectError where it is wrong.

    Args:
        fields: the table.
        folder: the project's: where a user's own drivers and recordings are sought.
        board: the project's, where ``[node]`` says none.
    """
    try:
        target = boards.load(fields.text("board", board))
    except BoardError as error:
        raise ProjectError(f"{fields.where}: {error}") from error
    _refuse_planned(fields)
    used = [
        read_use(value, target, folder, f"{fields.where}: 'sensors'")
        for value in fields.items("sensors")
    ]
    if not 1 <= len(used) <= _MOST_SENSORS:
        raise fields.wrong("sensors", f"must name 1 to {_MOST_SENSORS} sensors")
    _require_apart(used, fields.where)
    plan = NodePlan(
        board=target,
        sensors=tuple(used),
        buses=_buses(used, target, fields),
        period_us=_period(fields),
        settings=_settings(fields),
        replay=_replay(used, fields, folder),
    )
    fields.finish()
    return plan


def _require_apart(used: list[SensorUse], where: str) -> None:
    """ProjectError where two sensors have one place, or one that shares its bus with none."""
    places: dict[tuple[str, int], SensorUse] = {}
    for use in used:
        if not use.bus:
            continue
        alone = use.sensor.bus in ("uart", "one_wire", "sound")
        other = places.setdefault((use.bus, 0 if alone else use.address), use)
        if other is not use:
            place = use.bus if alone else f"{use.bus} at {use.address:#04x}"
            raise ProjectError(
                f"{where}: 'sensors' has {other.sensor.name} and {use.sensor.name} both on {place};"
                " give one of them another place"
            )


def _buses(used: list[SensorUse], board: Board, fields: Fields) -> dict[str, Bus]:
    found = {
        use.bus: replace(board.buses[use.bus], hz=use.sensor.bus_hz or board.buses[use.bus].hz)
        for use in used
        if use.bus
    }
    pins = fields.inner("pins", optional=True)
    for name in pins.unread():
        require_known(name, board.buses, f"{pins.where}: of {board.name} the bus", ProjectError)
        own = pins.inner(name)
        bus = board.buses[name]
        given = {key: own.text(key) for key in ("clock", "data") if key in own}
        own.finish()
        for pin in given.values():
            pin_number(board.port, pin, ProjectError, f"{own.where}: ")
        if name in found:
            found[name] = replace(
                bus, clock=given.get("clock", bus.clock), data=given.get("data", bus.data)
            )
    _require_own_pins(found, board, pins.where)
    return found


def _require_own_pins(buses: Mapping[str, Bus], board: Board, where: str) -> None:
    taken: dict[int, str] = {}
    for bus in buses.values():
        for pin in filter(None, (bus.clock, bus.data)):
            number = pin_number(board.port, pin)
            if number in taken:
                raise ProjectError(
                    f"{where}: the pin {pin} is used twice, by {taken[number]} and {bus.name}"
                )
            taken[number] = bus.name


def _period(fields: Fields) -> int:
    if "rate" in fields and "every" in fields:
        raise ProjectError(f"{fields.where}: give either 'rate' or 'every', not both")
    if "rate" in fields:
        return max(1, round(1e6 / fields.real("rate", above=0.0, high=1e6)))
    if "every" in fields:
        return microseconds(fields.text("every"), f"{fields.where}: 'every'", ProjectError)
    return 0


def _settings(fields: Fields) -> dict[str, int]:
    """Defaults of the node's settings, by key."""
    found = {}
    if "inputs" in fields:
        found["record_inputs"] = int(fields.flag("inputs"))
    if "hop" in fields:
        found["hop"] = fields.whole("hop", low=1, high=2**31 - 1)
    return found


def _refuse_planned(fields: Fields) -> None:
    """ProjectError for keys that the node's firmware does not follow yet: never in silence."""
    for key in _PLANNED:
        if key in fields:
            raise ProjectError(
                f"{fields.where}: '{key}' is planned, but this version's node does not follow it; "
                "leave it out"
            )


def _replay(used: list[SensorUse], fields: Fields, folder: Path) -> Path | None:
    replays = any(use.sensor.name == "replay" for use in used)
    if not replays:
        if "replay" in fields:
            raise fields.wrong("replay", "is for the sensor 'replay', which 'sensors' lacks")
        return None
    path = folder / fields.text("replay")
    if not path.is_file():
        raise ProjectError(f"{fields.where}: 'replay' names {path}, which is missing")
    return path
