"""Recorded data that tests use where present: models by others, TFLite Micro's outputs."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
REFERENCE_MODELS = ("kws", "ad", "hello", "lstm")


def shared_models() -> Path:
    """The folder with kws.tflite and the like; skips where it is absent."""
    given = os.environ.get("TINYML_REFERENCE_MODELS")
    folder = Path(given) if given else ROOT.parent / "shared" / "models"
    if not folder.is_dir():
        pytest.skip("no reference models: set TINYML_REFERENCE_MODELS to their folder")
    return folder
