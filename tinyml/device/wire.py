"""What a node says of itself and its records, checked and typed (docs/LINK.md)."""

import struct
from dataclasses import dataclass
from typing import Final

from tinyml.device.event import Event
from tinyml.device.record import DEVICE_ID_BYTES, MODEL_HASH_BYTES, Record
from tinyml.documents import Fields, is_whole

# Element types as in tml/model.h -> struct's letter.
_INTEGERS: Final = {2: "i", 3: "B", 4: "q", 7: "h", 9: "b"}
RECORDED_TYPES: Final = frozenset(_INTEGERS)  # of outputs that a record holds
_SHA256_BYTES: Final = 32
_MAX_UINT32: Final = 2**32 - 1
# What a record is: its number and its content, each a list.
RECORD_FIELDS: Final = ("sequence", "content")
CONTENT_FIELDS: Final = (
    "boot_id", "monotonic_ms", "wall_ms", "tag", "inference_us", "model_hash", "dtype", "output",
)  # fmt: skip
EVENT_FIELDS: Final = ("boot_id", "monotonic_ms", "wall_ms", "kind", "values")
INPUTS_A_CHANNEL: Final = 3  # least, mean, greatest
_MOST_VALUES: Final = 256  # of an event


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
    # Microseconds between two samples of its own sensor; 0 where it has none, or does not say.
    sample_period_us: int
    missed_samples: int  # since boot, that it did not read in time
    failed_readings: int  # since boot, that its sensor did not give
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
    def read(cls, answer: Fields) -> "NodeInfo":
        """Check and build; the error of ``answer`` says what is wrong."""
        return cls(
            protocol=answer.whole("protocol"),
            version=answer.text("version"),
            device_id=answer.data("device_id", DEVICE_ID_BYTES).hex(),
            boot_id=_uint32(answer, "boot_id"),
            log_id=_uint32(answer, "log_id"),
            persistent=answer.flag("persistent", False),
            simulated=answer.flag("simulated", False),
            sample_period_us=answer.whole("sample_period_us", 0),
            missed_samples=answer.whole("missed_samples", 0),
            failed_readings=answer.whole("failed_readings", 0),
            first_sequence=_uint32(answer, "first_sequence"),
            last_sequence=_uint32(answer, "last_sequence"),
            monotonic_ms=answer.whole("monotonic_ms"),
            wall_ms=answer.whole("wall_ms") if "wall_ms" in answer else None,
            model=answer.text("model"),
            model_hash=_model_hash(answer),
            labels=_uint32(answer, "labels"),
            window=_uint32(answer, "window"),
            channels=_uint32(answer, "channels"),
            feed_bytes=_uint32(answer, "feed_bytes"),
            inputs=_tensors(answer, "inputs"),
            outputs=_tensors(answer, "outputs"),
        )


def read_record(row: Fields, device_id: str) -> Record:
    """A record from its RECORD_FIELDS; the error of ``row`` says what is wrong."""
    longer = len(row.items("content")) == len(CONTENT_FIELDS) + 1
    content = row.row("content", (*CONTENT_FIELDS, "inputs") if longer else CONTENT_FIELDS)
    inputs = content.wholes("inputs", [], low=-(2**15), high=2**15 - 1)
    if len(inputs) % INPUTS_A_CHANNEL:
        raise content.wrong("inputs", f"must be {INPUTS_A_CHANNEL} numbers a channel")
    return Record(
        device_id=device_id,
        boot_id=_uint32(content, "boot_id"),
        sequence=_uint32(row, "sequence"),
        monotonic_ms=content.whole("monotonic_ms"),
        wall_time=content.whole("wall_ms") / 1000 if "wall_ms" in content else None,
        model_hash=content.data("model_hash", MODEL_HASH_BYTES).hex(),
        tag=_uint32(content, "tag") if "tag" in content else None,
        output=_elements(content),
        inference_us=content.whole("inference_us"),
        inputs=inputs,
    )


def read_entry(row: Fields, device_id: str) -> Record | Event:
    """A record or an event from its RECORD_FIELDS: an event is shorter."""
    if len(row.items("content")) != len(EVENT_FIELDS):
        return read_record(row, device_id)
    content = row.row("content", EVENT_FIELDS)
    *values, last = content.items("values") or [b""]
    data = last if isinstance(last, bytes) else b""
    values += [] if isinstance(last, bytes) else [last]
    if len(values) > _MOST_VALUES or not all(
        is_whole(value) and -(2**31) <= value < 2**32 for value in values
    ):
        raise content.wrong("values", "must be whole numbers of 32 bits, then perhaps bytes")
    return Event(
        device_id=device_id,
        boot_id=_uint32(content, "boot_id"),
        sequence=_uint32(row, "sequence"),
        monotonic_ms=content.whole("monotonic_ms"),
        wall_time=content.whole("wall_ms") / 1000 if "wall_ms" in content else None,
        kind=content.whole("kind", high=255),
        values=tuple(values),
        data=data,
    )


def _model_hash(answer: Fields) -> str:
    """Earlier firmware sends all 32 bytes of the SHA-256."""
    digest = answer.data("model_hash")
    if len(digest) not in (MODEL_HASH_BYTES, _SHA256_BYTES):
        raise answer.wrong("model_hash", f"must be {MODEL_HASH_BYTES} bytes")
    return digest[:MODEL_HASH_BYTES].hex()


def _elements(content: Fields) -> tuple[int, ...]:
    letter, data = _INTEGERS.get(content.whole("dtype")), content.data("output")
    if letter is None:
        raise content.wrong("dtype", "must be the element type of whole numbers")
    if len(data) % struct.calcsize(letter) != 0:
        raise content.wrong("output", f"must be elements of {struct.calcsize(letter)} bytes")
    return struct.unpack(f"<{len(data) // struct.calcsize(letter)}{letter}", data)


def _tensors(answer: Fields, key: str) -> tuple[TensorInfo, ...]:
    return tuple(
        TensorInfo(
            dtype=_uint32(tensor, "dtype"),
            scale=tensor.real("scale"),
            zero_point=tensor.whole("zero_point", low=-(2**31), high=2**31 - 1),
            shape=tensor.wholes("shape", low=0, high=_MAX_UINT32),
        )
        for tensor in answer.rows(key, ("dtype", "scale", "zero_point", "shape"))
    )


def _uint32(fields: Fields, key: str) -> int:
    return fields.whole(key, high=_MAX_UINT32)
