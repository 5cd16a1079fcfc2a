"""TensorFlow, made quiet and reproducible before anything uses it."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import tempfile
import warnings
from collections.abc import Iterator
from typing import Any

from tinyml.errors import TrainingError
from tinyml.install import extra_command


def prepare(seed: int) -> Any:
    """The TensorFlow module, seeded, with deterministic kernels; TrainingError where it lacks."""
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"  # its sums depend on how work is spread over threads
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    with quiet():
        try:
            import keras
            import tensorflow
        except ImportError as error:
            raise TrainingError(
                f"training needs TensorFlow ({error}); to install it, type: "
                f"{extra_command('train')}"
            ) from error
        keras.backend.clear_session()
        keras.utils.set_random_seed(seed)
        tensorflow.config.experimental.enable_op_determinism()
    return tensorflow


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep what TensorFlow writes away from the user, unless it ends in an error.

    Its C++ messages bypass Python, so stderr's file descriptor itself is turned aside.
    """
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as aside:
        os.dup2(aside.fileno(), 2)
        try:
            with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                yield
        except Exception:
            aside.seek(0)
            os.write(kept, aside.read())
            raise
        finally:
            sys.stderr.flush()
            os.dup2(kept, 2)
            os.close(kept)
