"""Whatever is wrong with one's own files, a sentence says what, where, and what to do."""

import json

import numpy as np
import pytest

from tests.data import made
from tests.data.test_importing import import_
from tinyml.errors import DataError


def lines_of(path):
    return path.read_text().splitlines()


def edit(name, change):
    """One of the plain CSVs with other lines."""

    def made_wrong(place):
        files = made.csv_files(place / "in")
        path = files / name
        path.write_text("\n".join(change(lines_of(path))) + "\n")
        return (files, "--time", "t")

    return made_wrong


def replaced(number, line):
    return edit("run.1.csv", lambda lines: [*lines[:number], line, *lines[number + 1 :]])


def raw(name, content):
    def made_wrong(place):
        files = made.csv_files(place / "in")
        (files / name).write_bytes(content)
        return (files, "--time", "t")

    return made_wrong


def sound(values, rate_hz=8000, cut=0, name="hum/0.wav", options=()):
    def made_wrong(place):
        files = made.sounds(place / "in")
        made.write_wav(files / name, values, rate_hz)
        if cut:
            (files / name).write_bytes((files / name).read_bytes()[:-cut])
        return (files, *options)

    return made_wrong


def options(*more, **changes):
    return lambda place: (made.csv_files(place / "in", **changes), *more)


def document(content, name="0.run.json"):
    def made_wrong(place):
        files = made.export(place / "in")
        (files / "training" / name).write_bytes(content)
        return (files,)

    return made_wrong


def payload(**changes):
    content = made.acquisition(made.motion(3, 50, 1))
    content["payload"].update(changes)
    return document(json.dumps(content).encode())


NOISE = np.random.default_rng(1).normal(0, 0.1, (4000, 1))
TWICE = np.concatenate([NOISE, NOISE], axis=1)

