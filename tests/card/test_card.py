"""Model cards: from the records beside the models, and the author's words kept."""

import hashlib
import json
import shutil
from dataclasses import replace

import pytest

from tests.cli.test_project_cli import tinyml
from tests.judge.test_train_metrics import ZOO
from tests.support.targets import require_counting
from tinyml import data, project
from tinyml.card.cost_record import BOARDS, read_costs
from tinyml.card.model_card import card_of, renew
from tinyml.card.text import Author, card
from tinyml.demo import _project_copy
from tinyml.errors import TrainingError
from tinyml.judge import read_record
from tinyml.judge.metrics import main_metric
from tinyml.model import model_hash
from tinyml.report.carbon import Carbon
from tinyml.resources import folder

PUMP = folder("models") / "pump-simulated"


@pytest.mark.parametrize("name", ZOO)
def test_a_card_agrees_with_its_records(name):
    found = project.find(folder("models") / name)
    text = (found.folder / "README.md").read_text()
    assert text == card_of(found), f"write it again: tinyml card models/{name}"
    record = read_record(found.record_path)
    assert ("simulated" in text.lower()) == record.simulated
    metric = main_metric(data.entry(record.dataset).task)
    shown = f"{record.metrics['int8'].values[metric]:.2f}"
    assert shown in text
    assert [row["board"] for row in read_costs(found.folder / "cost.json").boards] == list(BOARDS)


@pytest.mark.emulator
def test_the_command_writes_a_card_and_keeps_what_the_author_wrote(tmp_path):
    for board in BOARDS:
        require_counting(board)
    place = tmp_path / "pump"
    shutil.copytree(PUMP, place)
    path = place / "README.md"
    path.write_text(
        "# Mine\n\nAbout it.\n\n| | |\n|---|---|\n| stale | figures |\n\n## Limits\n- One.\n"
    )
    (place / "cost.json").unlink()
    assert json.loads(tinyml("card", place, "--json")) == {"cards": [str(path.resolve())]}
    text = path.read_text()
    assert text.startswith("# Mine\n\nAbout it.\n\n| | |\n")
    assert text.endswith("## Limits\n- One.\n")
    assert "stale" not in text
    costs = read_costs(place / "cost.json")
    assert all(row["instructions"] > 0 for row in costs.boards)
    assert [row["board"] for row in costs.boards] == list(BOARDS)


def test_a_new_project_says_that_its_limits_are_not_known():
    author = Author.of("", data.entry("pump-simulated"), "mine")
    assert author.head.startswith("# mine: ")
    assert "SIMULATED" in author.head
    assert "have not been written down" in author.limits


def trained_again(place, dataset="pump-simulated"):
    """A project whose model was replaced by another one, of the same data or of others."""
    shutil.copytree(PUMP, place)
    found = place / "model.tflite"
    found.write_bytes(found.read_bytes() + bytes(4))
    record = json.loads((place / "training.json").read_text())
    sha256 = hashlib.sha256(found.read_bytes()).hexdigest()
    record |= {"model_sha256": sha256, "dataset": dataset, "simulated": dataset == "pump-simulated"}
    (place / "training.json").write_text(json.dumps(record))
    return project.find(place)


def test_after_a_training_no_figure_of_the_model_before_is_left(tmp_path):
    found = trained_again(tmp_path / "pump")
    assert renew(found) is None
    text = (found.folder / "README.md").read_text()
    assert not (found.folder / "cost.json").exists()
    assert "Not counted yet for this model; `tinyml card pump` counts it." in text
    assert "19,684" not in text and model_hash(read_record(found.record_path).model_sha256) in text
    head = (PUMP / "README.md").read_text().partition("| | |")[0]
    assert text.startswith(head)


def test_a_card_about_other_data_has_a_heading_of_its_own(tmp_path):
    found = trained_again(tmp_path / "pump", "skab-pump")
    before = (found.folder / "README.md").read_text()
    kept = renew(found)
    text = (found.folder / "README.md").read_text()
    assert text.startswith(f"# pump: {data.entry('skab-pump').title}\n")
    assert "simulated" not in text.lower() and "have not been written down" in text
    assert kept == found.folder / "README-pump-simulated.md" and kept.read_text() == before


def test_a_readme_that_is_no_card_stays(tmp_path):
    found = trained_again(tmp_path / "pump")
    (found.folder / "README.md").write_text("# Notes\n")
    assert renew(found) is None
    assert (found.folder / "README.md").read_text() == "# Notes\n"


@pytest.mark.parametrize("pretrained", [True, False])
def test_a_demo_has_only_what_belongs_to_its_model(pretrained, tmp_path):
    for name in ("report.html", "cost.json", "README.md", "records.db", "mine.txt"):
        (tmp_path / name).write_text("of an earlier demo")
    _project_copy(tmp_path, PUMP, pretrained=pretrained)
    left = {path.name for path in tmp_path.iterdir()} - {".tinyml-demo"}
    shipped = {path.name for path in PUMP.iterdir()}
    assert left == {"mine.txt"} | (shipped if pretrained else {"tinyml.toml"})


def test_a_card_of_another_model_is_refused(tmp_path):
    place = tmp_path / "pump"
    shutil.copytree(PUMP, place)
    record = place / "training.json"
    record.write_text(record.read_text().replace('"model_sha256": "', '"model_sha256": "0'))
    with pytest.raises(TrainingError, match="are not the same model"):
        card_of(project.find(place))


@pytest.mark.parametrize("content", ["{", '{"schema": 7}', '{"schema": 1, "boards": []}'])
def test_damaged_costs_are_named(tmp_path, content):
    (tmp_path / "cost.json").write_text(content)
    with pytest.raises(TrainingError, match="tinyml card"):
        read_costs(tmp_path / "cost.json")


def test_carbon_is_an_estimate_with_its_method():
    hour = Carbon(3600)
    assert (hour.watt_hours, hour.grams) == pytest.approx((12.0, 5.7))
    found = project.find(PUMP)
    record = replace(read_record(found.record_path), cpu_seconds=3600.0)
    settings = project_settings(found)
    author = Author("# x", "- y")
    costs = read_costs(PUMP / "cost.json")
    text = card(record, settings, data.entry(record.dataset), costs, author, "x")
    assert "Estimate: 12 Wh and 5.7 g of CO2 (at 12 W per core and 475 g per kWh" in text


def project_settings(found):
    from tinyml.graph import load
    from tinyml.model import settings_of

    return settings_of(load(found.model_path))
