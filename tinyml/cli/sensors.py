"""tinyml sensors: what a node can measure with."""

from __future__ import annotations

from typing import Any

import click

from tinyml import boards, sensors
from tinyml.boards import Board
from tinyml.cli.output import json_option, print_json, print_table
from tinyml.errors import SensorError
from tinyml.sensors import Sensor


@click.command("sensors")
@click.argument("part", required=False)
@click.option("--board", help="Show only the sensors that this board can have.")
@json_option
def command(part: str | None, board: str | None, as_json: bool) -> None:
    """List the sensors that a node can read, or show one PART in full.

    [node] in tinyml.toml names a sensor as PART@BUS:ADDRESS, such as sht3x@i2c0:0x44.
    """
    found = [sensors.named(part)] if part else [sensors.load(name) for name in sensors.names()]
    if board is not None:
        target = boards.load(board)
        found = [sensor for sensor in found if _fits(sensor, target)]
        if part and not found:
            raise SensorError(
                f"{board} has no bus for {part}: it needs {sensors.named(part).bus}, and the "
                f"board has {', '.join(sorted({b.kind for b in target.buses.values()})) or 'none'}"
            )
    if as_json:
        print_json([_document(sensor) for sensor in found])
    elif part:
        _show(found[0])
    else:
        print_table(
            "Sensors",
            ("part", "bus", "channels", "most per second", "what it is"),
            [
                (
                    sensor.name,
                    sensor.bus,
                    _channels(sensor),
                    f"{sensor.most_hz:g}",
                    sensor.title,
                )
                for sensor in found
            ],
            caption="`tinyml sensors PART` shows one in full",
        )


def _fits(sensor: Sensor, board: Board) -> bool:
    return sensor.bus == "none" or any(bus.kind == sensor.bus for bus in board.buses.values())


def _channels(sensor: Sensor) -> str:
    names = (f"{channel.name} ({channel.unit})" for channel in sensor.channels)
    return ", ".join(names) or "the model's"


def _boards(sensor: Sensor) -> list[str]:
    loaded = (boards.load(name) for name in boards.names())
    return [board.name for board in loaded if _fits(sensor, board)]


def _show(sensor: Sensor) -> None:
    rows: list[tuple[str, str]] = [
        ("bus", sensor.bus),
        ("addresses", ", ".join(f"{address:#04x}" for address in sensor.addresses) or "-"),
        ("also called", ", ".join(sensor.parts) or "-"),
        ("samples a second", f"up to {sensor.most_hz:g}"),
    ]
    for channel in sensor.channels:
        rows.append(
            (
                f"channel {channel.name}",
                f"{channel.low:g} to {channel.high:g} {channel.unit}, in steps of "
                f"{channel.scale:g}",
            )
        )
    for option in sensor.options.values():
        said = f"{option.meaning}; {option.allowed}, by default {option.default}"
        rows.append((f"option {option.name}", said))
    if sensor.current is not None:
        current = sensor.current
        low, high = current.supply_volts
        rows += [
            ("supply", f"{low:g} to {high:g} V"),
            ("current", f"{current.measuring_microamps:g} uA measuring, "
             f"{current.idle_microamps:g} uA idle (data sheet, typical)"),
            ("warm-up", f"{current.warm_up_ms} ms"),
        ]  # fmt: skip
    if sensor.datasheet is not None:
        sheet = sensor.datasheet
        rows.append(("data sheet", f"{sheet.title} ({sheet.revision}) {sheet.link}".strip()))
    rows.append(("boards", ", ".join(_boards(sensor))))
    print_table(sensor.title, ("", ""), rows)


def _document(sensor: Sensor) -> dict[str, Any]:
    current = sensor.current
    return {
        "name": sensor.name,
        "title": sensor.title,
        "bus": sensor.bus,
        "addresses": list(sensor.addresses),
        "parts": list(sensor.parts),
        "channels": [
            {
                "name": channel.name,
                "unit": channel.unit,
                "scale": channel.scale,
                "low": channel.low,
                "high": channel.high,
            }
            for channel in sensor.channels
        ],
        "least_hz": sensor.least_hz,
        "most_hz": sensor.most_hz,
        "options": [
            {
                "name": option.name,
                "low": option.low,
                "high": option.high,
                "values": list(option.values),
                "default": option.default,
                "meaning": option.meaning,
            }
            for option in sensor.options.values()
        ],
        "supply_volts": list(current.supply_volts) if current else None,
        "measuring_microamps": current.measuring_microamps if current else None,
        "idle_microamps": current.idle_microamps if current else None,
        "warm_up_ms": current.warm_up_ms if current else None,
        "simulated": sensor.simulated,
        "boards": _boards(sensor),
    }
