"""Durations as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinyml.durations import in_words, microseconds
from tinyml.errors import ProjectError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("15 min", 900_000_000),
        ("30s", 30_000_000),
        ("2.5 ms", 2500),
        ("1 d", 86_400_000_000),
        ("0 s", 0),
    ],
)
def test_durations_are_read(text, expected):
    assert microseconds(text, "rate", ProjectError) == expected


@pytest.mark.parametrize("text", ["", "15", "min", "15 minutes", "-1 s", "1e3 s", "nan s", "1 s 2"])
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(ProjectError, match="'every' must be a number and a unit, such as '15 min'"):
        microseconds(text, "'every'", ProjectError)


@given(st.integers(0, 2**40))
def test_words_say_the_same(duration_us):
    assert microseconds(in_words(duration_us), "", ProjectError) == duration_us
