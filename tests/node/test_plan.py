"""[node] of a project: what is understood, and each mistake in a sentence, at build time."""

import json
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from tests.support.targets import require_build
from tests.support.thermometer import thermometer
from tinyml.cli.build import command as build_command
from tinyml.documents import Fields
from tinyml.errors import ProjectError
from tinyml.graph import load
from tinyml.model import ModelSettings
from tinyml.node import read_plan, sources
from tinyml.node.matching import Sensed
from tinyml.node.sources import row
from tinyml.resources import folder

WHERE = "tinyml.toml [node]"
SETTINGS = ModelSettings.of(thermometer().metadata)


def planned(folder, board="nrf52840-dk", **table):
    return read_plan(Fields(table, WHERE, ProjectError), folder, board)


def made(folder, settings=SETTINGS, **table):
    return sources(planned(folder, **table), settings, WHERE)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("lm75@i2c0", ("lm75", "i2c0", 0x48)),
        ("TMP105@i2c0:0x4a", ("lm75", "i2c0", 0x4A)),
        ("tmp75 (temperature) @i2c0:74", ("lm75", "i2c0", 74)),
        ("ds18b20", ("ds18b20", "onewire0", 0)),
        ({"part": "sht31", "bus": "i2c0", "address": 0x45}, ("sht3x", "i2c0", 0x45)),
        ("voltage@adc0:A0", ("voltage", "adc0", 1)),
    ],
)
def test_sensors_are_understood(tmp_path, text, expected):
    (use,) = planned(tmp_path, sensors=[text]).sensors
    assert (use.sensor.name, use.bus, use.address) == expected


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"sensors": []}, "must name 1 to 8 sensors"),
        ({"sensors": ["lm57@i2c0"]}, "did you mean 'lm75'"),
        ({"sensors": ["lm75@@"]}, "does not name a sensor"),
        ({"sensors": ["lm75@i2c7"]}, "of nrf52840-dk the bus 'i2c7' is not known"),
        ({"sensors": ["lm75@uart1"]}, "lm75 needs an i2c bus, and uart1 of nrf52840-dk is a uart"),
        ({"sensors": ["lm75@i2c0:0x50"]}, "lm75 can have the address 0x48"),
        ({"sensors": ["ds18b20@onewire0:3"]}, "ds18b20 has no address"),
        ({"sensors": ["sht3x(co2)@i2c0"]}, "of sht3x the channel 'co2' is not known"),
        ({"sensors": ["sht3x(humidity,humidity)@i2c0"]}, "a channel of sht3x is named twice"),
        ({"sensors": ["voltage@adc0"]}, "say which pin voltage is connected to"),
        ({"sensors": ["voltage@adc0:Z9"]}, "not 'Z9'"),
        ({"sensors": ["simulated@i2c0"]}, "simulated hangs on no bus"),
        ({"sensors": ["lm75@i2c0", "lm75@i2c0"]}, "both on i2c0 at 0x48"),
        ({"sensors": ["ds18b20", "ds18b20"]}, "both on onewire0"),
        ({"sensors": ["lm75@i2c0"], "pins": {"i2c0": {"clock": "PB8"}}}, "'PB8' is not a pin"),
        ({"sensors": ["lm75@i2c0"], "pins": {"i2c0": {"clock": "P0.32"}}}, "is not a pin"),
        (
            {"sensors": ["lm75@i2c0"], "pins": {"i2c0": {"clock": "P0.3", "data": "P0.3"}}},
            "the pin P0.3 is used twice",
        ),
        ({"sensors": ["lm75@i2c0"], "pins": {"i2c9": {}}}, "the bus 'i2c9' is not known"),
        ({"sensors": ["lm75@i2c0"], "rate": 1.0, "every": "1 s"}, "either 'rate' or 'every'"),
        ({"sensors": ["lm75@i2c0"], "every": "1 fortnight"}, "must be a number and a unit"),
        ({"sensors": ["lm75@i2c0"], "sensor": 1}, "unknown key 'sensor'"),
        ({"sensors": ["lm75@i2c0"], "decide": {}}, "'decide' is planned"),
        ({"sensors": ["lm75@i2c0"], "hop": 0}, "'hop' must be"),
        ({"sensors": ["lm75@i2c0"], "board": "microbid"}, "did you mean 'microbit'"),
        ({"sensors": ["replay"]}, "lacks 'replay'"),
        ({"sensors": ["replay"], "replay": "no.csv"}, "which is missing"),
        ({"sensors": ["lm75@i2c0"], "replay": "x.csv"}, "which 'sensors' lacks"),
        ({"sensors": [{"part": "lm75", "bus": "i2c0", "bits": 13}]}, "must be from 9 to 12"),
        ({"sensors": ["own/none.toml@i2c0"]}, "none.toml"),
        ({"sensors": ["pms5003"], "board": "arduino-uno"}, "needs a uart bus, and the toolkit has"),
    ],
)
def test_a_mistake_is_a_sentence(tmp_path, table, said):
    with pytest.raises(ProjectError) as caught:
        planned(tmp_path, **table)
    assert said in str(caught.value) and "[node]" in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "table", "said"),
    [
        ({}, {"sensors": ["sht3x@i2c0"]}, "the sensors give temperature (degC) of sht3x, humidity"),
        ({}, {"sensors": ["sht3x(humidity)@i2c0"]}, "temperature (degC), but the sensors give"),
        ({}, {"sensors": ["lm75@i2c0"], "rate": 1.0}, "the model takes a sample every 500 ms"),
        ({"sample_rate_hz": 50.0}, {"sensors": ["lm75@i2c0"]}, "faster than lm75 measures: 3"),
        ({"sample_rate_hz": 0.0}, {"sensors": ["lm75@i2c0"]}, "does not say how it takes samples"),
        (
            {
                "channel_names": ("humidity", "temperature"),
                "channel_units": ("%", "degC"),
                "channel_scales": (0.01, 0.01),
            },
            {"sensors": ["sht3x@i2c0"]},
            "the sensors give temperature where the model takes humidity",
        ),
    ],
)
def test_a_sensor_that_is_not_the_models_is_refused(tmp_path, changes, table, said):
    with pytest.raises(ProjectError) as caught:
        made(tmp_path, replace(SETTINGS, **changes), **table)
    assert said in str(caught.value)