# what is wrong -> files and options, and what the sentence says
CASES = {
    "missing column": (
        options("--time", "t", "--channel", "az"),
        r"has no column 'az'; it has t, ax, ay",
    ),
    "other columns": (
        edit("run.1.csv", lambda lines: ["t,ax,gyro", *lines[1:]]),
        r"run\.1\.csv has the channels ax, gyro, but .* ax, ay; .*--channel",
    ),
    "no cell": (replaced(7, "0.12,0.5,"), r"1 values are missing, the first in sample 7 of 'ay'"),
    "NaN": (replaced(7, "0.12,NaN,0.5"), r"missing, the first in sample 7 of 'ax'; give --missing"),
    "infinite": (replaced(7, "0.12,inf,0.5"), r"infinite value in sample 7 of 'ax'"),
    "text": (replaced(7, "0.12,broken,1"), r"line 8: column 'ax' has 'broken', .*--missing-value"),
    "decimal comma": (
        lambda p: (
            *edit(
                "run.1.csv", lambda lines: [x.replace(",", ";").replace(".", ",") for x in lines]
            )(p),
            "--decimal",
            ".",
        ),
        r"line 2: column 'a[xy]' has '.*', which is not a number; .*--decimal",
    ),
    "short row": (replaced(7, "0.12,0.5"), r"line 8 has 2 cells, but the header has 3"),
    "long row": (replaced(7, "0.12,0.5,1,2"), r"line 8 has 4 cells, but the header has 3"),
    "short row below a named delimiter": (
        edit("run.1.csv", lambda lines: ["sep=,", *lines[:7], "0.12,0.5"]),
        r"line 9 has 2 cells, but the header has 3",
    ),
    "header alone": (edit("run.1.csv", lambda lines: lines[:1]), "has no rows below its header"),
    "one row": (edit("run.1.csv", lambda lines: lines[:2]), "has only one row"),
    "empty file": (raw("run.1.csv", b""), r"run\.1\.csv is empty"),
    "UTF-16": (raw("run.1.csv", "t,ax,ay\n".encode("utf-16")), "has no rows below its header"),
    "latin-1": (
        raw("run.1.csv", b"t,ax,\xe4y\n1,2,3\n"),
        "not a text file in UTF-8; .*--encoding cp1252",
    ),
    "no encoding": (
        options("--time", "t", "--encoding", "nonsense"),
        "'nonsense' is not a known encoding",
    ),
    "NUL": (
        raw("run.1.csv", b"t,ax,ay\n0,1,2\n1,\0\0\0,2\n"),
        "line 3 is damaged: it contains zero bytes",
    ),
    "no rate": (options("--channel", "ax"), "the sample rate is not known.*--time, or give --rate"),
    "wrong rate": (
        options("--time", "t", "--rate", 100),
        "its times say 50 samples per second, but --rate says 100",
    ),
    "two rates": (
        edit("run.1.csv", lambda lines: [lines[0], *lines[1::2]]),
        r"has 50 samples per second, but .*run\.1\.csv|has 25 samples per second, but",
    ),
    "time goes back": (replaced(7, "0.01,1,1"), r"line 8: time does not increase, from 0\.1"),
    "no time": (replaced(7, "soon,1,1"), r"line 8: 'soon' is not a time; .*--skip-bad-rows"),
    "milliseconds taken for seconds": (
        lambda p: (
            *edit(
                "run.1.csv",
                lambda lines: [
                    lines[0],
                    *(
                        f"{1767225600000 + 20 * i},{line.partition(',')[2]}"
                        for i, line in enumerate(lines[1:])
                    ),
                ],
            )(p),
            "--time-unit",
            "s",
        ),
        r"run\.1\.csv: a time of 1767225607980 s is not a possible date; .*--time-unit, such as ms",
    ),
    "no delimiter": (
        options("--time", "t", "--delimiter", "tab"),
        "must be one character.* not 'tab'",
    ),
    "regression of classes": (
        options("--time", "t", "--task", "regression"),
        "regression needs --target",
    ),
    "classes of a value": (
        options("--time", "t", "--target", "ay", "--task", "classification"),
        "regression needs --target",
    ),
    "no date": (
        edit("run.1.csv", lambda lines: [lines[0], *(f"day {line}" for line in lines[1:])]),
        "line 2: 'day 0.0000' is not a number or a time such as",
    ),
    "irregular": (
        edit(
            "run.1.csv",
            lambda lines: [
                f"{float(t) + 0.008 * (i % 3):.4f},{rest}" if i else "t,ax,ay"
                for i, (t, _, rest) in enumerate(
                    [line.partition(",") if n else ("0", "", "") for n, line in enumerate(lines)]
                )
            ],
        ),
        r"times are irregular: .* give --resample HZ",
    ),
    "nearly all interpolated": (
        options("--time", "t", "--resample", 1e9),
        r"samples per second; --resample 1e\+09 is more than 100 times that",
    ),
    "one class": (
        lambda p: (made.csv_files(p / "in") / "run.1.csv", "--time", "t"),
        "'run' is the only class",
    ),
    "few sessions": (
        options("--time", "t", "--split", "session", sessions=2),
        r"2 sessions of 'rest', but a split by session needs 3.* --split time",
    ),
    "short recordings": (
        options("--time", "t", "--split", "time", "--window", 64, count=100),
        "has no stretch of 64 samples without a gap",
    ),
    "same twice": (
        lambda p: (
            (made.csv_files(p / "in") / "run.9.csv").write_bytes(
                (p / "in" / "run.1.csv").read_bytes()
            )
            and p / "in",
            "--time",
            "t",
        ),
        r"run\.9\.csv and .*run\.1\.csv hold the same samples; leave one out",
    ),
    "pattern": (options("--time", "t", "--label-from", "(walk)"), "does not match .*brackets"),
    "no pattern": (options("--time", "t", "--label-from", "(("), "is not a regular expression"),
    "no files": (lambda p: (p / "nothing",), "does not exist; name files or folders"),
    "no such kind": (
        lambda p: ((p / "a.xls").write_bytes(b"x") and p / "a.xls",),
        "cannot be imported; files that can be imported end in .csv",
    ),
    "no parquet": (raw("run.1.parquet", b"PAR1"), "is not a complete Parquet file"),
    "stereo": (sound(TWICE), "has 2 channels; choose one, .*--sound-channel 1"),
    "no channel": (sound(NOISE, options=("--sound-channel", 2)), "there is no channel 2"),
    "slower sound": (sound(NOISE, 4000), r"samples per second, but .*--resample HZ"),
    "faster wanted": (
        sound(NOISE, options=("--resample", 16000)),
        "8000 samples per second; --resample 16000 .* cannot be added",
    ),
    "sound cut short": (sound(NOISE, cut=11), "is incomplete: its header says 4,000 samples, but"),
    "no sound": (sound(NOISE[:0]), "has no samples"),
    "not a sound": (
        lambda p: (
            (made.sounds(p / "in") / "hum" / "0.wav").write_bytes(b"RIFFxxxx") and p / "in",
        ),
        "WAV file",
    ),
    "damaged JSON": (
        document(b'{"payload": '),
        "is damaged .*; an Edge Impulse acquisition",
    ),
    "empty JSON": (document(b""), "is damaged .*expecting value"),
    "other JSON": (
        document(b'{"a": 1}'),
        "lacks 'payload'; an Edge Impulse acquisition",
    ),
    "damaged CBOR": (document(b"\xa1\x61", "0.run.cbor"), "is not CBOR, or it is damaged"),
    "no values": (payload(values=[]), "damaged or empty"),
    "uneven values": (payload(values=[[1, 2], [3]]), "'values' must be rows with the same"),
    "endless values": (payload(values=[[1, 10**400]]), "'values' must be rows with the same"),
    "no unit": (payload(sensors=[{"name": 3}]), r"sensors 1\]: 'name' must be text, not 3"),
    "three sensors' values": (payload(values=[[1, 2, 3]]), r"has values \[1, 3\] .* for 2 sensors"),
    "no interval": (payload(interval_ms=0), "damaged or empty"),
    "name": (lambda p: (p,), "cannot be the name of a data set"),
    "taken": (lambda p: (p,), "the catalogue already has a data set"),
}
NAMES = {"name": "My Data!", "taken": "esc10"}


