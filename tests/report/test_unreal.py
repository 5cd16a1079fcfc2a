"""What no sensor and no board ever did is said in the report's head."""

import sqlite3
from dataclasses import replace

import pytest

from tests.report.test_report import ANSWERS, document
from tinyml.collect import BootSummary, Store
from tinyml.graph import load
from tinyml.model import Description
from tinyml.report.unreal import simulated_data, what_is_unreal
from tinyml.resources import folder

REAL, EMULATED = "00ff", "656d756c00000001"


def records(*nodes):
    return [replace(ANSWERS[0], device_id=node) for node in nodes]


def boot(node, simulated):
    return BootSummary(node, 7, 1, 1, 1, 0, simulated)


@pytest.mark.parametrize(
    ("nodes", "simulated", "said"),
    [
        ([REAL], [], []),
        ([EMULATED], [], ["The board is emulated in all 1 node."]),
        (
            [REAL, EMULATED],
            [EMULATED],
            [
                "The sensor is simulated in 1 of 2 records: it measured nothing.",
                "The board is emulated in 1 of 2 nodes.",
            ],
        ),
        (
            [REAL, REAL],
            [REAL],
            ["The sensor is simulated in all 2 records: it measured nothing."],
        ),
    ],
)
def test_records_without_a_run(nodes, simulated, said):
    boots = [boot(node, node in simulated) for node in set(nodes)]
    assert what_is_unreal(None, records(*nodes), boots, []) == said


def test_a_run_says_it_of_data_sensor_and_board():
    found = what_is_unreal(document(), records(EMULATED), [boot(EMULATED, True)], [])
    assert len(found) == 3
    assert [sentence.split()[1] for sentence in found] == ["data", "sensor", "board"]


def test_models_name_the_simulated_data_that_they_learnt_from():
    names = ("pump-simulated", "esc10")
    models = [Description.of(load(folder("models") / name / "model.tflite")) for name in names]
    assert simulated_data(models) == ["pump-simulated"]


def test_a_store_keeps_which_boots_were_simulated(tmp_path):
    with Store(tmp_path / "records.db") as store:
        store.add(ANSWERS)
        assert [one.simulated for one in store.boots()] == [False]
        for _ in range(2):
            store.note_simulated(ANSWERS[0].device_id, {ANSWERS[0].boot_id})
        assert [one.simulated for one in store.boots()] == [True]


def test_a_store_from_before_is_read_and_goes_on(tmp_path):
    """It has no table of simulated boots."""
    path = tmp_path / "records.db"
    with Store(path) as store:
        store.add(ANSWERS)
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TABLE simulated_boots")
    with Store(path) as store:
        assert [one.simulated for one in store.boots()] == [False]
        store.note_simulated(ANSWERS[0].device_id, {ANSWERS[0].boot_id})
        assert [one.simulated for one in store.boots()] == [True]
