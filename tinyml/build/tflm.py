"""Building on TensorFlow Lite Micro in the place of tinyml's engine: what the environment names.

TFLM is its tree, TFLM_LIB a library built of it (see firmware/exports/tflm/tflm.mk); with
TFLM_KERNELS=cmsis_nn where the library has CMSIS-NN's kernels.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from tinyml.errors import BuildError

CXX_FLAGS: Final = ("-std=gnu++17", "-fno-rtti", "-fno-exceptions", "-fno-threadsafe-statics")
_INTERPRETER: Final = Path("tensorflow", "lite", "micro", "micro_interpreter.h")
_DOWNLOADS: Final = Path("tensorflow", "lite", "micro", "tools", "make", "downloads")


def compile_flags() -> list[str]:
    """For every source; BuildError where the environment does not name a tree and a library."""
    tree = Path(os.environ.get("TFLM", ""))
    if not (tree / _INTERPRETER).is_file() or not Path(os.environ.get("TFLM_LIB", "")).is_file():
        raise BuildError(
            "set TFLM to the folder of TFLite Micro's sources and TFLM_LIB to the "
            "library built from them"
        )
    kernels = (
        "CMSIS_NN" if os.environ.get("TFLM_KERNELS") == "cmsis_nn" else "TML_TFLM_REFERENCE_KERNELS"
    )
    definitions = (
        "TF_LITE_STATIC_MEMORY", "TF_LITE_DISABLE_X86_NEON", "TF_LITE_STRIP_ERROR_STRINGS", kernels,
    )  # fmt: skip
    downloads = tree / _DOWNLOADS
    folders = (
        tree, downloads / "flatbuffers" / "include", downloads / "gemmlowp", downloads / "ruy",
    )  # fmt: skip
    headers = [part for folder in folders for part in ("-isystem", str(folder))]
    return [*headers, *(f"-D{name}" for name in definitions)]


def libraries() -> list[str]:
    """What is linked."""
    return [os.environ["TFLM_LIB"], "-lstdc++", "-lm"]
