"""What a node says of itself and its records, checked and typed (docs/LINK.md)."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from tinyml.device.record import DEVICE_ID_BYTES, MODEL_HASH_BYTES, Record

# Element types as in tml/model.h -> struct's letter.
_INTEGERS: Final = {2: "i", 3: "B", 4: "q", 7: "h", 9: "b"}
RECORDED_TYPES: Final = frozenset(_INTEGERS)  # of outputs that a record holds
_SHA256_BYTES: Final = 32
_MAX_UINT32: Final = 2**32 - 1
_MAX_UINT63: Final = 2**63 - 1  # what a database's integer holds


class WireError(Exception):
    """A value from a node that is not what docs/LINK.md promises; internal to this room."""


@dataclass(frozen=True)
class TensorInfo:
    """An input or output of the node's model."""

    dtype: int  # TFLite's number of the element type
    scale: float
    zero_point: int
    shape: tuple[int, ...]


@dataclass(frozen=True)
class NodeInfo:
    """What a node says of itself."""

    protocol: int
    version: str  # of the firmware
    device_id: str  # hex digits
    boot_id: int
    log_id: int  # of the log that counts the sequence numbers
    persistent: bool  # the log survives a reset
    simulated: bool  # no sensor measures its samples
    first_sequence: int  # oldest record kept; last_sequence + 1 where there is none
    last_sequence: int  # newest record; 0 where there was none yet
    monotonic_ms: int  # since boot
    wall_ms: int | None  # since 1970; None where it does not know
    model: str
    model_hash: str  # as in its records
    labels: int  # number of classes; 0 where it has none
    window: int  # samples that its front end takes; 0 where it has no front end
    channels: int  # of a sample; 0 where it has no front end
    feed_bytes: int  # of one feed
    inputs: tuple[TensorInfo, ...]
    outputs: tuple[TensorInfo, ...]

    @classmethod
    def from_wire(cls, answer: dict[str, Any]) -> "NodeInfo":
        """Check and build; WireError says what is wrong."""
        wall_ms = answer.get("wall_ms")
        return cls(
            protocol=_uint(answer.get("protocol"), "protocol"),
            version=_text(answer.get("version"), "version"),
            device_id=_bytes(answer.get("device_id"), "device_id", DEVICE_ID_BYTES).hex(),
            boot_id=_uint(answer.get("boot_id"), "boot_id"),
            log_id=_uint(answer.get("log_id"), "log_id"),
            persistent=answer.get("persistent") is True,
            simulated=answer.get("simulated") is True,
            first_sequence=_uint(answer.get("first_sequence"), "first_sequence"),
            last_sequence=_uint(answer.get("last_sequence"), "last_sequence"),
            monotonic_ms=_uint(answer.get("monotonic_ms"), "monotonic_ms", _MAX_UINT63),
            wall_ms=None if wall_ms is None else _uint(wall_ms, "wall_ms", _MAX_UINT63),
            model=_text(answer.get("model"), "model"),
            model_hash=_model_hash(answer.get("model_hash")),
            labels=_uint(answer.get("labels"), "labels"),
            window=_uint(answer.get("window"), "window"),
            channels=_uint(answer.get("channels"), "channels"),
            feed_bytes=_uint(answer.get("feed_bytes"), "feed_bytes"),
            inputs=_tensors(answer.get("inputs"), "inputs"),
            outputs=_tensors(answer.get("outputs"), "outputs"),
        )


def record_from_wire(value: Any, device_id: str) -> Record:
    """A record from ``[sequence, content]``; WireError says what is wrong."""
    sequence, content = _list(value, "record", 2)
    boot_id, monotonic_ms, wall_ms, tag, inference_us, model_hash, dtype, output = _list(
        content, "record content", 8
    )
    return Record(
        device_id=device_id,
        boot_id=_uint(boot_id, "boot_id"),
        sequence=_uint(sequence, "sequence"),
        monotonic_ms=_uint(monotonic_ms, "monotonic_ms", _MAX_UINT63),
        wall_time=None if wall_ms is None else _uint(wall_ms, "wall_ms", _MAX_UINT63) / 1000,
        model_hash=_bytes(model_hash, "model_hash", MODEL_HASH_BYTES).hex(),
        tag=None if tag is None else _uint(tag, "tag"),
        output=_elements(dtype, _bytes(output, "output")),
        inference_us=_uint(inference_us, "inference_us", _MAX_UINT63),
    )


def _model_hash(value: Any) -> str:
    """Earlier firmware sends all 32 bytes of the SHA-256."""
    digest = _bytes(value, "model_hash")
    if len(digest) not in (MODEL_HASH_BYTES, _SHA256_BYTES):
        raise WireError("has no good model_hash")
    return digest[:MODEL_HASH_BYTES].hex()


def _elements(dtype: Any, data: bytes) -> tuple[int, ...]:
    letter = _INTEGERS.get(dtype) if isinstance(dtype, int) else None
    if letter is None or len(data) % struct.calcsize(letter) != 0:
        raise WireError(f"has an output of element type {dtype!r} in {len(data)} bytes")
    return struct.unpack(f"<{len(data) // struct.calcsize(letter)}{letter}", data)


def _tensors(value: Any, name: str) -> tuple[TensorInfo, ...]:
    tensors = []
    for item in _list(value, name):
        dtype, scale, zero_point, shape = _list(item, name, 4)
        if not isinstance(scale, float) or not isinstance(zero_point, int):
            raise WireError(f"has bad {name}")
        sizes = tuple(_uint(size, name) for size in _list(shape, name))
        tensors.append(TensorInfo(_uint(dtype, name), scale, zero_point, sizes))
    return tuple(tensors)


def _uint(value: Any, name: str, maximum: int = _MAX_UINT32) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= maximum:
        raise WireError(f"has no good {name}")
    return value


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str):
        raise WireError(f"has no good {name}")
    return value


def _bytes(value: Any, name: str, size: int | None = None) -> bytes:
    if not isinstance(value, bytes) or size not in (None, len(value)):
        raise WireError(f"has no good {name}")
    return value


def _list(value: Any, name: str, size: int | None = None) -> Sequence[Any]:
    if not isinstance(value, list) or size not in (None, len(value)):
        raise WireError(f"has no good {name}")
    return value
