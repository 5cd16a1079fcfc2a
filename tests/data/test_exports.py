"""Exports of Edge Impulse as they are downloaded, and folders as people keep them."""

import json

import pytest

from tests.data import made
from tests.data.test_importing import import_
from tinyml.data.catalogue import read_entry
from tinyml.errors import DataError


def parts_of(place, name):
    entry = read_entry(place / "datasets" / f"{name}.toml")
    return {file.name: file.session.part for file in entry.files}


def downloaded(place):
    """One info.labels above both folders, and a text about the export."""
    files = []
    for part, numbers in (("training", range(5)), ("testing", range(5, 7))):
        (place / part).mkdir(parents=True)
        for label, hertz in made.CLASSES.items():
            for number in numbers:
                name = f"{part}/{label}.{number}.ingestion-7b6c.json"
                content = made.acquisition(made.motion(hertz, 200, 1000 * number + int(hertz)))
                (place / name).write_text(json.dumps(content))
                known = {"type": "label", "label": label}
                files.append({"path": name, "category": part, "label": known})
    (place / "info.labels").write_text(json.dumps({"version": 1, "files": files}))
    (place / "README.txt").write_text("This is an export.\nSee training, and testing.\n")
    return place


@pytest.mark.parametrize("given", ["whole", "parts"])
def test_an_export_comes_in_as_it_is_downloaded(given, tmp_path):
    place = downloaded(tmp_path / "in")
    folders = [place] if given == "whole" else [place / "training", place / "testing"]
    found = import_(tmp_path, "motion", *folders)
    assert (found["recordings"], found["labels"]) == (21, ["rest", "run", "walk"])
    parts = parts_of(tmp_path, "motion")
    tested = {name for name, part in parts.items() if part == "test"}
    assert tested == {name for name in parts if name.startswith("testing/")}
    assert found["split"].startswith("as given by the source")


@pytest.mark.parametrize("flat", [False, True])
def test_two_part_folders_keep_their_names(flat, tmp_path, monkeypatch):
    for part, numbers in (("train", range(4)), ("test", range(4, 6))):
        for label, hertz in made.CLASSES.items():
            for number in numbers:
                folder = tmp_path / "in" / part / ("" if flat else label)
                folder.mkdir(parents=True, exist_ok=True)
                name = f"{label}.{number % 4}.csv"
                made.write_csv(folder / name, made.motion(hertz, 300, 50 * number + int(hertz)))
    monkeypatch.chdir(tmp_path / "in")
    found = import_(tmp_path, "motion", "train", "test", "--time", "t")
    assert (found["recordings"], found["labels"]) == (18, ["rest", "run", "walk"])
    assert set(parts_of(tmp_path, "motion").values()) == {"training", "validation", "test"}


def test_files_of_one_name_in_several_folders_are_told_apart(tmp_path):
    for day in range(3):
        folder = tmp_path / f"day{day}"
        folder.mkdir()
        for label, hertz in made.CLASSES.items():
            values = made.motion(hertz, 300, 10 * day + int(hertz))
            made.write_csv(folder / f"{label}.csv", values)
    days = [tmp_path / f"day{day}" for day in range(3)]
    found = import_(tmp_path, "motion", *days, "--time", "t", "--label-from", "name")
    assert (found["recordings"], found["labels"]) == (9, ["rest", "run", "walk"])
    assert "day1/walk.csv" in parts_of(tmp_path, "motion")


def test_a_class_that_only_the_test_has_is_named_and_can_be_left_out(tmp_path):
    place = downloaded(tmp_path / "in")
    labels = json.loads((place / "info.labels").read_text())
    for file in labels["files"]:
        if file["path"].startswith("testing/run"):
            file["label"]["label"] = "stumble"
    (place / "info.labels").write_text(json.dumps(labels))
    with pytest.raises(DataError, match=r"'run': 4 in training, .* none in test, .*-out run"):
        import_(tmp_path, "motion", place)
    with pytest.raises(DataError, match=r"2 sessions of 'stumble', .*--leave-out stumble"):
        import_(tmp_path, "motion", place, "--leave-out", "run")
    with pytest.raises(DataError, match="no class 'fall' to leave out; they have rest, run"):
        import_(tmp_path, "motion", place, "--leave-out", "fall")
    left = ("--leave-out", "stumble", "--leave-out", "run")
    assert import_(tmp_path, "motion", place, *left)["labels"] == ["rest", "walk"]


