"""A model's settings in its metadata: what was written is read, what is damaged is named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinyml.errors import InvalidModelError
from tinyml.graph import load
from tinyml.model import ModelSettings
from tinyml.resources import folder

ZOO = sorted(path.parent.name for path in folder("models").glob("*/model.tflite"))
PUMP = load(folder("models") / "pump-simulated" / "model.tflite").metadata["tinyml"]


@pytest.mark.parametrize("name", ZOO)
def test_what_was_written_is_read(name):
    stored = load(folder("models") / name / "model.tflite").metadata["tinyml"]
    settings = ModelSettings.from_bytes(stored)
    assert ModelSettings.from_bytes(settings.to_bytes()) == settings


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (b'"fold":0', b'"fold":false', "'fold' must be a whole number, not False; train the model"),
        (b'"schema":1', b'"schema":2', "metadata has the schema 2, which this version cannot read"),
        (b'"task":"', b'"task":"a', "did you mean 'classification'"),
        (
            b'"target_scale":1.0',
            b'"target_scale":Infinity',
            "'target_scale' must be a finite number",
        ),
        (b'"channel_units":[', b'"channel_units":["a",', "one entry for each of 3 channels"),
        (b'"bands":[', b'"bands":[null,', "metadata is damaged: the front end: 'bands' is damaged"),
        (b'"kind":"spectral"', b'"kind":"x"', "'x' is not a front end"),
    ],
)
def test_what_is_wrong_is_named(old, new, words):
    assert old in PUMP
    with pytest.raises(InvalidModelError, match=words):
        ModelSettings.from_bytes(PUMP.replace(old, new, 1))


@given(st.data())
def test_any_damage_is_read_or_named(drawn):
    content = bytearray(PUMP)
    for _ in range(drawn.draw(st.integers(1, 3))):
        place = drawn.draw(st.integers(0, len(content) - 1))
        content[place : place + drawn.draw(st.integers(1, 3))] = drawn.draw(st.binary(max_size=2))
    try:
        settings = ModelSettings.from_bytes(bytes(content))
        assert ModelSettings.from_bytes(settings.to_bytes()) == settings
    except InvalidModelError as error:
        assert str(error).startswith("the model's tinyml metadata")
