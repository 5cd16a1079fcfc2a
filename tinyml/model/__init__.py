"""What a model is to those who use it: its settings, and what its outputs mean."""

from tinyml.model.settings import METADATA_NAME, TASKS, ModelSettings, settings_of

__all__ = ["METADATA_NAME", "TASKS", "ModelSettings", "settings_of"]
