"""One's own files, from a folder to a trained model: each kind, and what is made of it."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from tests.data import made
from tinyml import data
from tinyml.cli.main import cli
from tinyml.data.audio import read_sound
from tinyml.data.importing import times
from tinyml.errors import DataError, LeakError

PROJECT = """dataset = "{name}"
[front_end]
kind = "{front_end}"
[model]
kind = "{model}"
layers = [8]
[training]
epochs = 1
"""


def tinyml(*arguments):
    """The command's stdout; its errors are raised."""
    result = CliRunner().invoke(cli, [str(a) for a in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.stdout


def import_(place, *arguments):
    return json.loads(tinyml("data", "import", *arguments, "--project", place, "--json"))


def logger(place):
    path = made.logger_csv(place / "log.csv")
    return (path, "--decimal", ",", "--time", "when", "--label", "state", "--group", "who",
            "--session", "who", "--encoding", "latin-1")  # fmt: skip


def parquet(place):
    pyarrow = pytest.importorskip("pyarrow", reason="needs pyarrow: pip install '.[train]'")
    from pyarrow import parquet

    rng = np.random.default_rng(4)
    heat = np.cumsum(rng.normal(0, 0.3, 1500)) + 20
    columns = {"ms": 1000 * np.arange(1500), "heat": heat, "power": 3 * heat + 5}
    parquet.write_table(pyarrow.table(columns), place / "house.parquet")
    return (place / "house.parquet", "--time", "ms", "--time-unit", "ms", "--target", "power:W")


# kind -> its files and options, the front end, the model, and what must come out
KINDS = {
    "csv": (
        lambda p: (made.csv_files(p / "in"), "--time", "t", "--channel", "ax:g", "--channel", "ay"),
        ("statistics", "dense"),
        {"labels": ["rest", "run", "walk"], "recordings": 9, "sessions": 9, "window": 64},
    ),
    "logger": (
        logger,
        ("spectral", "cnn1d"),
        {"labels": ["rest", "run", "walk"], "recordings": 4, "sample_rate_hz": 50.0},
    ),
    "wav": (
        lambda p: (
            made.sounds(p / "in", width=3, channels=2),
            "--sound-channel",
            "1",
            "--window",
            "1024",
            "--stride",
            "256",
        ),
        ("log_mel", "ds_cnn"),
        {"labels": ["hiss", "hum"], "recordings": 8, "sample_rate_hz": 8000.0, "window": 1024},
    ),
    "parquet": (
        parquet,
        ("raw", "dense"),
        {"task": "regression", "labels": [], "recordings": 1, "sample_rate_hz": 1.0},
    ),
    "edge-impulse-json": (
        lambda p: (made.export(p / "in", "json"),),
        ("statistics", "dense"),
        {"labels": ["rest", "run", "walk"], "recordings": 18, "sample_rate_hz": 50.0},
    ),
    "edge-impulse-cbor": (
        lambda p: (made.export(p / "in", "cbor"), "--split", "session"),
        ("statistics", "dense"),
        {"labels": ["rest", "run", "walk"], "recordings": 18, "sample_rate_hz": 50.0},
    ),
}


@pytest.mark.train
@pytest.mark.usefixtures("few_trees")
@pytest.mark.parametrize("kind", KINDS)
def test_from_files_to_an_evaluated_model(kind, tmp_path):
    pytest.importorskip("tensorflow", reason="needs TensorFlow: pip install '.[train]'")
    files, (front_end, model), wanted = KINDS[kind]
    found = import_(tmp_path, kind, *files(tmp_path))
    assert {key: found[key] for key in wanted} == wanted
    shown = tinyml_in(tmp_path, "data", "show", kind, "--picture", tmp_path / "p.svg", "--json")
    assert all(part["windows"] for part in json.loads(shown)["parts"].values())
    (tmp_path / "tinyml.toml").write_text(
        PROJECT.format(name=kind, front_end=front_end, model=model)
    )
    trained = json.loads(tinyml("train", tmp_path, "--json"))
    evaluated = json.loads(tinyml("evaluate", tmp_path, "--json"))
    assert evaluated["int8"] == trained["int8"]
    assert evaluated["dataset"] == kind
    assert trained["leaks"] == []


def tinyml_in(place, *arguments):
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        return tinyml(*arguments)


# -- what becomes of samples


def test_names_in_any_script_stay_apart(tmp_path):
    """Classes by folders; sessions by files, all of them named in Cyrillic or with accents."""
    names = {
        "rest": "\u043f\u043e\u043a\u043e\u0439",
        "run": "\u0431\u0435\u0433",
        "walk": "k\u00fchl",
    }
    for path in made.csv_files(tmp_path / "plain").glob("*.csv"):
        label, session, _ = path.name.split(".")
        folder = tmp_path / "in" / names[label]
        folder.mkdir(parents=True, exist_ok=True)
        path.rename(folder / f"\u0447\u0430\u0441\u0442\u044c {session}.csv")
    found = import_(tmp_path, "motion", tmp_path / "in", "--time", "t")
    assert found["labels"] == sorted(names.values())
    assert (found["recordings"], found["sessions"]) == (9, 9)
    folders = {p.name for p in (tmp_path / "datasets" / "motion").iterdir()}
    assert "kuhl" in folders and len(folders) == 3 and all(name.isascii() for name in folders)


def test_a_decimal_comma_is_one_in_times_too(tmp_path):
    files = made.csv_files(tmp_path / "in")
    for path in files.glob("*.csv"):
        path.write_text(path.read_text().replace(",", ";").replace(".", ","))
    found = import_(tmp_path, "motion", files, "--time", "t", "--decimal", ",")
    assert (found["sample_rate_hz"], found["recordings"]) == (50.0, 9)


@pytest.mark.parametrize("line", ["sep=;", "SEP=\t", '"sep=#"'])
def test_a_first_line_may_name_the_delimiter(line, tmp_path):
    """As Excel understands it, and spreadsheets write it."""
    delimiter = line.strip('"')[-1]
    files = made.csv_files(tmp_path / "in")
    for path in files.glob("*.csv"):
        path.write_text("\n".join([line, path.read_text().replace(",", delimiter)]))
    found = import_(tmp_path, "motion", files, "--time", "t")
    assert [channel["name"] for channel in found["channels"]] == ["ax", "ay"]
    assert (found["sample_rate_hz"], found["recordings"]) == (50.0, 9)


def test_values_and_sessions_survive(tmp_path):
    import_(tmp_path, "motion", made.csv_files(tmp_path / "in"), "--time", "t")
    dataset = data.load("motion", near=tmp_path)
    entry = dataset.entry
    source = np.loadtxt(tmp_path / "in" / "walk.1.csv", delimiter=",", skiprows=1)[:, 1:]
    kept = np.loadtxt(entry.place / "walk.1.csv", delimiter=",", skiprows=1)
    np.testing.assert_array_equal(kept, source)
    part = next(p for p in dataset.parts.values() if "walk.1.csv" in p.recordings)
    first = part.windows[part.recordings == "walk.1.csv"][0]
    scales = [channel.scale for channel in entry.channels]
    assert np.abs(first * scales - source[: entry.window]).max() <= max(scales)
    for sessions in ({file.session.part for file in entry.files},):
        assert sessions == {"training", "validation", "test"}


@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_sounds_of_any_width_are_the_same(width, tmp_path):
    tone = 0.5 * np.sin(np.arange(1000) / 10)[:, np.newaxis]
    made.write_wav(tmp_path / "a.wav", np.concatenate([tone, -tone], axis=1), width=width)
    found, rate_hz = read_sound(tmp_path / "a.wav", 1)
    assert rate_hz == 8000
    assert np.abs(found + tone[:, 0] * 32767).max() <= (256 if width == 1 else 1)


def test_a_sound_is_brought_to_another_rate_only_when_asked(tmp_path):
    made.sounds(tmp_path / "in", rate_hz=16000)
    found = import_(tmp_path, "hum", tmp_path / "in", "--resample", 8000)
    assert (found["sample_rate_hz"], found["window"]) == (8000.0, 4000)


def test_holes_are_cut_or_held(tmp_path):
    place = made.csv_files(tmp_path / "in")
    path = place / "run.0.csv"
    lines = path.read_text().splitlines()
    lines[100] = lines[100].rpartition(",")[0] + ","  # a cell
    del lines[200:203]  # rows: a hole in the times
    path.write_text("\n".join(lines))
    with pytest.raises(DataError, match="7 values are missing, the first in sample 100 of 'ay'"):
        import_(tmp_path, "refused", place, "--time", "t")
    assert not (tmp_path / "datasets" / "refused").exists()
    for missing in ("cut", "hold"):
        import_(tmp_path, missing, place, "--time", "t", "--missing", missing)
    cut, held = (data.load(name, near=tmp_path) for name in ("cut", "hold"))
    assert cut.missing == held.missing == (3, 4)
    assert sum(map(len, held.parts.values())) > sum(map(len, cut.parts.values()))


def test_irregular_times_are_interpolated_only_when_asked():
    rng = np.random.default_rng(2)
    seconds = np.cumsum(rng.uniform(0.001, 0.039, 500))
    with pytest.raises(DataError, match="are not a multiple of the usual"):
        times.grids(seconds, "x.csv")
    tone = np.sin(seconds)[:, np.newaxis]
    [(start, values, rows)] = times.resampled(seconds, tone, 20.0, "tone.csv")
    wanted = np.sin(start + np.arange(len(values)) / 20)
    assert np.abs(values[:, 0] - wanted).max() < 0.05
    assert (np.diff(rows) >= 0).all()


def test_spans_of_edge_impulse_give_each_sample_its_class(tmp_path):
    place = tmp_path / "in"
    place.mkdir()
    for number in range(3):
        content = made.acquisition(made.motion(3, 200, number))
        (place / f"{number}.json").write_text(json.dumps(content))
    spans = [
        {"startIndex": 0, "endIndex": 1999, "label": "on"},
        {"startIndex": 2000, "endIndex": 3999, "label": "off"},
    ]
    labels = {f"{number}.json": spans for number in range(3)}
    content = {"version": 1, "type": "structured-labels", "structuredLabels": labels}
    (place / "structured_labels.labels").write_text(json.dumps(content))
    import_(tmp_path, "spans", place, "--window", 20)
    rows = (tmp_path / "datasets" / "spans" / "1.csv").read_text().splitlines()
    assert [rows[i].rpartition(",")[2] for i in (0, 1, 100, 101, 200)] == [
        "label", "on", "on", "off", "off",
    ]  # fmt: skip


# -- splits


def test_groups_stay_together(tmp_path):
    import_(tmp_path, "people", *logger(tmp_path))
    dataset = data.load("people", near=tmp_path)
    members = [set(part.groups.tolist()) for part in dataset.parts.values()]
    assert sorted(len(found) for found in members) == [1, 1, 2]
    assert len(set.union(*members)) == 4


def test_a_split_by_time_leaves_a_window_between(tmp_path):
    import_(tmp_path, "motion", made.csv_files(tmp_path / "in"), "--time", "t", "--split", "time",
            "--window", 20)  # fmt: skip
    parts = data.load("motion", near=tmp_path).parts
    ends = [(part.spans.min(), part.spans.max()) for part in parts.values()]
    assert ends[1][0] - ends[0][1] > 20 and ends[2][0] - ends[1][1] > 20


def moved(path, session, part):
    """The entry with one file in another part."""
    blocks = path.read_text().split("[[files]]")
    [number] = [i for i, block in enumerate(blocks) if f'name = "{session}.csv"' in block]
    before = next(
        p for p in ("training", "validation", "test") if f'part = "{p}"' in blocks[number]
    )
    blocks[number] = blocks[number].replace(f'part = "{before}"', f'part = "{part}"')
    path.write_text("[[files]]".join(blocks))
    return before


def test_a_session_in_two_parts_leaks_unless_forced(tmp_path):
    import_(tmp_path, "motion", made.csv_files(tmp_path / "in", sessions=4), "--time", "t",
            "--session-from", r"\.(\d)\.csv")  # fmt: skip
    path = tmp_path / "datasets" / "motion.toml"
    before = moved(path, "run.0", "training")
    moved(path, "run.0", "test" if before == "training" else "training")
    with pytest.raises(LeakError, match=r"session '0' is in both the .* --force-leaky-split"):
        data.load("motion", near=tmp_path)
    forced = data.load("motion", near=tmp_path, leaky=True)
    assert forced.leaks and "session '0'" in forced.leaks[0]


def test_copied_rows_leak(tmp_path):
    place = made.csv_files(tmp_path / "in")
    rows = [path.read_text().splitlines() for path in sorted(place.glob("walk.*.csv"))]
    # A stretch of one recording stands at another place of each other one, with other times.
    for number, own in enumerate(rows[1:], 1):
        for line in range(50):
            own[201 + line] = (
                own[201 + line].partition(",")[0] + "," + (rows[0][11 + line].partition(",")[2])
            )
        (place / f"walk.{number}.csv").write_text("\n".join(own))
    with pytest.raises(LeakError, match=r"rows of 'walk.* are also in 'walk"):
        import_(tmp_path, "copied", place, "--time", "t")
    assert not (tmp_path / "datasets" / "copied.toml").exists()


@pytest.mark.train
@pytest.mark.usefixtures("few_trees")
def test_a_forced_leak_stands_in_record_and_model(tmp_path):
    pytest.importorskip("tensorflow", reason="needs TensorFlow: pip install '.[train]'")
    import_(tmp_path, "motion", made.csv_files(tmp_path / "in", sessions=4), "--time", "t",
            "--session-from", r"\.(\d)\.csv")  # fmt: skip
    path = tmp_path / "datasets" / "motion.toml"
    before = moved(path, "run.0", "training")
    moved(path, "run.0", "test" if before == "training" else "training")
    (tmp_path / "tinyml.toml").write_text(
        PROJECT.format(name="motion", front_end="statistics", model="dense")
    )
    with pytest.raises(LeakError):
        tinyml("train", tmp_path)
    assert not (tmp_path / "model.tflite").exists()
    trained = json.loads(tinyml("train", tmp_path, "--force-leaky-split", "--json"))
    assert "session '0'" in trained["leaks"][0]
    assert json.loads((tmp_path / "training.json").read_text())["leaks"] == trained["leaks"]
    assert json.loads(tinyml("evaluate", tmp_path, "--json"))["int8"] == trained["int8"]
