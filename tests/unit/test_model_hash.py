"""One name and one length for a model's hash, in C and in Python."""

import re

from tests.shared import ROOT
from tinyml.device.record import MODEL_HASH_BYTES
from tinyml.model import model_hash


def test_c_and_python_agree_on_its_length():
    header = (ROOT / "firmware" / "include" / "tml" / "model.h").read_text()
    (size,) = re.findall(r"#define TML_HASH_BYTES (\d+)u", header)
    assert int(size) == MODEL_HASH_BYTES


def test_it_is_the_beginning_of_the_sha256():
    assert model_hash("0123456789abcdef" * 4) == "0123456789abcdef"
