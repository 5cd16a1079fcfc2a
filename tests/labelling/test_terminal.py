"""Labelling in the terminal: what is typed, and what becomes of it."""

import io

import pytest
from rich.console import Console

from tests.labelling.made import data_set, model
from tinyml.labelling import Work
from tinyml.labelling.terminal import Terminal


def typed(work, *lines, graph=None, encoding="utf-8"):
    """What is printed when these lines are typed."""
    left = list(lines)

    def ask(prompt):
        if not left:
            raise EOFError
        return left.pop(0)

    written = io.TextIOWrapper(io.BytesIO(), encoding, "replace")
    console = Console(file=written, width=90)
    Terminal(work, ask, console, graph).run()
    written.flush()
    return written.buffer.getvalue().decode(encoding)


@pytest.fixture
def work(tmp_path):
    return Work(data_set(tmp_path))


def test_stretches_are_marked_and_taken_away(work):
    typed(work, "0 20 idle", "20,5 35 hit", "10 12 -", "n", "1 2 hit", "q", "3 4 hit")
    assert [(s.start_s, s.end_s, s.label) for s in work.spans("run0.csv")] == [
        (0, 10, "idle"), (12, 20, "idle"), (20.5, 35, "hit"),
    ]  # fmt: skip
    assert [(s.start_s, s.label) for s in work.spans("run1.csv")] == [(1, "hit")]


def test_suggestions_are_accepted_by_number(work):
    shown = typed(work, "s", "a 1", "a 9", graph=model())
    assert "proposed" in shown and "there is no suggestion 9" in shown
    assert len(work.spans("run0.csv")) == 1


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("0 61 hit", "must lie between 0 s and 60 s"),
        ("1 2 hot", "did you mean 'hit'"),
        ("u", "there is no step to take back"),
        ("s", "suggestions need a model"),
        ("z 5 4", "must end after it begins"),
        ("nonsense", "START END CLASS marks"),
        ("", "START END CLASS marks"),
        ("1 2 [/red]", "is not known"),
    ],
)
def test_what_is_typed_wrongly_is_explained(work, line, said):
    assert said in " ".join(typed(work, line).split())
    assert not work.labels.spans


def test_a_terminal_without_blocks_shows_plain_letters(work):
    assert "▁" not in typed(work, "q", encoding="ascii")
