"""What a model is to those who use it: its settings, and what its outputs mean."""

from tinyml.model.description import Description
from tinyml.model.hash import model_hash
from tinyml.model.meaning import Meaning, Result
from tinyml.model.settings import METADATA_NAME, ModelSettings, settings_of

__all__ = [
    "METADATA_NAME",
    "Description",
    "Meaning",
    "ModelSettings",
    "Result",
    "model_hash",
    "settings_of",
]