def test_which_part_lacks_a_class_is_said(tmp_path):
    """Eight sessions are more than three; what is wrong is where they are."""
    place, seeds = tmp_path / "in", 0
    for part, labels in (("training", ["rest", "walk"]), ("testing", ["rest", "run"])):
        for label in labels:
            for number in range(8):
                folder = place / part / label
                folder.mkdir(parents=True, exist_ok=True)
                seeds += 1
                made.write_csv(folder / f"{number}.csv", made.motion(3, 300, seeds))
    words = r"8 sessions of 'run': none in training, none in validation, 8 in test, .*--leave-out"
    with pytest.raises(DataError, match=words):
        import_(tmp_path, "motion", place, "--time", "t")


# -- spans


COUNT = 300


def with_spans(place, spans, interval_ms=16.0, count=COUNT, files=3):
    place.mkdir()
    for number in range(files):
        content = made.acquisition(made.motion(3, count, number), interval_ms)
        (place / f"{number}.json").write_text(json.dumps(content))
    named = [dict(zip(("startIndex", "endIndex", "label"), span, strict=True)) for span in spans]
    labels = {f"{number}.json": named for number in range(files)}
    content = {"version": 1, "type": "structured-labels", "structuredLabels": labels}
    (place / "structured_labels.labels").write_text(json.dumps(content))
    return place


def counted(place):
    rows = (place / "datasets" / "spans" / "1.csv").read_text().splitlines()[1:]
    labels = [row.rpartition(",")[2].strip('"') for row in rows]
    return {label: labels.count(label) for label in sorted(set(labels))}


HALVES = {"down": 150, "up": 150}
TOLD = {
    # what the labels count -> interval, spans, what they mean
    "samples to the end": (16.0, [(0, 149, "up"), (150, 299, "down")], HALVES),
    "milliseconds": (16.0, [(0, 2399, "up"), (2400, 4799, "down")], HALVES),
    "milliseconds in part": (16.0, [(0, 799, "up"), (800, 1599, "down")],
                             {"": 200, "down": 50, "up": 50}),
    "one a millisecond": (1.0, [(0, 99, "up"), (100, 199, "down")],
                          {"": 100, "down": 100, "up": 100}),
    "samples of what is fast": (0.5, [(0, 99, "up"), (100, 249, "down")],
                                {"": 50, "down": 150, "up": 100}),
}  # fmt: skip


@pytest.mark.parametrize("case", TOLD)
def test_the_data_tell_what_spans_count(case, tmp_path):
    interval_ms, spans, wanted = TOLD[case]
    place = with_spans(tmp_path / "in", spans, interval_ms)
    found = import_(tmp_path, "spans", place, "--window", 16)
    assert counted(tmp_path) == wanted
    assert any("the spans are read as" in note for note in found["notes"])


def test_what_they_do_not_tell_is_asked(tmp_path):
    place = with_spans(tmp_path / "in", [(0, 99, "up"), (100, 199, "down")])
    with pytest.raises(DataError, match="--spans samples or --spans ms"):
        import_(tmp_path, "spans", place, "--window", 16)
    import_(tmp_path, "spans", place, "--window", 16, "--spans", "samples")
    assert counted(tmp_path) == {"": 100, "down": 100, "up": 100}


def test_spans_of_samples_are_of_those_before_resampling(tmp_path):
    place = with_spans(tmp_path / "in", [(0, 149, "up"), (150, 299, "down")])
    import_(tmp_path, "spans", place, "--window", 16, "--resample", 31.25)
    assert counted(tmp_path) == {"down": 75, "up": 75}


def test_spans_beyond_the_recording_are_refused(tmp_path):
    place = with_spans(tmp_path / "in", [(0, 99, "up"), (100, 9999, "down")])
    with pytest.raises(DataError, match=r"1\.json|0\.json end beyond its 300 samples"):
        import_(tmp_path, "spans", place)


def test_hidden_files_are_left_alone(tmp_path):
    files = made.csv_files(tmp_path / "in")
    (files / "._walk.0.csv").write_bytes(b"\0\5\x16\7")  # macOS leaves these on other disks
    (files / "LICENSE.txt").write_text("x")
    assert import_(tmp_path, "motion", files, "--time", "t")["recordings"] == 9
