"""Label tracks of Audacity beside their sounds, and formats that are named with --as."""

import json
import wave

import numpy as np
import pytest

from tinyml.data.importing import Options, read_recordings
from tinyml.errors import DataError

RATE_HZ = 8000
TRACK = "0.500000\t1.250000\tchainsaw\n\\\t200.0\t4000.0\n2.000000\t3.000000\tbird song\n"


def sound(path, seconds=4):
    counts = np.random.default_rng(5).integers(-9000, 9000, seconds * RATE_HZ).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(counts.tobytes())


@pytest.fixture
def folder(tmp_path):
    print("seed 5")
    sound(tmp_path / "take.wav")
    (tmp_path / "take.txt").write_text(TRACK)
    return tmp_path


@pytest.mark.parametrize("told", ["", "audacity"])
def test_a_track_gives_its_sound_the_classes_of_its_stretches(folder, told):
    [one] = read_recordings([folder], Options(profile=told))
    classes = np.array(one.targets)
    seconds = np.arange(len(classes)) / RATE_HZ
    expected = np.full(len(classes), "", object)
    expected[(seconds >= 0.5) & (seconds < 1.25)] = "chainsaw"
    expected[(seconds >= 2) & (seconds < 3)] = "bird song"
    assert np.sum(classes != expected) == 0
    assert not one.notes


def test_a_decimal_comma_is_a_locale_of_audacity(folder):
    (folder / "take.txt").write_text(TRACK.replace(".", ","))
    [one] = read_recordings([folder], Options())
    assert set(one.targets) == {"", "chainsaw", "bird song"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("0.5\t1.0\n", "take.txt line 1: a label must have a begin, a later end and a name"),
        ("0.5\t1.0\ta\n1.5\t1.5\tb\n", "take.txt line 2"),
        ("0.5\tx\ta\n", "take.txt line 1"),
        ("nonsense\n", "take.txt line 1"),
        ("\n", "has no labels"),
        ("3.0\t9.0\ta\n", "end beyond its"),
    ],
)
def test_a_track_that_cannot_be_is_named_with_its_line(folder, text, said):
    (folder / "take.txt").write_text(text)
    with pytest.raises(DataError, match=said):
        read_recordings([folder], Options(profile="audacity"))


def test_a_track_without_its_sound_says_where_it_belongs(tmp_path):
    (tmp_path / "other.txt").write_text(TRACK)
    with pytest.raises(DataError, match=r"no label track was found; put it beside its sound"):
        read_recordings([tmp_path], Options(profile="audacity"))


def test_a_file_that_is_no_acquisition_is_told_so(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps([{"time": 1, "x": 2}, {"time": 2, "x": 3}]))
    with pytest.raises(DataError, match="Edge Impulse acquisition"):
        read_recordings([tmp_path], Options(profile="edge-impulse"))
