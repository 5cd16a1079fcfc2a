"""``[node]`` of a project: the board, its sensors, what is recorded, decided and saved."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from tinyml import boards
from tinyml.boards import Board, Bus, pin_number
from tinyml.documents import Fields, require_known
from tinyml.durations import microseconds, minutes_of_day
from tinyml.errors import BoardError, ProjectError
from tinyml.node.use import SensorUse, read_use

_MOST_SENSORS: Final = 8
_LONGEST_TEXT_BYTES: Final = 32
_PERMILLE: Final = 1000
_VOTES: Final = re.compile(r"(\d+) of (\d+)")
_MOST_VOTES: Final = 32
_SUMMARY: Final = re.compile(r"summary\s+(.+)")
RECORDS: Final = ("all", "changes", "summary")  # as the setting `record` numbers them
_WEEK_S: Final = 7 * 86_400


@dataclass(frozen=True)
class NodePlan:
    """A checked ``[node]``."""

    board: Board
    sensors: tuple[SensorUse, ...]
    buses: Mapping[str, Bus]  # that they hang on, with the project's pins, in the order of use
    period_us: int  # from one sample to the next; 0: the model's
    readings: int  # that are averaged into one sample, over its period
    decision: str  # class to be decided on; empty: the most likely one, or a regression's value
    settings: Mapping[str, int | str]  # defaults that differ from the toolkit's, by key
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
        readings=fields.whole("readings", 1, 1, 3600),
        decision=_decided_class(fields),
        settings=_settings(fields, target),
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


def _decided_class(fields: Fields) -> str:
    return fields.inner("decide", optional=True).text("class", "")


def _settings(fields: Fields, board: Board) -> dict[str, int | str]:
    """Defaults of the node's settings, by key."""
    found: dict[str, int | str] = {}
    if "window_every" in fields:
        found["interval_s"] = _seconds(fields, "window_every", _WEEK_S)
    if "hop" in fields:
        found["hop"] = fields.whole("hop", low=1, high=2**31 - 1)
    if "hours" in fields:
        hours = minutes_of_day(fields.text("hours"), f"{fields.where}: 'hours'", ProjectError)
        found["active_from_min"], found["active_to_min"] = hours
    if "health" in fields:
        found["health_s"] = _seconds(fields, "health", _WEEK_S)
    if "inputs" in fields:
        found["record_inputs"] = int(fields.flag("inputs"))
    if "keep_uncertain" in fields:
        found["keep_uncertain_permille"] = _permille(fields, "keep_uncertain")
    found |= _recording(fields) | _decision(fields.inner("decide", optional=True))
    found |= _power(fields.inner("power", optional=True), board) | _identity(fields)
    return found


def _recording(fields: Fields) -> dict[str, int | str]:
    if "record" not in fields:
        return {}
    text = fields.text("record").strip()
    summary = _SUMMARY.fullmatch(text)
    if summary:
        period = microseconds(summary[1], f"{fields.where}: 'record'", ProjectError) // 10**6
        if not 1 <= period <= _WEEK_S:
            raise fields.wrong("record", "must have a period from 1 s to 7 d")
        return {"record": RECORDS.index("summary"), "summary_s": period}
    if text not in RECORDS[:2]:
        raise fields.wrong("record", "must be 'all', 'changes' or a summary such as 'summary 1 h'")
    return {"record": RECORDS.index(text)}


def _decision(fields: Fields) -> dict[str, int | str]:
    found: dict[str, int | str] = {}
    if "above" in fields:
        found["decide_above_permille"] = _permille(fields, "above")
        found["decide_below_permille"] = found["decide_above_permille"]
    if "below" in fields:
        if "above" not in fields or fields.real("below") > fields.real("above"):
            raise fields.wrong("below", "must be at most 'above'")
        found["decide_below_permille"] = _permille(fields, "below")
    if "in" in fields:
        votes = _VOTES.fullmatch(fields.text("in").strip())
        if votes is None or not 1 <= int(votes[1]) <= int(votes[2]) <= _MOST_VOTES:
            raise fields.wrong("in", f"must be votes such as '3 of 5', of {_MOST_VOTES} at most")
        found["decide_votes"], found["decide_of"] = int(votes[1]), int(votes[2])
    if "hold_off" in fields:
        found["hold_off_s"] = _seconds(fields, "hold_off", 86_400)
    fields.text("class", "")
    fields.finish()
    return found


def _power(fields: Fields, board: Board) -> dict[str, int | str]:
    found: dict[str, int | str] = {}
    if "switch" in fields:
        where = f"{fields.where}: "
        found["switch_pin"] = pin_number(board.port, fields.text("switch"), ProjectError, where)
    if "warm_up" in fields:
        found["warm_up_ms"] = _seconds(fields, "warm_up", 3600, unit_us=1000)
    if "stop_below" in fields:
        stop = fields.real("stop_below", above=0.0, high=60.0)
        go_on = fields.real("go_on_above", stop + 0.1, high=60.0)
        if go_on < stop:
            raise fields.wrong("go_on_above", "must be at least 'stop_below'")
        found["stop_below_mv"], found["go_on_above_mv"] = round(1000 * stop), round(1000 * go_on)
    fields.finish()
    return found


def _identity(fields: Fields) -> dict[str, int | str]:
    found: dict[str, int | str] = {}
    for key in ("name", "site"):
        if key in fields:
            found[key] = fields.text(key)
            if len(fields.text(key).encode()) > _LONGEST_TEXT_BYTES:
                raise fields.wrong(key, f"must be at most {_LONGEST_TEXT_BYTES} bytes of UTF-8")
    if "position" in fields:
        position = fields.reals("position")
        if len(position) not in (2, 3) or abs(position[0]) > 90 or abs(position[1]) > 180:
            raise fields.wrong("position", "must be latitude, longitude and perhaps metres")
        found["latitude_e6"] = round(position[0] * 1e6)
        found["longitude_e6"] = round(position[1] * 1e6)
        if len(position) == 3:
            found["elevation_m"] = round(position[2])
    return found


def _seconds(fields: Fields, key: str, most_s: int, unit_us: int = 10**6) -> int:
    """A duration in whole seconds, or in another unit."""
    found = microseconds(fields.text(key), f"{fields.where}: '{key}'", ProjectError)
    if found > most_s * 10**6 or found % unit_us:
        least = "seconds" if unit_us == 10**6 else "milliseconds"
        raise fields.wrong(key, f"must be whole {least}, {most_s} s at most")
    return found // unit_us


def _permille(fields: Fields, key: str) -> int:
    return round(_PERMILLE * fields.real(key, low=0.0, high=1.0))


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
