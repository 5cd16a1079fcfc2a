"""Lines of any sketch: rows, names and times are found, everything else is counted."""

import math

import numpy as np
import pytest

from tinyml.device.lines import LineReader, what_else


def read(text, piece=7):
    """In small pieces, as a port gives them; the first line has been seen from its beginning."""
    reader = LineReader()
    data = ("\n" + text).encode() if isinstance(text, str) else text
    rows = []
    for at in range(0, len(data), piece):
        rows += reader.put(data[at : at + piece], at / 1000)
    return reader, rows


def lines(*more, end="\r\n"):
    return end.join([*more, ""])


VALUES = [(1.5, -2.0), (1.25, 0.0), (3e-2, 7.0), (4.0, 8.0)]
FORMS = {
    "csv": ("", lambda a, b: f"{a},{b}", ()),
    "csv with a header": ("ax,ay", lambda a, b: f"{a},{b}", ("ax", "ay")),
    "quoted header": ('"ax";"ay"', lambda a, b: f"{a};{b}", ("ax", "ay")),
    "spaces": ("", lambda a, b: f"{a}   {b}", ()),
    "tabs": ("x\ty", lambda a, b: f"{a}\t{b}", ("x", "y")),
    "a comma at the end": ("", lambda a, b: f"{a}, {b},", ()),
    "json": ("", lambda a, b: f'{{"ax": {a}, "on": true, "n": "x", "ay": {b}}}', ("ax", "ay")),
    "nested json": ("", lambda a, b: f'{{"acc": {{"x": {a}, "y": {b}}}}}', ("acc.x", "acc.y")),
    "json lists": ("", lambda a, b: f"[{a}, {b}]", ()),
    "key=value": ("", lambda a, b: f"ax={a} ay={b}", ("ax", "ay")),
    "serial plotter": ("", lambda a, b: f"ax:{a},ay:{b}", ("ax", "ay")),
    "DHT sketch": ("DHTxx test!", lambda a, b: f"Humidity: {a} %\tTemperature: {b} *C",
                   ("Humidity", "Temperature")),
    "serial monitor": ("", lambda a, b: f"12:00:01.001 -> {a},{b}", ()),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("piece", [1, 1000])
def test_each_form_is_read(form, piece):
    first, line, names = FORMS[form]
    reader, rows = read(lines(first, *(line(*pair) for pair in VALUES)), piece)
    assert [row.values for row in rows] == VALUES
    assert (reader.header, reader.columns, reader.damaged) == (names, 2, 0)


def test_boot_messages_and_half_lines_are_counted():
    boot = ("rst:0x1 (POWERON_RESET),boot:0x13", "load:0x3fff0030,len:1184", "WiFi connected")
    rows = ("1,2", "3,4", "5,6", "7", "9,10", "sensor warming up", "11,12,1", "13,14")
    text = lines(*boot, *rows)
    reader, rows = read(text)
    assert [row.values[0] for row in rows] == [1, 3, 5, 9, 13]
    assert [row.damaged_before for row in rows] == [0, 0, 0, 1, 1]
    assert (reader.damaged, reader.others, reader.restarts) == (2, 4, 0)
    assert reader.other[2] == "WiFi connected"


def test_a_line_heard_from_its_middle_is_no_row():
    reader, rows = read(b"2.5,1\n1,2\n3,4\n5,6\n7,8", piece=3)
    assert [row.values[0] for row in rows] == [1, 3, 5]
    assert reader.damaged == 1


@pytest.mark.parametrize("sign", ["a,b", "ets Jul 29 2019 12:21:46", "rst:0x8 (TG1WDT_SYS_RESET)"])
def test_a_restart_in_the_middle_is_seen(sign):
    reader, rows = read(lines("a,b", "1,2", "3,4", "5,6", sign, "7,8"))
    assert [row.restarted for row in rows] == [False] * 3 + [True]
    assert reader.restarts == 1


def test_values_that_the_sketch_lacks_are_missing():
    _, rows = read(lines("1,nan", "2,ovf", "3,", "4,4"))
    assert [math.isnan(row.values[-1]) for row in rows if len(row.values) == 2] == [
        True, True, False,
    ]  # fmt: skip


def test_noise_and_endless_lines_are_survived():
    rng = np.random.default_rng(3)
    noise = bytes(rng.integers(0, 256, 20_000).tolist())
    reader, rows = read(b"\n1,2\n3,4\n5,6\n" + noise + b"\n7,8\n" + b"9" * 10_000 + b"\n1,1\n", 100)
    assert [row.values for row in rows][:4] == [(1, 2), (3, 4), (5, 6), (7, 8)]
    assert reader.damaged > 0


GPS = b"$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*47\r\n$GPRMC,123519,A*6A\r\n"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (GPS * 2, "GPS receiver"),
        (b"AT+CSQ\r\r\n+CSQ: 17,0\r\n\r\nOK\r\n", "a modem"),
        (bytes(np.random.default_rng(1).integers(128, 256, 200).tolist()), "--baud"),
        (b"\x06\x09AAsBAAAA\n", "node of tinyml; leave --lines out"),
        (b"hello\nworld\n" * 10, ""),
        (b"1,2\n3,4\n" * 10, ""),
    ],
)
def test_what_is_no_sketch_is_named(data, words):
    found = what_else(data)
    assert words in found and bool(found) == bool(words)
