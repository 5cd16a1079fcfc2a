"""C sources that tie a node's sensors to its buses and to the model: made for each build.

``bus_select.h`` says which buses of the board are used, for the port; ``sensor_select.c`` holds the
drivers' memory, for the node; ``node_select.h`` the defaults of its settings. See
firmware/include/tml/{bus,sensing,settings}.h for what they define.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tinyml.boards import Bus, pin_number
from tinyml.boards.bus import KINDS
from tinyml.errors import ProjectError
from tinyml.files import read_text
from tinyml.model import ModelSettings
from tinyml.node.matching import Sensed, matched
from tinyml.node.plan import NodePlan
from tinyml.node.use import SensorUse
from tinyml.resources import folder

_MULTIPLIER_BITS: Final = 30
_MOST_SHIFT: Final = 62
_PART_BITS: Final = 8  # of a fraction of the model's counts, in which a row's offset is


@dataclass(frozen=True)
class Sources:
    """What a build adds for a node with sensors."""

    files: Mapping[str, str]  # text by name, for a folder that comes first among the includes
    drivers: tuple[Path, ...]  # C files of the toolkit and of the user
    includes: tuple[Path, ...]  # of the user's own drivers
    kinds: frozenset[str]  # of the buses that are used


def sources(plan: NodePlan, settings: ModelSettings | None, where: str) -> Sources:
    """A plan as C; ProjectError, which begins with ``where``, where the model does not suit."""
    sensed = matched(plan, settings, where)
    assert settings is not None
    files = {
        "bus_select.h": bus_select(plan.buses, plan.board.port),
        "sensor_select.h": _sensor_select_header(plan),
        "sensor_select.c": _sensor_select(plan, sensed),
        "node_select.h": _node_select(plan),
    }
    if plan.replay is not None:
        files["replay_data.h"] = _replay_data(plan.replay, len(settings.channel_names))
    own = {use.sensor.folder for use in plan.sensors if use.sensor.folder is not None}
    return Sources(
        files,
        tuple(dict.fromkeys(path for use in plan.sensors for path in _drivers(use))),
        tuple(sorted(own)),
        frozenset(bus.kind for bus in plan.buses.values()),
    )


def _drivers(use: SensorUse) -> list[Path]:
    place = use.sensor.folder or folder("firmware").resolve() / "sensors"
    return [place / f"{name}.c" for name in (use.sensor.driver, *use.sensor.also)]


def _guarded(name: str, text: str) -> str:
    guard = name.upper().replace(".", "_")
    return f"#ifndef {guard}\n#define {guard}\n\n{text}\n#endif\n"


def bus_select(buses: Mapping[str, Bus], port: str) -> str:
    """The header that tells a port which buses are used, in the order of their indices."""
    kinds = {bus.kind for bus in buses.values()}
    places = ",".join(_place(bus, port) for bus in buses.values())
    lines = [
        f"#define TML_BUS_COUNT {len(buses)}u",
        f"#define TML_BUSES {{{places}}}" if places else "",
        *(f"#define TML_BUS_HAS_{kind.upper()} {int(kind in kinds)}" for kind in KINDS),
    ]
    return _guarded("bus_select.h", "".join(f"{line}\n" for line in lines if line))


def _place(bus: Bus, port: str) -> str:
    numbers = (pin_number(port, bus.clock), pin_number(port, bus.data))
    kind = f"TML_BUS_{bus.kind.upper()}"
    return f"{{{kind}, {bus.instance}u, {bus.function}u, {numbers[0]}u, {numbers[1]}u, {bus.hz}u}}"


def _sensor_select_header(plan: NodePlan) -> str:
    simulated = int(any(use.sensor.simulated for use in plan.sensors))
    given = [len(use.sensor.channels) for use in plan.sensors]
    channels = " + ".join(f"{count}u" if count else "TML_MODEL_CHANNELS" for count in given)
    return _guarded(
        "sensor_select.h",
        '#include "model_select.h"\n#include "tml/sensing.h"\n\n'
        f"#define TML_SENSOR_COUNT {len(plan.sensors)}u\n"
        f"#define TML_SENSOR_CHANNELS ({channels}) /* of all of them */\n"
        f"#define TML_SENSORS_SIMULATED {simulated}\n"
        "\n"
        "extern const tml_sensed_channel_t TML_SENSED[TML_MODEL_CHANNELS];\n\n"
        "void tml_select_sensors(tml_sensor_t sensors[TML_SENSOR_COUNT]);\n",
    )


def _sensor_select(plan: NodePlan, sensed: Sequence[Sensed]) -> str:
    buses = list(plan.buses)
    names = [use.sensor.driver for use in plan.sensors]
    includes = [_include(use) for use in plan.sensors]
    memory = [
        f"static tml_{name}_t sensor_{i} = {_initial(use)};"
        for i, (name, use) in enumerate(zip(names, plan.sensors, strict=True))
    ]
    begins = []
    for i, (name, use) in enumerate(zip(names, plan.sensors, strict=True)):
        if use.bus:
            begins.append(f"    sensor_{i}.place.bus = tml_port_bus({buses.index(use.bus)}u);")
        begins.append(f"    sensors[{i}] = tml_{name}_sensor(&sensor_{i});")
    rows = "".join(f"    {row(item)},\n" for item in sensed)
    return "\n".join(
        [
            '#include "sensor_select.h"',
            *dict.fromkeys(includes),
            "",
            *memory,
            "",
            f"const tml_sensed_channel_t TML_SENSED[TML_MODEL_CHANNELS] = {{\n{rows}}};",
            "",
            "void tml_select_sensors(tml_sensor_t sensors[TML_SENSOR_COUNT]) {",
            *begins,
            "}",
            "",
        ]
    )


def _include(use: SensorUse) -> str:
    inside = "" if use.sensor.folder else "sensors/"
    return f'#include "{inside}{use.sensor.driver}.h"'


def _initial(use: SensorUse) -> str:
    members = [f".{name} = {value}" for name, value in use.options.items()]
    if use.bus:
        members.insert(0, f".place = {{.address = {use.address:#04x}u}}")
    if not use.sensor.channels:
        members.append(".channels = TML_MODEL_CHANNELS")
    return f"{{{', '.join(members)}}}"


def row(item: Sensed) -> str:
    """``tml_sensed_channel_t``: see tml/sensing.h."""
    factor = item.factor * 2**_PART_BITS
    _, exponent = math.frexp(factor)
    shift = min(max(_MULTIPLIER_BITS - exponent, 0), _MOST_SHIFT)
    multiplier, offset = round(factor * 2**shift), round(item.offset * 2**_PART_BITS)
    return f"{{{item.sensor}u, {item.channel}u, {shift}u, {multiplier}, {offset}}}"


def _node_select(plan: NodePlan) -> str:
    inputs = int(bool(plan.settings.get("record_inputs")))
    hop = plan.settings.get("hop", 0)
    return _guarded(
        "node_select.h", f"#define TML_NODE_INPUTS {inputs}\n#define TML_NODE_HOP {hop}\n"
    )


def _replay_data(path: Path, channels: int) -> str:
    """A recording as an array: CSV, a row a sample, a column a channel, in the model's counts."""
    rows: list[list[int]] = []
    for number, row in enumerate(csv.reader(read_text(path, ProjectError).splitlines()), 1):
        if not row or (number == 1 and not _is_count(row[0])):
            continue
        if len(row) != channels or not all(_is_count(cell) for cell in row):
            raise ProjectError(
                f"{path}, line {number}: a row must have {channels} whole numbers from -32768 to "
                f"32767, the model's counts, not '{','.join(row)}'"
            )
        rows.append([int(cell) for cell in row])
    if not rows:
        raise ProjectError(f"{path} has no samples to replay")
    cells = "".join(f"    {', '.join(map(str, row))},\n" for row in rows)
    return _guarded(
        "replay_data.h",
        '#include "tml/flash.h"\n\n#include <stdint.h>\n\n'
        f"#define TML_REPLAY_SAMPLES {len(rows)}u\n"
        f"#define TML_REPLAY_CHANNELS {channels}u\n\n"
        f"static const TML_FLASH int16_t TML_REPLAY[] = {{\n{cells}}};\n",
    )


def _is_count(cell: str) -> bool:
    try:
        return -32768 <= int(cell) <= 32767
    except ValueError:
        return False
