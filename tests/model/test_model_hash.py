"""One name for a model's hash."""

from tinyml.model import model_hash


def test_it_is_the_beginning_of_the_sha256():
    assert model_hash("0123456789abcdef" * 4) == "0123456789abcdef"