@pytest.mark.parametrize("case", CASES)
def test_bad_input_is_named(case, tmp_path):
    files, words = CASES[case]
    with pytest.raises(DataError, match=words):
        import_(tmp_path, NAMES.get(case, "mine"), *files(tmp_path))
    left = [path for path in (tmp_path / "datasets").rglob("*") if path.is_file()]
    assert not left, "nothing is left of what failed"


def test_clipped_sounds_are_noted(tmp_path):
    loud = np.clip(np.sin(np.arange(4000) / 20) * 2, -1, 1)[:, np.newaxis]
    made.sounds(tmp_path / "in")
    made.write_wav(tmp_path / "in" / "hum" / "2.wav", loud)
    found = import_(tmp_path, "mine", tmp_path / "in")
    assert len(found["notes"]) == 1 and "1 sounds are clipped" in found["notes"][0]


def test_still_and_coarse_channels_are_noted(tmp_path):
    files = made.csv_files(tmp_path / "in")
    for path in files.glob("*.csv"):
        rows = [line.split(",") for line in lines_of(path)[1:]]
        text = [f"{t},{x},7.25,{101325.5 + float(y)}" for t, x, y in rows]
        path.write_text("\n".join(["t,ax,dead,pressure", *text]))
    found = import_(tmp_path, "mine", files, "--time", "t", "--channel", "ax", "--channel", "dead",
                    "--channel", "pressure:Pa")  # fmt: skip
    assert [words in note for words, note in zip(
        ("'dead' never changes", "spans only 0 counts of 10 Pa"), found["notes"], strict=True
    )] == [True, True]  # fmt: skip
