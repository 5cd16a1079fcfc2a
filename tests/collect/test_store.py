"""The store keeps every record exactly once and says what is missing."""

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinyml.collect import Gap, Store
from tinyml.collect.clocks import ClockMark, wall_time_at
from tinyml.device import Record
from tinyml.errors import StoreError
from tinyml.graph import load
from tinyml.model import Description
from tinyml.resources import folder as bundled

RECORD = Record(
    device_id="00112233aabbccdd",
    boot_id=0xFFFFFFFF,
    sequence=1,
    monotonic_ms=2**40,
    wall_time=None,
    model_hash="0123456789abcdef",
    tag=0xFFFFFFFF,
    output=(-128, 0, 127),
    inference_us=1234,
)


def numbered(*sequences: int, boot_id: int = 7) -> list[Record]:
    return [replace(RECORD, boot_id=boot_id, sequence=sequence) for sequence in sequences]


@pytest.fixture
def store(tmp_path: Path):
    with Store(tmp_path / "store.sqlite") as opened:
        yield opened


@pytest.mark.parametrize(
    "record",
    [
        RECORD,
        replace(RECORD, wall_time=1.75e9),
        replace(RECORD, tag=None),
        replace(RECORD, output=()),
    ],
)
def test_a_record_comes_back_as_it_was(store: Store, record: Record) -> None:
    store.add([record])
    assert store.records() == [record]


def test_records_survive_closing(tmp_path: Path) -> None:
    with Store(tmp_path / "s") as store:
        store.add([RECORD])
    with Store(tmp_path / "s", create=False) as store:
        assert store.records() == [RECORD]


@settings(max_examples=30)
@given(batches=st.lists(st.lists(st.integers(1, 30), max_size=12), max_size=6))
def test_any_overlap_of_batches_is_stored_once_and_counted(batches: list[list[int]]) -> None:
    with Store("sqlite://") as store:
        seen: set[int] = set()
        for batch in batches:
            added = store.add(numbered(*batch), log_id=1)
            assert added.new == len(set(batch) - seen)
            assert added.new + added.duplicates == len(batch)
            seen |= set(batch)
        assert [record.sequence for record in store.records()] == sorted(seen)
        assert sum(gap.missing for gap in store.gaps()) == max(seen, default=0) - len(seen)
        assert store.last_sequence(RECORD.device_id, 1) == max(seen, default=0)
        received = sum(len(batch) for batch in batches)
        assert sum(boot.duplicates for boot in store.boots()) == received - len(seen)


@pytest.mark.parametrize(
    ("added", "expected"),
    [
        ([(7, 1, (1, 2, 3))], []),
        ([(7, 1, (3, 4))], [(7, 1, 2)]),
        ([(7, None, (3, 4))], []),
        ([(7, 1, (1, 5)), (7, 1, (3,))], [(7, 2, 2), (7, 4, 4)]),
        # A log that goes on over a restart: what is missing between two boots is missing.
        ([(7, 1, (1, 2)), (8, 1, (5,))], [(8, 3, 4)]),
        # A log in RAM starts again at 1.
        ([(7, 1, (1, 2)), (8, 2, (1, 2))], []),
        ([(7, None, (1, 2)), (8, None, (5, 7))], [(8, 6, 6)]),
    ],
)
def test_gaps(store: Store, added: list, expected: list) -> None:
    for boot_id, log_id, sequences in added:
        store.add(numbered(*sequences, boot_id=boot_id), log_id=log_id)
    assert store.gaps() == [Gap(RECORD.device_id, *gap) for gap in expected]


def test_records_are_chosen_and_ordered_by_boot(store: Store) -> None:
    store.add(numbered(1, 2, boot_id=9))
    store.add(numbered(3, boot_id=4))
    other = replace(RECORD, device_id="ff", model_hash="f" * 16)
    store.add([other])
    assert [record.sequence for record in store.records(device_id=RECORD.device_id)] == [1, 2, 3]
    assert store.records(boot_id=4) == numbered(3, boot_id=4)
    assert store.records(model_hash="f" * 16) == [other]


def test_wall_times_are_mended_from_the_clock_marks_of_the_boot(store: Store) -> None:
    store.add([replace(RECORD, monotonic_ms=5_000), replace(RECORD, boot_id=1, monotonic_ms=5_000)])
    store.note_clock(RECORD.device_id, RECORD.boot_id, monotonic_ms=10_000, wall_time=1_000.0)
    assert [record.wall_time for record in store.records()] == [995.0, None]


