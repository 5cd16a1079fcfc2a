"""The catalogue and the data sets: checked entries, and splits that cannot leak."""

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinyml import data
from tinyml.data import readers
from tinyml.data.audio import resample
from tinyml.data.catalogue import read_entry
from tinyml.data.dataset import Series, cut, to_counts
from tinyml.data.quality import FEWEST_WINDOWS, require_trainable
from tinyml.data.tables import read_csv, require_numbers
from tinyml.draw.svg import text_width
from tinyml.errors import DataError
from tinyml.report.data_picture import draw
from tinyml.resources import folder

SVG = "{http://www.w3.org/2000/svg}"


def load(name):
    """The data set, or a skip where its recordings are not on this machine."""
    if not data.is_here(data.entry(name)):
        pytest.skip(f"no copy of {name}: run `tinyml data get {name}` or set TINYML_DATA_MIRROR")
    return data.load(name)


def parts_of(dataset):
    return {"training": dataset.training, "validation": dataset.validation, "test": dataset.test}


def series(recording, first, count, group="g"):
    samples = np.arange(first, first + count, dtype=np.int16)[:, None]
    return Series(recording, group, first, samples, samples[:, 0].astype(np.int64))


# -- the catalogue


def test_every_data_set_of_the_catalogue_has_a_reader_and_each_reader_one():
    files = {path.stem for path in Path(readers.__file__).parent.glob("*.py")} - {"__init__"}
    assert files == {name.replace("-", "_") for name in data.shipped()}


CHANNEL = '[[channels]]\nname = "CO2"\nunit = "ppm"\nscale = 0.1\n'


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('kind = "recorded"', 'kind = "recordd"', "did you mean 'recorded'"),
        ("window = 120", "window = 0", "'window' must be from 1 to"),
        ("window = 120", 'window = "120"', "must be a whole number"),
        ("window = 120", "windows = 120", "lacks 'window'"),
        ('licence = "', 'extra = 1\nlicence = "', "unknown key 'extra'"),
        ('labels = ["empty", "occupied"]', 'labels = ["empty"]', "at least two"),
        ('sha256 = "d026', 'sha256 = "x026', "64 lower-case hex"),
        ('name = "datatest2.txt"', 'name = "../datatest2.txt"', "plain file name"),
        ('url = "https://', 'url = "file:///', "must start with https"),
        ("scale = 0.1", "scale = 0.0", "must be above 0"),
        ('kind = "recorded"', 'kind = "simulated"', "simulated data must not"),
        ('task = "classification"', 'task = "regression"', r"needs a \[target\]"),
    ],
)
def test_a_malformed_entry_is_named(tmp_path, old, new, words):
    text = (folder("datasets") / "occupancy-uci.toml").read_text()
    assert old in text
    path = tmp_path / "occupancy-uci.toml"
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(DataError, match=words):
        read_entry(path)


def test_an_unknown_data_set_gets_a_hint():
    with pytest.raises(DataError, match="did you mean 'pump-simulated'"):
        data.load("pump-simulatd")


@pytest.mark.parametrize("name", data.shipped())
def test_simulated_data_say_so_wherever_they_are_named(name):
    entry = data.entry(name)
    assert entry.simulated == ("simulated" in entry.name) == ("SIMULATED" in entry.title)


# -- windows and splits


