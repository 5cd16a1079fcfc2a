"""Export for TensorFlow Lite Micro."""

from tinyml.export.tflm.arena import Abi, Kernels, arena_bytes
from tinyml.export.tflm.files import model_files, tflm_files
from tinyml.export.tflm.operators import resolver_method

__all__ = ["Abi", "Kernels", "arena_bytes", "model_files", "resolver_method", "tflm_files"]
