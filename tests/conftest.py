"""What holds for every test."""

import importlib
import os
import signal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.support import nodes
from tests.support.targets import DEBUGGERS
from tinyml.emulator.choice import VARIABLE

# A shell ignores Ctrl-C for what it starts in the background, and its children inherit that: tests
# that interrupt a program would wait for ever.
signal.signal(signal.SIGINT, signal.default_int_handler)


# How long something takes says nothing on a busy computer.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


@pytest.fixture(scope="session", autouse=True)
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of this run share."""
    base = tmp_path_factory.getbasetemp()
    place = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "images"
    place.mkdir(exist_ok=True)
    os.environ[nodes.IMAGES] = str(place)
    return place


@pytest.fixture
def few_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forests beside trained models that are quickly grown, where nobody looks at their figures."""
    monkeypatch.setattr(importlib.import_module("tinyml.judge.classical"), "_TREES", 10)


@pytest.fixture(autouse=True)
def emulator(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that a test's parameters name; see tests/support/targets.py."""
    chosen = request.node.get_closest_marker("on_emulator")
    if chosen is not None:
        asked = os.environ.get(VARIABLE)
        if asked and asked != chosen.args[0]:
            pytest.skip(f"{VARIABLE} asks for {asked}")
        # The others are each the only one of their boards.
        value = chosen.args[0] if chosen.args[0] in DEBUGGERS else ""
        monkeypatch.setenv(VARIABLE, value)
