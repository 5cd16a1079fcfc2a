"""Whatever a document holds: what its reader promises, or the caller's error in a sentence."""

import json
import math
import re

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinyml import resources
from tinyml.documents import Fields, parse_cbor, parse_json, read_json, read_toml
from tinyml.errors import BoardError, DataError, StoreError

WRONG = {
    "text for a number": (
        {"n": "1"},
        lambda f: f.whole("n"),
        "must be a whole number, not '1'",
    ),
    "true for a number": ({"n": True}, lambda f: f.whole("n"), "must be a whole number, not True"),
    "a part of one": ({"n": 1.0}, lambda f: f.whole("n"), "must be a whole number, not 1.0"),
    "too few": ({"n": 0}, lambda f: f.whole("n", low=1, high=8), "must be from 1 to 8, not 0"),
    "negative": (
        {"n": -1},
        lambda f: f.whole("n"),
        "from 0 to 9223372036854775807, not -1",
    ),
    "huge": ({"n": 10**30}, lambda f: f.whole("n"), "must be from 0 to"),
    "not a number": ({"n": math.nan}, lambda f: f.real("n"), "must be a finite number, not nan"),
    "endless": ({"n": math.inf}, lambda f: f.real("n", low=0.0), "must be a finite number"),
    "beyond floats": ({"n": 10**400}, lambda f: f.real("n"), "must be a finite number"),
    "digits without end": ({"n": 10**5000}, lambda f: f.real("n"), "not something endless"),
    "not above": ({"n": 0.0}, lambda f: f.real("n", above=0), "must be above 0, not 0.0"),
    "too large": ({"n": 2}, lambda f: f.real("n", low=0.0, high=1.0), "must be from 0 to 1, not 2"),
    "word for a flag": (
        {"n": "false"},
        lambda f: f.flag("n"),
        "must be true or false, not 'false'",
    ),
    "half a character": ({"n": "\ud800"}, lambda f: f.text("n"), "must be text"),
    "one text of two": ({"n": ["a", 1]}, lambda f: f.texts("n"), "must be a list of text values"),
    "no list": ({"n": 1}, lambda f: f.items("n"), "must be a list, not 1"),
    "no choice": ({"n": "redd"}, lambda f: f.choice("n", ("red", "blue")), "did you mean 'red'?"),
    "no bytes": ({"n": "ab"}, lambda f: f.data("n", 2), "must be 2 bytes, not 'ab'"),
    "list of true": ({"n": [1, True]}, lambda f: f.wholes("n"), "must be a list of whole numbers"),
    "list of numbers": ({"n": [1, math.nan]}, lambda f: f.reals("n"), "must be a list of finite"),
    "absent": ({"nn": 1}, lambda f: f.whole("n"), "file lacks 'n'; is it misspelt as 'nn'?"),
    "null": ({"n": None}, lambda f: f.text("n"), "file lacks 'n'"),
    "no table": ({"n": 1}, lambda f: f.inner("n"), r"file \[n\] must be a table of keys, not 1"),
    "deep": (
        {"n": {"m": [{}, {"k": 1}]}},
        lambda f: f.inner("n").inners("m")[1].text("k"),
        r"file \[n.m 2\]: 'k' must be text, not 1",
    ),
    "short row": ({"n": [[1]]}, lambda f: f.rows("n", ("a", "b")), "must have 2 values in each"),
    "unknown": ({"coulor": 1}, lambda f: (f.text("colour", ""), f.finish()), "mean 'colour'?"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_named(case):
    value, read, words = WRONG[case]
    with pytest.raises(DataError, match=words) as caught:
        read(Fields(value, "file", DataError, "write it again"))
    assert str(caught.value).endswith(("; write it again", "?"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "file is damaged .*line 1, column 1: expecting value"),
        ("[1]", r"file must be a table of keys, not \[1\]"),
        ('{"a": 1, "a": 2}', "it has 'a' twice"),
        ("[" * 100_000, "nested too deeply"),
        ('{"a": ' + "9" * 5000 + "}", "file is damaged"),
        (b'{"a": "\xff"}', "it is not UTF-8 text"),
    ],
)
def test_damaged_json_is_named(text, words):
    with pytest.raises(StoreError, match=words):
        parse_json(text, "file", StoreError)


def test_a_byte_order_mark_is_left_out(tmp_path):
    path = tmp_path / "a.json"
    path.write_bytes(b'\xef\xbb\xbf{"a": 1}')
    assert read_json(path, DataError).whole("a") == 1


@pytest.mark.parametrize("text", ["a = 1\na = 2", "a = " + "9" * 5000, "a = " + "[" * 10_000])
def test_damaged_toml_is_named(tmp_path, text):
    path = tmp_path / "a.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BoardError, match=r"a\.toml is not valid TOML"):
        read_toml(path, BoardError)


# Who else parses such documents, and why.
OTHERS = {
    "data/importing/tables/from_json.py": "rows of a user's own keys, or a line each",
    "device/lines.py": "lines of any program, most of which are not JSON",
    "emulator/qmp.py": "a protocol, line by line",
    "emulator/runners/unicorn_board/__main__.py": "a program by itself, fed by tinyml alone",
    "install.py": "what pip noted, which may be anything",
}


def test_there_is_one_reader():
    package = resources.folder("firmware").parent / "tinyml"
    found = {
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if re.search(r"json\.loads?\(|cbor2\.loads?\(|tomllib\.", path.read_text())
    }
    assert found == {"documents.py", *OTHERS}


READERS = (
    lambda f: f.text("a"),
    lambda f: f.flag("a"),
    lambda f: f.whole("a"),
    lambda f: f.real("a"),
    lambda f: f.data("a"),
    lambda f: f.choice("a", ("x", "y")),
    lambda f: f.texts("a"),
    lambda f: f.wholes("a"),
    lambda f: f.reals("a"),
    lambda f: [inner.text("a") for inner in f.inners("a")],
    lambda f: [row.whole("b") for row in f.rows("a", ("b", "c"))],
    lambda f: f.row("a", ("b", "c")).text("b"),
    lambda f: f.inner("a").text("b"),
    lambda f: f.mapping("a"),
    lambda f: f.finish(),
)
scalars = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(max_size=8)
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from("abc"), inner)
)


