"""The template of an operator is one: its files alone make an operator that compiles and runs."""

import importlib
import re
import sys
from unittest.mock import patch

import numpy as np
import pytest

from tests.kernels.batch import check
from tests.kernels.makers import MAKERS, make
from tests.support.shared import ROOT
from tinyml.compiler.lower import base
from tinyml.export.tflm import resolver_method
from tinyml.graph.checks import operator_uses
from tinyml.graph.ops import FACTS, PREPARE

MODULES = ("tinyml.graph.ops.template", "tinyml.compiler.lower.template", "tests.kernels.template")
GUIDE = ROOT / "docs" / "adding-an-operator.md"
MOST_FILES = 7
CASES = 50


@pytest.fixture
def operator():
    """TEMPLATE as an operator, for one test."""
    registries = (FACTS, PREPARE, MAKERS, base._LOWER)
    with patch.dict(FACTS), patch.dict(PREPARE), patch.dict(MAKERS), patch.dict(base._LOWER):
        before = [len(registry) for registry in registries]
        for name in MODULES:
            sys.modules.pop(name, None)
            importlib.import_module(name)
        assert [len(registry) for registry in registries] == [number + 1 for number in before]
        yield


@pytest.mark.usefixtures("operator")
def test_the_template_equals_its_oracle(tmp_path):
    rng = np.random.default_rng(1)
    check([make("template", rng) for _ in range(CASES)], tmp_path)


@pytest.mark.usefixtures("operator")
def test_facts_of_the_template_reach_those_who_use_them():
    graph = make("template", np.random.default_rng(2)).graph
    (use,) = operator_uses(graph)
    assert use.supported
    assert resolver_method(graph.operators[0]) == "AddTemplate"


def test_the_toolkit_does_not_load_the_template():
    assert "TEMPLATE" not in FACTS
    assert "template" not in MAKERS


def test_the_guide_names_every_file():
    files = re.findall(r"^## \d+\. `([^`]+)`", GUIDE.read_text(), re.MULTILINE)
    assert 0 < len(files) <= MOST_FILES
    for file in files:
        template = file.replace("cases_<name>", "<name>").replace("<name>", "template")
        assert (ROOT / template).is_file(), file
