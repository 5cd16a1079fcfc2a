"""Classes of stretches: what is saved, what a data set becomes of it, what is refused."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.labelling.made import CLASSES, HIT, RATE_HZ, SECONDS, data_set, model, recording
from tinyml import data
from tinyml.data.catalogue import read_entry
from tinyml.data.labels import COLUMNS, Span, marked, path_of, read_labels, spans_of, targets_of
from tinyml.errors import DataError
from tinyml.labelling import Work, suggested

COUNT, LENGTH_S = 50, 10.0  # of a made-up recording


@pytest.fixture
def work(tmp_path):
    return Work(data_set(tmp_path))


def loaded(work):
    return data.load("shake", near=work.path.parents[1])


def label_all(work):
    for name in work.names:
        work.mark(name, 0, HIT[0], "idle")
        work.mark(name, *HIT, "hit")


def test_spans_are_saved_as_an_open_table(work):
    work.mark("run0.csv", 0, 40, "idle")
    work.mark("run0.csv", 39.5, 50.25, "hit")
    assert path_of(work.entry).read_text() == (
        f"{','.join(COLUMNS)}\nrun0.csv,0,39.5,idle,person\nrun0.csv,39.5,50.25,hit,person\n"
    )
    assert Work(work.entry).spans("run0.csv") == work.spans("run0.csv")
    assert not Work(work.entry).spans("run1.csv")


def test_a_data_set_without_classes_says_how_to_mark_them(work):
    with pytest.raises(DataError, match="mark stretches with `tinyml data label shake`"):
        loaded(work)


def test_windows_have_the_classes_of_their_spans(work):
    label_all(work)
    dataset = loaded(work)
    parts = [dataset.training, dataset.validation, dataset.test]
    assert all(set(part.targets) == {0, 1} for part in parts)
    for part in parts:
        heights = part.windows[:, :, 1].mean(axis=1) / 1000
        assert np.all((heights > 1) == (part.targets == 1))
        # 50 to 60 s have no class: nothing of them is in a window.
        assert part.spans.max() < HIT[1] * RATE_HZ
    sessions = [file.session.part for file in read_entry(work.path).files]
    assert sorted(sessions) == ["test", "training", "validation"]


def test_steps_are_taken_back_one_by_one(work):
    states = [work.spans("run0.csv")]
    for start in range(0, 50, 10):
        work.mark("run0.csv", start, start + 15, CLASSES[start // 10 % 2])
        states.append(work.spans("run0.csv"))
    for before in reversed(states[:-1]):
        assert work.undo()
        assert work.spans("run0.csv") == before
    assert not work.undo()
    assert not read_labels(work.entry).spans


@pytest.mark.parametrize(
    ("start", "end", "label", "said"),
    [
        (0, 60.1, "hit", "must lie between 0 s and 60 s of run0.csv"),
        (-1, 5, "hit", "must lie between 0 s and 60 s"),
        (5, 5, "hit", "end after it begins"),
        (float("nan"), 5, "hit", "must lie between"),
        (5, 5.001, "hit", "holds no sample"),
        (5, 6, "hot", "did you mean 'hit'"),
    ],
)
def test_a_wrong_mark_changes_nothing(work, start, end, label, said):
    work.mark("run0.csv", 0, 1, "hit")
    before = path_of(work.entry).read_bytes()
    with pytest.raises(DataError, match=said):
        work.mark("run0.csv", start, end, label)
    assert path_of(work.entry).read_bytes() == before


def test_another_windows_work_is_not_overwritten(work):
    other = Work(work.entry)
    other.mark("run0.csv", 0, 1, "hit")
    with pytest.raises(DataError, match="was changed by another window or program"):
        work.mark("run0.csv", 5, 6, "idle")
    work.reload()
    work.mark("run0.csv", 5, 6, "idle")
    assert [span.label for span in work.spans("run0.csv")] == ["hit", "idle"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("recording,start,end,label\n", "line 1: the columns must be recording,start_s"),
        (f"{','.join(COLUMNS)}\nrun9.csv,0,1,hit,p\n", "line 2: the data set has no recording"),
        (f"{','.join(COLUMNS)}\nrun0.csv,0,1,hot,p\n", "line 2: the data set has no class 'hot'"),
        (f"{','.join(COLUMNS)}\nrun0.csv,a,1,hit,p\n", "line 2: start_s and end_s must be numbers"),
        (f"{','.join(COLUMNS)}\nrun0.csv,2,1,hit,p\n", "line 2: a span must begin"),
        (f"{','.join(COLUMNS)}\nrun0.csv,0,nan,hit,p\n", "line 2: a span must begin"),
        (f"{','.join(COLUMNS)}\nrun0.csv,0,2,hit\n", "line 2: 4 cells"),
        (f"{','.join(COLUMNS)}\nrun0.csv,0,3,hit,p\nrun0.csv,2,4,idle,p\n", "overlap"),
    ],
)
def test_a_damaged_file_is_named_with_its_line(work, text, said):
    path_of(work.entry).write_text(text)
    with pytest.raises(DataError, match=said):
        read_labels(work.entry)


def test_a_span_behind_the_recording_is_refused_when_it_is_used(work):
    path_of(work.entry).write_text(f"{','.join(COLUMNS)}\nrun0.csv,0,61,hit,p\n")
    with pytest.raises(DataError, match="a span ends at 61 s, but the recording at 60 s"):
        loaded(work)


def test_a_class_is_added_and_kept(work):
    work.add_class(" far away ")
    work.mark("run0.csv", 0, 1, "far away")
    assert read_entry(work.path).labels == (*CLASSES, "far away")
    for wrong in ("", "a\nb", "x" * 61):
        with pytest.raises(DataError, match="a class needs a name"):
            work.add_class(wrong)


@pytest.mark.parametrize(("name", "said"), [("esc10", "of the catalogue")])
def test_other_peoples_labels_stay_theirs(name, said):
    with pytest.raises(DataError, match=said):
        Work(data.entry(name))


def test_a_model_proposes_and_the_least_sure_comes_first(work):
    found = suggested(model(), work.entry, work.shown("run0.csv"))
    assert [one.score for one in found] == sorted(one.score for one in found)
    (hit,) = [one for one in found if one.label == "hit"]
    assert abs(hit.start_s - HIT[0]) < 1 and abs(hit.end_s - HIT[1]) < 1
    assert min(one.start_s for one in found) == 0
    assert SECONDS - 1.3 <= max(one.end_s for one in found) <= SECONDS
    assert not work.spans("run0.csv")  # nothing is saved


TIMES = st.integers(0, COUNT).map(lambda place: place * LENGTH_S / COUNT)
MARKS = st.lists(
    st.tuples(TIMES, TIMES, st.sampled_from(["", "a", "b"])).filter(lambda m: m[0] < m[1]),
    max_size=12,
)


@given(MARKS)
@settings(max_examples=300)
def test_the_last_mark_holds_wherever_it_is(marks):
    spans, expected = (), np.full(COUNT, -1)
    for start, end, label in marks:
        spans = marked(spans, Span(start, end, label))
        first, last = round(start * COUNT / LENGTH_S), round(end * COUNT / LENGTH_S)
        expected[first:last] = ("", "a", "b").index(label) - 1
    assert all(before.end_s <= after.start_s for before, after in pairwise(spans))
    found = targets_of(spans, COUNT, COUNT / LENGTH_S, ("a", "b"), "")
    np.testing.assert_array_equal(found, expected)
    assert spans_of(found, COUNT / LENGTH_S, ("a", "b")) == spans


def test_what_came_with_a_class_is_shown_as_a_span(tmp_path):
    values = recording(0)
    rows = "".join(
        f"{x:.4f},{y:.4f},{'hit' if 2000 <= n < 2500 else 'idle'}\n"
        for n, (x, y) in enumerate(values)
    )
    from click.testing import CliRunner

    from tinyml.cli.data_import import command

    (tmp_path / "run.csv").write_text(f"x,y,state\n{rows}")
    arguments = ["told", str(tmp_path / "run.csv"), "--project", str(tmp_path), "--rate", "50"]
    done = CliRunner().invoke(command, [*arguments, "--label", "state", "--force-leaky-split"])
    assert done.exit_code == 0, done.output
    work = Work(data.entry("told", tmp_path))
    assert [(s.start_s, s.end_s, s.label) for s in work.spans(work.names[0])] == [
        (0, 40, "idle"), (40, 50, "hit"), (50, 60, "idle"),
    ]  # fmt: skip
    work.mark(work.names[0], 45, 55, "idle")
    assert [s.label for s in work.spans(work.names[0])] == ["idle", "hit", "idle"]
