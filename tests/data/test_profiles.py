"""Formats of loggers and services: each is recognised, and read as its description says."""

import json

import numpy as np
import pytest

from tests.data.test_importing import tinyml
from tinyml.data.importing import Options, profile, read_recordings
from tinyml.data.importing.recording import Wanted
from tinyml.errors import DataError

COUNT = 40
HEAT = [20 + (i % 7) / 4 for i in range(COUNT)]
DAMP = [50 + i % 5 for i in range(COUNT)]


def clock(i, form="2024-03-04T{:02}:{:02}:00Z"):
    return form.format(i // 6, i % 6 * 10)


def lines(*head, row):
    return "\n".join([*head, *(row(i, HEAT[i], DAMP[i]) for i in range(COUNT))]) + "\n"


def records(make):
    return [make(i, HEAT[i], DAMP[i]) for i in range(COUNT)]


def pairs(make):
    """One value per row."""
    return [make(i, *pair) for i in range(COUNT) for pair in (("heat", HEAT[i]), ("damp", DAMP[i]))]


def uplink(i, heat, damp):
    return {
        "end_device_ids": {"device_id": "node-1"},
        "received_at": clock(i),
        "uplink_message": {"f_cnt": i, "decoded_payload": {"heat": heat, "damp": damp}},
    }


def senml():
    base = {"bn": "urn:dev:1:", "bt": 1709510400, "n": "heat", "u": "Cel", "v": HEAT[0]}
    rest = pairs(lambda i, name, v: {"n": name, "t": 600 * i, "v": v})[1:]
    return json.dumps([base, *({"u": "%RH", **r} if r["n"] == "damp" else r for r in rest)])


def influx():
    annotations = (
        "#group,false,false,true,true,false,false,true,true",
        "#datatype,string,long,dateTime:RFC3339,dateTime:RFC3339,dateTime:RFC3339,double,string,string",
        "#default,_result,,,,,,,",
        ",result,table,_start,_stop,_time,_value,_field,_measurement",
    )
    span = "2024-03-04T00:00:00Z,2024-03-05T00:00:00Z"
    tables = [
        "\r\n".join(
            [
                *annotations,
                *(f",,{n},{span},{clock(i)},{v},{name},room" for i, v in enumerate(values)),
            ]
        )
        for n, (name, values) in enumerate((("heat", HEAT), ("damp", DAMP)))
    ]
    return "\r\n\r\n".join(tables) + "\r\n"


# profile -> file name, content, channels, units
FORMATS = {
    "toa5": (
        "station.dat",
        lines(
            '"TOA5","Roof","CR1000","1031","CR1000.Std.32","CPU:Roof.CR1","4062","Ten"',
            '"TIMESTAMP","RECORD","heat","damp"',
            '"TS","RN","Deg C","%"',
            '"","","Avg","Smp"',
            row=lambda i, h, d: f'"{clock(i, "2024-03-04 {:02}:{:02}:00")}",{i + 9},{h},{d}',
        ),
        ("heat", "damp"),
        ("Deg C", "%"),
    ),
    "hobo": (
        "hobo.csv",
        lines(
            '"Plot Title: shed"',
            '"#","Date Time, GMT-05:00","heat, °C (LGR S/N: 1, SEN S/N: 1)","damp, % (LGR S/N: 1, '
            'SEN S/N: 1)","End Of File (LGR S/N: 1)"',
            row=lambda i, h, d: f"{i + 1},{clock(i, '03/25/24 {:02}:{:02}:00 AM')},{h},{d},",
        ),
        ("heat", "damp"),
        ("°C", "%"),
    ),
    "thingspeak": (
        "feeds.csv",
        lines(
            "created_at,entry_id,field1,field2,latitude,longitude,elevation,status",
            row=lambda i, h, d: f"{clock(i, '2024-03-04 {:02}:{:02}:00 UTC')},{i + 1},{h},{d},,,,",
        ),
        ("field1", "field2"),
        ("", ""),
    ),
    "ttn": (
        "uplinks.json",
        "\n".join(json.dumps({"result": u}) for u in records(uplink)),
        ("heat", "damp"),
        ("", ""),
    ),
    "influx": ("query.csv", influx(), ("damp", "heat"), ("", "")),
    "home-assistant": (
        "history.csv",
        "\n".join(
            [
                "entity_id,state,last_changed",
                *pairs(lambda i, n, v: f"sensor.{n},{v},{clock(i)}"),
                f"sensor.heat,unavailable,{clock(COUNT)}",
            ]
        ),
        ("sensor.damp", "sensor.heat"),
        ("", ""),
    ),
    "senml": (
        "pack.senml",
        senml(),
        ("urn:dev:1:damp", "urn:dev:1:heat"),
        ("%RH", "Cel"),
    ),
    "sensor-community": (
        "2024-03-04_bme280_sensor_1.csv",
        lines(
            "sensor_id;sensor_type;location;lat;lon;timestamp;heat;damp",
            row=lambda i, h, d: (
                f"1;BME280;2;48.1;9.2;{clock(i, '2024-03-04T{:02}:{:02}:00')};{h};{d}"
            ),
        ),
        ("heat", "damp"),
        ("", ""),
    ),
    "openaq": (
        "location-1-20240304.csv",
        "\n".join(
            [
                "location_id,sensors_id,location,datetime,lat,lon,parameter,units,value",
                *pairs(
                    lambda i, n, v: (
                        f"1,{len(n)},Roof,{clock(i)[:-1]}+01:00,48.1,9.2,{n},u,{v}"
                    )
                ),
            ]
        ),
        ("damp", "heat"),
        ("u", "u"),
    ),
    "airgradient": (
        "measures.json",
        json.dumps(
            records(
                lambda i, h, d: {"locationId": 1, "atmp": h, "rhum": d, "timestamp": clock(i)}
            )
        ),
        ("atmp", "rhum"),
        ("", ""),
    ),
    "json-lines": (
        "log.jsonl",
        "\n".join(
            json.dumps({"time": clock(i), "s": {"heat": HEAT[i], "damp": DAMP[i]}})
            for i in range(COUNT)
        ),
        ("s.heat", "s.damp"),
        ("", ""),
    ),
    "long": (
        "long.csv",
        "\n".join(["time,sensor,value", *pairs(lambda i, n, v: f"{clock(i)},{n},{v}")]),
        ("damp", "heat"),
        ("", ""),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_is_read_as_it_is_described(name, tmp_path):
    file, content, channels, units = FORMATS[name]
    path = tmp_path / file
    path.write_text(content, encoding="utf-8", newline="")
    told = {"profile": name} if not profile.profile(name).recognise else {}
    [one] = read_recordings([path], Options(label_from="name", **told))
    assert (one.channels, one.units, one.understood.profile) == (channels, units, name)
    heat = next(i for i, channel in enumerate(channels) if "heat" in channel or channel in
                ("field1", "atmp"))  # fmt: skip
    assert one.values[:, heat].tolist() == HEAT and one.values[:, 1 - heat].tolist() == DAMP
    assert one.rate_hz == pytest.approx(1 / 600, rel=1e-5)
    assert one.session.started.startswith("2024-03-")


OF_THEIR_OWN = ("audacity", "edge-impulse")  # test_label_tracks.py, test_exports.py


def test_every_format_has_a_test_and_a_description():
    assert profile.names() == sorted((*FORMATS, *OF_THEIR_OWN))
    for name in profile.names():
        assert profile.profile(name).described_at.startswith("https://")
    listed = json.loads(tinyml("data", "inspect", "--formats", "--json"))
    assert sorted(listed) == profile.names()


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_is_recognised_as_one_format_alone(name, tmp_path):
    content = FORMATS[name][1]
    fitting = [other for other in FORMATS if profile.profile(other).fits(content[:8192])]
    assert fitting == ([name] if profile.profile(name).recognise else [])


def test_a_zone_stands_in_a_column(tmp_path):
    path = tmp_path / "hobo.csv"
    path.write_text(FORMATS["hobo"][1], encoding="utf-8")
    [one] = read_recordings([path], Options())
    assert one.session.started == "2024-03-25T05:00:00+00:00"


def test_a_format_of_the_user_is_a_file(tmp_path):
    text = (profile.folder() / "template.toml").read_text(encoding="utf-8")
    mine = tmp_path / "mine.toml"
    mine.write_text(
        text.replace('time = ["Date", "Recorded"]', 'time = ["when"]'), encoding="utf-8"
    )
    rows = [f"{clock(i)},{i},{n},{v}" for i, (n, v) in
            enumerate(pairs(lambda i, n, v: (n, v))) for i in (i // 2,)]  # fmt: skip
    path = tmp_path / "log.csv"
    path.write_text("\n".join(["My logger v1 battery", "when,Record,sensor,value", *rows]))
    options = Options(profile=str(mine), channels=(Wanted("heat"),))
    [one] = read_recordings([path], options)
    assert one.values[:, 0].tolist() == HEAT


def test_a_wrong_profile_is_named(tmp_path):
    (tmp_path / "bad.toml").write_text('title = "x"\ndescribed_at = "y"\ntimes = ["t"]\n')
    with pytest.raises(DataError, match=r"bad\.toml has the unknown key 'times'.*'time'"):
        profile.profile(str(tmp_path / "bad.toml"))
    with pytest.raises(DataError, match=r"profile 'toa4' is not known.*toa5"):
        profile.profile("toa4")


def test_one_name_twice_at_a_time_is_refused(tmp_path):
    path = tmp_path / "long.csv"
    path.write_text("time,sensor,value\n" + "".join(f"{i // 2},heat,{i}\n" for i in range(40)))
    with pytest.raises(DataError, match=r"line 3: 'heat' has two values at one time.*--session"):
        read_recordings([path], Options())


def test_senml_without_a_time_is_refused(tmp_path):
    path = tmp_path / "pack.senml"
    path.write_text(json.dumps([{"n": "a", "v": 1, "t": -5}, {"n": "a", "v": 2}]))
    with pytest.raises(DataError, match=r"counts its time from when it was received.*'bt'"):
        read_recordings([path], Options())


def test_values_that_come_at_other_times_need_a_rate(tmp_path):
    rows = [f"sensor.{n},{v},2024-03-04T00:{i:02}:{7 * len(n)}Z"
            for i, (n, v) in enumerate([("heat", 20), ("dampness", 50)] * 20)]  # fmt: skip
    path = tmp_path / "history.csv"
    path.write_text("\n".join(["entity_id,state,last_changed", *rows]))
    [one] = read_recordings([path], Options(resample_hz=1 / 120))
    assert np.nanmax(one.values) == 50 and not np.isnan(one.values[1:-1]).any()