@given(values)
def test_any_value_is_read_or_named(value):
    for read in READERS:
        try:
            read(Fields({"a": value}, "file", DataError))
        except DataError as error:
            assert str(error).startswith("file")


@given(st.binary(max_size=60))
def test_any_bytes_are_a_document_or_named(data):
    for parse in (parse_json, parse_cbor):
        try:
            parse(data, "file", DataError)
        except DataError as error:
            assert str(error).startswith("file")


documents = st.dictionaries(st.sampled_from("abcd"), values, max_size=4)


@given(documents, st.data())
def test_damaged_bytes_are_a_document_or_named(document, data):
    good = bytearray(cbor2.dumps(document))
    place = data.draw(st.integers(0, len(good) - 1))
    good[place] = data.draw(st.integers(0, 255))
    try:
        fields = parse_cbor(bytes(good), "file", DataError)
        for read in READERS:
            read(fields)
    except DataError as error:
        assert str(error).startswith("file")


@given(
    st.fixed_dictionaries(
        {
            "text": st.text(),
            "flag": st.booleans(),
            "whole": st.integers(0, 2**63 - 1),
            "real": st.floats(allow_nan=False, allow_infinity=False),
            "wholes": st.lists(st.integers(-(2**63), 2**63 - 1)),
            "texts": st.lists(st.text()),
        }
    )
)
def test_what_was_written_is_read(document):
    for fields in (
        parse_json(json.dumps(document), "file", DataError),
        parse_cbor(cbor2.dumps(document), "file", DataError),
    ):
        assert fields.text("text") == document["text"]
        assert fields.flag("flag") is document["flag"]
        assert fields.whole("whole") == document["whole"]
        assert fields.real("real") == document["real"]
        assert list(fields.wholes("wholes")) == document["wholes"]
        assert list(fields.texts("texts")) == document["texts"]
        fields.finish()
