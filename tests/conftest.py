"""What holds for every test."""

import importlib
import os
import signal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests import nodes

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
    os.environ[nodes.ROOM] = str(place)
    return place


@pytest.fixture
def few_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forests beside trained models that are quickly grown, where nobody looks at their figures."""
    monkeypatch.setattr(importlib.import_module("tinyml.train.classical"), "_TREES", 10)