@given(
    counts=st.lists(st.integers(1, 40), min_size=1, max_size=5),
    window=st.integers(1, 12),
    stride=st.integers(1, 12),
)
def test_windows_never_cross_two_series(counts, window, stride):
    pieces = [series(f"r{i}", 1000 * i, count) for i, count in enumerate(counts)]
    if max(counts) < window:
        with pytest.raises(DataError, match="enough samples for one window"):
            cut(pieces, window, stride)
        return
    part = cut(pieces, window, stride)
    assert len(part) == sum((c - window) // stride + 1 for c in counts if c >= window)
    assert (np.diff(part.windows[:, :, 0], axis=1) == 1).all()
    np.testing.assert_array_equal(part.spans[:, 0], part.windows[:, 0, 0])
    np.testing.assert_array_equal(part.spans[:, 1], part.windows[:, -1, 0])
    np.testing.assert_array_equal(part.targets, part.windows[:, -1, 0])


@given(limits=st.lists(st.integers(0, 60), min_size=6, max_size=6), same=st.booleans())
def test_a_data_set_exists_only_without_overlap(limits, same):
    ranges = [(limits[i], limits[i] + limits[i + 1] // 3 + 3) for i in (0, 2, 4)]
    names = ["a"] * 3 if same else ["a", "b", "c"]
    parts = [
        cut([series(name, first, last - first)], 3, 1)
        for name, (first, last) in zip(names, ranges, strict=True)
    ]
    positions = [set(range(*limit)) for limit in ranges]
    overlap = same and len(set.union(*positions)) < sum(map(len, positions))
    if overlap:
        with pytest.raises(DataError, match="the split leaks"):
            data.Dataset(data.entry("pump-simulated"), *parts)
    else:
        data.Dataset(data.entry("pump-simulated"), *parts)


def test_a_part_between_two_halves_of_another_leaks():
    outer = cut([series("a", 0, 10), series("a", 30, 10)], 3, 1)
    inner = cut([series("a", 15, 10)], 3, 1)
    with pytest.raises(DataError, match="overlap in 'a'"):
        data.Dataset(data.entry("pump-simulated"), outer, inner, cut([series("b", 0, 9)], 3, 1))


def test_counts_saturate():
    values = np.array([[1e9, -1e9, 0.5]])
    found = to_counts(values, data.entry("pump-simulated"))
    assert found.tolist() == [[32767, -32768, 2048]]


# -- each data set


@pytest.mark.parametrize("name", data.shipped())
def test_parts_have_the_shape_that_the_entry_says(name):
    dataset = load(name)
    entry = dataset.entry
    for part in parts_of(dataset).values():
        assert part.windows.dtype == np.int16
        assert part.windows.shape == (len(part), entry.window, len(entry.channels))
        assert len(part.targets) == len(part.groups) == len(part.spans) == len(part)
        if entry.task == "classification" and len(part):
            assert set(np.unique(part.targets)) == set(range(len(entry.labels)))
    assert dataset.sha256 == data.load(name).sha256


def test_no_pump_is_in_two_parts():
    dataset = data.load("pump-simulated")
    machines = [set(part.groups.tolist()) for part in parts_of(dataset).values()]
    assert [len(found) for found in machines] == [16, 4, 6]
    assert len(set.union(*machines)) == 26


def test_pumps_differ_in_what_the_physics_say():
    part = data.load("pump-simulated").training
    x = part.windows.astype(float) * part_scale("pump-simulated")
    gravity = np.linalg.norm(x.mean(axis=1), axis=1)
    assert np.abs(gravity - 1).mean() < 0.1
    vibration = x - x.mean(axis=1, keepdims=True)
    energy = [np.sqrt((vibration[part.targets == label] ** 2).mean()) for label in range(4)]
    assert energy[0] < min(energy[1:]), "every fault shakes more than health does"
    spectrum = np.abs(np.fft.rfft(vibration, axis=1)) ** 2
    low = spectrum[:, :14].sum(axis=(1, 2)) / spectrum.sum(axis=(1, 2))
    shares = [low[part.targets == label].mean() for label in range(4)]
    assert int(np.argmax(shares)) == 1, "imbalance is at the shaft rate"


def part_scale(name):
    return np.array([channel.scale for channel in data.entry(name).channels])


def test_airqo_is_split_by_time_over_all_sites():
    dataset = load("airqo-kampala")
    ends = [(part.spans.min(), part.spans.max()) for part in parts_of(dataset).values()]
    assert ends[0][1] < ends[1][0] <= ends[1][1] < ends[2][0]
    assert sum(map(len, parts_of(dataset).values())) == 13_665 - 26
    sites = {"Makerere", "Nakawa", "USEmbassy"}
    assert all(set(part.groups.tolist()) == sites for part in parts_of(dataset).values())


def test_airqo_raw_sensor_is_as_far_off_as_documented():
    test = load("airqo-kampala").test
    sensor = test.windows[:, 0, 0] * 0.05
    assert np.sqrt(((sensor - test.targets) ** 2).mean()) == pytest.approx(26.2, abs=0.1)


def test_occupancy_keeps_the_files_apart_and_has_no_light():
    dataset = load("occupancy-uci")
    files = [set(part.recordings.tolist()) for part in parts_of(dataset).values()]
    assert files == [{"datatraining"}, {"datatraining"}, {"datatest", "datatest2"}]
    assert dataset.training.spans.max() < dataset.validation.spans.min()
    assert [channel.name for channel in dataset.entry.channels] == [
        "CO2", "Temperature", "Humidity",
    ]  # fmt: skip
    window = dataset.entry.window
    assert len(dataset.test) == 2665 + 9752 - 2 * (window - 1)


@pytest.mark.parametrize("fold", [1, 5])
def test_no_sound_is_in_two_folds_parts(fold):
    if not data.is_here(data.entry("esc10")):
        pytest.skip("no copy of esc10: set TINYML_DATA_MIRROR")
    pytest.importorskip("soundfile", reason="sounds are compressed: pip install '.[train]'")
    dataset = data.load("esc10", fold=fold)
    names = [set(part.recordings.tolist()) for part in parts_of(dataset).values()]
    assert set(dataset.test.groups.tolist()) == {f"fold {fold}"}
    assert not any(names[a] & names[b] for a, b in ((0, 1), (0, 2), (1, 2)))
    assert [len(part) for part in parts_of(dataset).values()] == [240, 80, 80]


def test_a_fold_that_is_not_there_is_refused():
    with pytest.raises(DataError, match="there is no fold 2"):
        data.load("pump-simulated", fold=2)


def test_pump_guards_learn_from_normal_rows_alone():
    dataset = load("skab-pump")
    assert not dataset.training.targets.any()
    tuning = {f"valve1/{number}.csv" for number in range(11)}
    assert set(dataset.validation.recordings.tolist()) == tuning
    tested = set(dataset.test.recordings.tolist())
    assert not tested & (tuning | {"other/2.csv", "other/13.csv"})


def test_no_fan_speed_is_both_trained_and_tested():
    dataset = load("fan-vibration-uci")
    speeds = [set(part.groups.tolist()) for part in parts_of(dataset).values()]
    assert speeds[0] == speeds[1] == {f"{speed} %" for speed in range(20, 101, 10)}
    assert speeds[2] == {f"{speed} %" for speed in range(25, 96, 10)}


# -- tables


@pytest.mark.parametrize(
    ("content", "names", "words"),
    [
        ("a,b\n1,2\n", ("c",), "has no column 'c'; it has a, b"),
        ("a,b\n1,x\n", ("b",), r"line 2: column 'b' has 'x', which is not a number"),
        ("a,b\n1\n", ("a",), "line 2 has 1 cells, but the header has 2"),
        ("a,b\n", ("a",), "no rows below its header"),
        ("a,b\n1,2\n3,\n", ("a", "b"), "1 missing or infinite values, the first in line 3, col"),
    ],
)
def test_a_bad_table_is_named(tmp_path, content, names, words):
    path = tmp_path / "table.csv"
    path.write_text(content)
    with pytest.raises(DataError, match=words):
        table = read_csv(path)
        require_numbers(table, names, table.numbers(*names))


def test_a_tone_keeps_its_pitch_and_strength_at_another_rate():
    tone = np.round(9000 * np.sin(2 * np.pi * 1000 * np.arange(44100) / 44100)).astype(np.int16)
    slower = resample(tone, 44100, 16000)
    wanted = 9000 * np.sin(2 * np.pi * 1000 * np.arange(16000) / 16000)
    assert len(slower) == 16000
    assert np.abs(slower - wanted)[200:-200].max() < 15
    high = np.round(9000 * np.sin(2 * np.pi * 12000 * np.arange(44100) / 44100)).astype(np.int16)
    assert np.abs(resample(high, 44100, 16000)[200:-200]).max() < 20


# -- training data that cannot teach


def spoilt(how):
    """The simulated pump, with training data that are of no use."""
    dataset = data.load("pump-simulated")
    training, entry = dataset.training, dataset.entry
    windows, targets = training.windows.copy(), training.targets
    if how == "constant":
        windows[:, :, -1] = 4096
    elif how == "clipped":
        windows[:, ::3, 0] = 32767
    elif how == "few":
        kept = np.ones(len(training), np.bool_)
        kept[np.flatnonzero(targets == 1)[FEWEST_WINDOWS - 1 :]] = False
        return replace(dataset, training=training.only(kept))
    elif how == "still":
        names = {"labels": (), "target_name": "flow", "target_unit": "l/s"}
        entry = replace(entry, task="regression", **names)
        targets = np.full(len(training), 2.5)
    return replace(
        dataset, entry=entry, training=replace(training, windows=windows, targets=targets)
    )


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("constant", "channel .z. is 1 g in every training window: the sensor is dead"),
        ("clipped", "at the end of its range in 3[0-9]% of its samples"),
        ("few", f"has {FEWEST_WINDOWS - 1} training windows, but at least {FEWEST_WINDOWS}"),
        ("still", "'flow' is 2.5 l/s in all .* nothing to learn"),
    ],
)
def test_useless_training_data_are_named(how, words):
    with pytest.raises(DataError, match=words):
        require_trainable(spoilt(how))


@pytest.mark.parametrize("name", data.shipped())
def test_every_data_set_can_teach(name):
    if not data.entry(name).training:
        pytest.skip(f"{name} has only test data")
    require_trainable(load(name))


# -- pictures


@pytest.mark.parametrize("name", data.shipped())
def test_every_data_set_can_be_drawn(name):
    dataset = load(name)
    root = ElementTree.fromstring(draw(dataset))
    entry = dataset.entry
    lines = [e for e in root.iter(f"{SVG}path") if e.get("class", "").startswith("l")]
    kinds = len(lines) / len(entry.channels) / (2 if entry.window >= 8 else 1)
    assert kinds == (len(entry.labels) or 4)
    assert all("nan" not in e.get("d") for e in lines)
    words = " ".join("".join(e.itertext()) for e in root.iter(f"{SVG}text"))
    assert all(channel.name in words for channel in entry.channels)
    assert f"{len(dataset.test):,} windows" in words
    require_within(root)


def require_within(root):
    """No text runs over the picture's edges."""
    width = float(root.get("viewBox").split()[2])
    for text in root.iter(f"{SVG}text"):
        words = text_width("".join(text.itertext()))
        left = float(text.get("x")) - {"end": words, "mid": words / 2}.get(text.get("class"), 0)
        assert left >= -1 and left + words <= width, "".join(text.itertext())


def test_long_names_of_classes_take_more_rows():
    dataset = load("har-smartwatch")
    labels = tuple(f"a rather long name of class {i}" for i, _ in enumerate(dataset.entry.labels))
    root = ElementTree.fromstring(
        draw(replace(dataset, entry=replace(dataset.entry, labels=labels)))
    )
    require_within(root)
    rows = {e.get("y") for e in root.iter(f"{SVG}text") if "rather long" in "".join(e.itertext())}
    assert len(rows) > 1


def test_missing_values_are_counted_and_drawn():
    dataset = load("airqo-kampala")
    names = [channel.name for channel in dataset.entry.channels]
    missing = dict(zip(names, dataset.missing, strict=True))
    assert missing == dict.fromkeys(names, 0) | {"humidity": 7, "temp": 21}
    texts = [e.text for e in ElementTree.fromstring(draw(dataset)).iter(f"{SVG}text")]
    assert texts[-len(names) * 2 :: 2] == names
    assert texts[-len(names) * 2 + 1 :: 2] == [str(missing[name]) for name in names]
