"""TFLite Micro and the ecosystems that carry it."""

from tinyml.export.tflm import tflm_files

__all__ = ["tflm_files"]
