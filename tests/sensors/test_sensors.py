"""Sensors as data: what their files say, and what is refused."""

import pytest

from tinyml import sensors
from tinyml.errors import SensorError
from tinyml.resources import folder

GOOD = """\
title = "A made-up part"
bus = "i2c"
addresses = [0x40, 0x41]
parts = ["made-up"]
[[channels]]
name = "temperature"
unit = "degC"
scale = 0.01
low = -40.0
high = 125.0
[rate]
most_hz = 10.0
[options.repeatability]
values = [0, 1, 2]
default = 2
meaning = "0 low, 2 high"
[power]
supply_volts = [2.4, 5.5]
measuring_microamps = 600.0
idle_microamps = 0.2
warm_up_ms = 1
[datasheet]
title = "Made-up"
"""


@pytest.mark.parametrize("name", sensors.names())
def test_every_sensor_has_a_driver_and_a_datasheet(name):
    sensor = sensors.load(name)
    assert (folder("firmware") / "sensors" / f"{sensor.driver}.c").is_file()
    assert sensor.simulated or sensor.bus == "adc" or sensor.datasheet
    assert all(channel.low < channel.high for channel in sensor.channels)
    assert len({channel.name for channel in sensor.channels}) == len(sensor.channels)
    ends = [
        (end, channel.scale) for channel in sensor.channels for end in (channel.low, channel.high)
    ]
    assert all(abs(end / scale) < 2**31 for end, scale in ends)


def test_a_part_may_be_named_as_its_maker_does():
    names = [(part, name) for name in sensors.names() for part in sensors.load(name).parts]
    assert len({part for part, _ in names} | set(sensors.names())) == len(names) + len(
        sensors.names()
    )
    assert all(sensors.named(part.upper()).name == name for part, name in names)


def test_a_users_own_sensor_is_read(tmp_path):
    path = tmp_path / "made_up.toml"
    path.write_text(GOOD)
    sensor = sensors.read(path)
    assert sensor.folder == tmp_path and sensor.usual_address == 0x40
    assert sensor.options["repeatability"].allowed == "one of 0, 1, 2"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('bus = "i2c"', 'bus = "i3c"', "'i3c' is not known"),
        ("addresses = [0x40, 0x41]", "addresses = [0x80]", "from 0 to 127"),
        ("default = 2", "default = 3", "must be one of 0, 1, 2"),
        ("scale = 0.01", "scale = 0.0", "must be above 0"),
        ("most_hz = 10.0", "fastest = 10.0", "most_hz"),
        ("supply_volts = [2.4, 5.5]", "supply_volts = [5.5]", "a least and a greatest voltage"),
        ('title = "A made-up part"', 'titel = "A made-up part"', "is it misspelt as 'titel'"),
    ],
)
def test_what_is_wrong_in_a_file_is_said(tmp_path, old, new, said):
    path = tmp_path / "made_up.toml"
    assert old in GOOD
    path.write_text(GOOD.replace(old, new))
    with pytest.raises(SensorError, match=said.replace("[", r"\[")):
        sensors.read(path)


def test_an_unknown_sensor_is_guessed_at():
    with pytest.raises(SensorError, match="did you mean 'simulated'"):
        sensors.named("simulate")


@pytest.mark.parametrize(
    ("of", "to", "value", "expected"),
    [
        ("degC", "K", 25.0, 298.15),
        ("K", "degC", 273.15, 0.0),
        ("degF", "degC", 212.0, 100.0),
        ("degC", "degF", -40.0, -40.0),
        ("hPa", "Pa", 1013.25, 101325.0),
        ("Pa", "kPa", 101325.0, 101.325),
        ("%", "fraction", 55.0, 0.55),
        ("g", "m/s2", 1.0, 9.80665),
        ("deg/s", "rad/s", 180.0, 3.141592653589793),
        ("1", "1", 7.0, 7.0),
    ],
)
def test_units_are_converted(of, to, value, expected):
    found = sensors.conversion(of, to)
    assert found is not None
    assert value * found.factor + found.offset == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(("of", "to"), [("degC", "%"), ("ppm", "ug/m3"), ("1", "V"), ("x", "y")])
def test_other_units_are_not(of, to):
    assert sensors.conversion(of, to) is None


def test_the_page_lists_what_there_is():
    from tools import sensor_table

    text = sensor_table.PAGE.read_text(encoding="utf-8")
    assert text == sensor_table.page(), "python -m tools.sensor_table"


def test_the_template_is_a_sensor():
    path = sensors.sensor._FOLDER / "template.toml"
    template = sensors.read(path)
    assert template.driver == "template" and "template" not in sensors.names()
    assert (folder("firmware") / "sensors" / "template.c").is_file()