@pytest.mark.parametrize(
    ("monotonic_ms", "expected"),
    [(0, 999.0), (1_000, 1_000.0), (2_000, 1_001.1), (3_000, 1_002.2), (4_000, 1_003.2)],
)
def test_drift_is_taken_out_between_two_marks(monotonic_ms: int, expected: float) -> None:
    marks = [ClockMark(1_000, 1_000.0), ClockMark(3_000, 1_002.2)]
    assert wall_time_at(monotonic_ms, marks) == pytest.approx(expected)


def test_runs_are_replaced_and_listed_in_order(store: Store) -> None:
    store.put_run("a", {"x": [1, 2.5, None]})
    store.put_run("b", {})
    assert store.run_ids() == ["a", "b"]
    store.put_run("a", {"x": 2})
    assert store.run("a").whole("x") == 2
    with pytest.raises(StoreError, match=r"no run 'c'.*b, a"):
        store.run("c")


def garbage(path: Path) -> None:
    path.write_bytes(b"not a database, but long enough to be one" * 100)


def other_program(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE songs (title)")


def newer_format(path: Path) -> None:
    Store(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE tinyml_store SET version = 99")


def folder(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (garbage, "is not a record store"),
        (other_program, "another program"),
        (newer_format, "format 99"),
        (folder, "cannot be opened"),
        (lambda path: None, "no store at"),
    ],
)
def test_what_is_no_store_is_refused_in_one_sentence(tmp_path: Path, make, sentence: str) -> None:
    path = tmp_path / "store"
    make(path)
    with pytest.raises(StoreError, match=sentence) as caught:
        Store(path, create=False)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["", "nodatabase://x", "sqlite:///no/such/folder/s", "postgresql://:x:"]
)
def test_a_bad_url_is_refused_in_one_sentence(url: str) -> None:
    with pytest.raises(StoreError) as caught:
        Store(url)
    assert "\n" not in str(caught.value)


def test_a_failed_batch_leaves_nothing_behind(store: Store, monkeypatch) -> None:
    store.add(numbered(1))
    with sqlite3.connect(store.name) as connection:
        connection.execute(
            "CREATE TRIGGER full BEFORE INSERT ON records WHEN NEW.sequence = 3"
            " BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
        )
    with pytest.raises(StoreError, match="disk is full"):
        store.add(numbered(2, 3))
    assert [record.sequence for record in store.records()] == [1]


def test_models_are_kept_by_hash_and_settings_are_not_lost(tmp_path):
    known = Description.of(load(bundled("models") / "occupancy" / "model.tflite"))
    other = Description("00", "other", 0.5, -3)
    with Store(tmp_path / "store.db") as store:
        assert store.models() == {}
        by_node = replace(known, settings=None, sha256="", file_bytes=0)
        for one in (other, by_node, known, by_node, replace(known, settings=None)):
            store.put_model(one)
    with Store(tmp_path / "store.db") as store:
        assert store.models() == {known.hash: known, "00": other}


def test_a_store_from_before_there_were_models_is_read_and_goes_on(tmp_path):
    with Store(tmp_path / "store.db") as store:
        store.add([RECORD])
    with sqlite3.connect(tmp_path / "store.db") as connection:
        connection.execute("DROP TABLE models")
    with Store(tmp_path / "store.db") as store:
        assert store.models() == {}
        assert store.records() == [RECORD]
        store.put_model(Description("00", "other", 0.5))
        assert list(store.models()) == ["00"]


def test_a_damaged_description_names_its_model(tmp_path):
    with Store(tmp_path / "store.db") as store:
        store.put_model(Description("00", "other", 0.5))
        with sqlite3.connect(tmp_path / "store.db") as connection:
            connection.execute("UPDATE models SET description = '{\"name\": 5}'")
        with pytest.raises(StoreError, match="description of the model 00"):
            store.models()


def test_a_clock_that_is_set_is_shown_and_the_marks_are_kept(store: Store) -> None:
    """From 2001 to 2026: records of both times are of 2026."""
    marks = [(0, 978_307_200.0), (60_000, 978_307_260.0), (61_000, 1_796_000_061.0)]
    store.add([replace(RECORD, monotonic_ms=30_000, wall_time=None)])
    for monotonic_ms, wall_time in marks:
        store.note_clock(
            RECORD.device_id, RECORD.boot_id, monotonic_ms=monotonic_ms, wall_time=wall_time
        )
    [jump] = store.clock_jumps()
    assert (jump.device_id, jump.boot_id) == (RECORD.device_id, RECORD.boot_id)
    assert (jump.before, jump.after) == (ClockMark(*marks[1]), ClockMark(*marks[2]))
    assert jump.seconds == pytest.approx(1_796_000_061 - 978_307_261)
    assert [record.wall_time for record in store.records()] == [1_796_000_030.0]
