"""The short name by which nodes, records and stores know a model."""

from __future__ import annotations

from typing import Final

from tinyml.device.record import MODEL_HASH_BYTES

MODEL_HASH_DIGITS: Final = 2 * MODEL_HASH_BYTES


def model_hash(sha256: str) -> str:
    """The model's hash: the first digits of its .tflite's SHA-256, given in hexadecimal."""
    return sha256[:MODEL_HASH_DIGITS]
