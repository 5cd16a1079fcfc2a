"""Reading and writing the .npy files that commands take."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np

from tinyml.errors import ModelError
from tinyml.files import write_atomically
from tinyml.graph.ir import Array


def read_array(path: Path) -> Array:
    """The array of a .npy; ModelError, in a sentence, where it is none."""
    try:
        array = np.load(path, allow_pickle=False)
    except OSError as error:
        reason = error.strerror or "not a .npy file"
        raise ModelError(f"{path} cannot be read: {reason}") from error
    except (ValueError, EOFError) as error:
        raise ModelError(f"{path} is not a .npy file; write one with numpy.save") from error
    if not isinstance(array, np.ndarray):
        raise ModelError(f"{path} holds several arrays (.npz); give one .npy file for each input")
    if array.ndim == 0:
        raise ModelError(f"{path} holds a single number; give an array with the batch on axis 0")
    return array


def write_array(path: Path, array: Array) -> None:
    """Write a .npy, complete or not at all."""
    buffer = io.BytesIO()
    np.save(buffer, array)
    write_atomically(path, buffer.getvalue())
