"""Export for TensorFlow Lite Micro."""

from tinyml.export.tflm.arena import Abi, Kernels, arena_bytes
from tinyml.export.tflm.files import tflm_files
from tinyml.export.tflm.operators import resolver_method

__all__ = ["Abi", "Kernels", "arena_bytes", "resolver_method", "tflm_files"]
