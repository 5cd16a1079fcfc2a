"""The table of sensors in docs/sensors.md, made from tinyml/sensors/*.toml.

``python -m tools.sensor_table`` writes it; a test holds it to be current.
"""

from tests.support.shared import ROOT
from tinyml import sensors
from tinyml.sensors import Sensor

PAGE = ROOT / "docs" / "sensors.md"
BEGIN, END = "<!-- sensors -->\n", "<!-- end -->\n"
COLUMNS = ("sensor", "bus", "addresses", "channels", "at most", "measuring", "idle", "source")


def row(sensor: Sensor) -> list[str]:
    """A sensor's cells."""
    current, sheet = sensor.current, sensor.datasheet
    channels = [f"{c.name} ({c.unit}, {c.scale:g})" for c in sensor.channels]
    source = f"{sheet.title}, {sheet.revision}" if sheet else "-"
    return [
        f"`{sensor.name}`: {sensor.title}",
        sensor.bus,
        ", ".join(f"{address:#04x}" for address in sensor.addresses) or "-",
        ", ".join(channels) or "the model's",
        f"{sensor.most_hz:g} Hz",
        f"{current.measuring_microamps:g} µA" if current else "-",
        f"{current.idle_microamps:g} µA" if current else "-",
        f"[{source}]({sheet.link})" if sheet and sheet.link else source,
    ]


def table() -> str:
    """All rows."""
    rows = [row(sensors.load(name)) for name in sensors.names()]
    lines = [COLUMNS, ["---"] * len(COLUMNS), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def page() -> str:
    """The page with the table as it is now."""
    text = PAGE.read_text(encoding="utf-8")
    return text.split(BEGIN)[0] + BEGIN + table() + END + text.split(END)[1]


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