def test_a_hop_is_refused_for_sounds(tmp_path):
    sound = ModelSettings.of(load(folder("models") / "esc10" / "model.tflite").metadata)
    with pytest.raises(ProjectError, match="'hop' is for models of samples"):
        made(tmp_path, sound, sensors=["simulated"], hop=3)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("temperature\n1\nx\n", "line 3: a row must have 1 whole numbers"),
        ("1\n40000\n", "line 2: a row must have"),
        ("1,2\n", "line 1: a row must have"),
        ("temperature\n", "has no samples"),
    ],
)
def test_a_damaged_recording_is_named_with_its_line(tmp_path, text, said):
    (tmp_path / "r.csv").write_text(text)
    with pytest.raises(ProjectError, match=said):
        made(tmp_path, sensors=["replay"], replay="r.csv")


def test_a_users_own_driver_is_built(tmp_path):
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "probe.c").write_text("")
    (tmp_path / "own" / "probe.toml").write_text(
        'title = "Probe"\nbus = "i2c"\naddresses = [0x20]\n[rate]\nmost_hz = 10.0\n'
        '[[channels]]\nname = "temperature"\nunit = "degC"\nscale = 0.1\nlow = 0.0\nhigh = 9.0\n'
    )
    found = made(tmp_path, sensors=["own/probe.toml@i2c0"])
    assert found.drivers == ((tmp_path / "own" / "probe.c").resolve(),)
    assert '#include "probe.h"' in found.files["sensor_select.c"]


def in_c(text, count):
    """What tml_sensed_count makes of a row, in Python's unbounded whole numbers."""
    cells = [int(cell.strip("{}u ")) for cell in text.split(",")]
    _, _, shift, multiplier, offset = cells

    def halved(value, bits):
        half = (1 << bits) >> 1
        return -((half - value) >> bits) if value < 0 else (value + half) >> bits

    return min(max(halved(halved(count * multiplier, shift) + offset, 8), -32768), 32767)


@given(
    st.integers(-(2**24), 2**24),
    st.floats(1e-6, 1e4),
    st.floats(-30000, 30000),
)
def test_counts_become_the_models_within_half_a_count(count, factor, offset):
    found = in_c(row(Sensed(0, 0, factor, offset)), count)
    exact = min(max(count * factor + offset, -32768), 32767)
    assert abs(found - exact) <= 0.51 + abs(exact) * 2**-28


@given(st.integers(-32768, 32767))
def test_equal_scales_leave_counts_as_they_are(count):
    assert in_c(row(Sensed(0, 0, 1.0, 0.0)), count) == count


def test_a_project_is_built_with_its_sensors(tmp_path):
    require_build("nrf52840-dk")
    done = CliRunner().invoke(
        build_command, ["models/occupancy", "-o", str(tmp_path / "out"), "--json"]
    )
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert said["board"] == "nrf52840-dk"
    assert said["sensors"] == ["scd4x@i2c0:0x62", "sht3x@i2c0:0x44"]
    assert np.isfinite(said["flash_bytes"])


def test_a_project_without_a_model_says_what_to_do(tmp_path):
    (tmp_path / "tinyml.toml").write_text(
        'dataset = "occupancy-uci"\n[front_end]\nkind = "changes"\n[model]\nkind = "dense"\n'
        "layers = [8]\n"
    )
    done = CliRunner().invoke(build_command, [str(tmp_path), "-o", str(tmp_path / "out")])
    assert isinstance(done.exception, ProjectError)
    assert "has no model.tflite yet; make it with `tinyml train" in str(done.exception)
