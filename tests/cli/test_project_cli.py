"""The commands init, data and evaluate, as a user types them."""

import json
import re
import subprocess
import sys

import pytest
from click.testing import CliRunner

from tinyml import data
from tinyml.cli.main import cli
from tinyml.errors import DataError, InvalidModelError, ProjectError, TrainingError
from tinyml.install import extra_command
from tinyml.resources import folder

PUMP_MODEL = folder("models") / "pump-simulated" / "model.tflite"


def tinyml(*arguments):
    """The command's stdout; its errors are raised."""
    result = CliRunner().invoke(cli, [str(a) for a in arguments], catch_exceptions=True)
    if result.exception is not None:
        raise result.exception
    return result.stdout


@pytest.fixture
def project(tmp_path):
    tinyml("init", "pump-simulated", tmp_path / "pump")
    return tmp_path / "pump"


def test_a_new_project_evaluates_at_once(project):
    found = json.loads(tinyml("evaluate", project, "--json"))
    assert found["simulated"] is True
    assert found["int8"]["samples"] == found["float"]["samples"] == 576
    assert found["int8"]["accuracy"] > 0.9 > found["baseline"]["accuracy"]
    assert (
        json.loads(tinyml("evaluate", "models/pump-simulated", "--json"))["int8"] == found["int8"]
    )


def test_init_overwrites_nothing(project):
    with pytest.raises(ProjectError, match="there already"):
        tinyml("init", "pump-simulated", project)


def test_init_knows_its_tasks(tmp_path):
    with pytest.raises(ProjectError, match="did you mean 'occupancy'"):
        tinyml("init", "ocupancy", tmp_path / "x")
    assert not (tmp_path / "x").exists()


def test_float_figures_of_another_model_are_refused(project):
    record = project / "training.json"
    record.write_text(record.read_text().replace('"model_sha256": "', '"model_sha256": "0'))
    with pytest.raises(TrainingError, match="are not the same model"):
        tinyml("evaluate", project)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (
            (folder("models") / "occupancy" / "float.tflite").read_bytes(),
            r"do not belong together: .* float32 \[1, 9\] and float32 \[1, 2\], "
            r"not float32 \[1, 16, 3\]",
        ),
        (
            PUMP_MODEL.read_bytes(),
            r"do not belong together: .* int8 \[1, 16, 3\] and int8 \[1, 4\], not",
        ),
        (PUMP_MODEL.read_bytes()[:1000], "is damaged"),
    ],
    ids=["other shape", "quantised", "truncated"],
)
def test_a_float_model_that_is_no_twin_is_named(project, content, words):
    pytest.importorskip("ai_edge_litert", reason="needs LiteRT: pip install '.[runtime]'")
    (project / "float.tflite").write_bytes(content)
    with pytest.raises(TrainingError, match=rf"float\.tflite: the float model .*{words}"):
        tinyml("evaluate", project)


def test_a_truncated_model_is_named(project):
    model = project / "model.tflite"
    model.write_bytes(model.read_bytes()[:1000])
    with pytest.raises(InvalidModelError, match=r"model\.tflite"):
        tinyml("evaluate", project)


def test_a_project_without_a_model_says_what_to_run(project):
    (project / "model.tflite").unlink()
    with pytest.raises(ProjectError, match="tinyml train"):
        tinyml("evaluate", project)


def test_no_project_is_named(tmp_path):
    with pytest.raises(ProjectError, match="neither the folder of a project nor"):
        tinyml("evaluate", tmp_path / "nothing")


def test_data_list_names_all():
    assert [found["name"] for found in json.loads(tinyml("data", "list", "--json"))] == data.names()


def test_data_list_goes_on_beyond_broken_entries(tmp_path, monkeypatch):
    known = data.names()
    place = tmp_path / "datasets"
    place.mkdir()
    (place / "aaa.toml").write_text("title = ")
    (place / "mine.toml").write_text('titel = "Mine"')
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(cli, ["data", "list", "--json"])
    assert [found["name"] for found in json.loads(result.stdout)] == known
    assert isinstance(result.exception, DataError)
    words = r"2 of \d+ data sets cannot be listed: .*aaa\.toml is not .*; mine\.toml lacks 'title'"
    assert re.match(words, str(result.exception))


def test_data_show_counts_windows():
    shown = json.loads(tinyml("data", "show", "pump-simulated", "--json"))
    assert shown["parts"]["test"]["windows"] == 576
    assert shown["parts"]["test"]["targets"]["healthy"] == 144
    assert [channel["name"] for channel in shown["channel_ranges"]] == ["x", "y", "z"]
    assert "SIMULATED" in tinyml("data", "show", "pump-simulated")


def test_data_show_draws(tmp_path):
    picture = tmp_path / "pump.svg"
    tinyml("data", "show", "pump-simulated", "--picture", picture)
    assert picture.read_text().startswith("<svg ")


def test_data_get_has_nothing_to_fetch_for_a_simulation():
    assert "nothing to fetch" in tinyml("data", "get", "pump-simulated")
    with pytest.raises(DataError, match="is not known"):
        tinyml("data", "get", "pump")


def test_all_but_training_works_without_tensorflow(project):
    """A light installation: data, the shipped model and its record."""
    blocked = "import sys; sys.modules['tensorflow'] = sys.modules['keras'] = None; "
    script = "from tinyml.cli.main import main; sys.argv[1:] = {!r}; main()"
    runs = [
        subprocess.run(
            [sys.executable, "-c", blocked + script.format(arguments)],
            capture_output=True, text=True, check=False,
        )
        for arguments in (["evaluate", str(project), "--json"], ["train", str(project)])
    ]  # fmt: skip
    assert json.loads(runs[0].stdout)["int8"]["samples"] == 576
    assert runs[1].returncode == 1
    assert f"type: {extra_command('train')}" in runs[1].stderr
    assert "Traceback" not in runs[1].stderr
    assert PUMP_MODEL.read_bytes() == (project / "model.tflite").read_bytes()
