"""A model for other people's builds: plain C, TFLite Micro, and the ecosystems that carry them."""

from tinyml.export.engine import Engine
from tinyml.export.formats import FORMATS, export_model
from tinyml.export.source import Measured, Source

__all__ = ["FORMATS", "Engine", "Measured", "Source", "export_model"]
