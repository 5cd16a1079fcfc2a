"""One result of a node, as it travels from the node's log to the store and the report."""

from dataclasses import dataclass
from typing import Final

MODEL_HASH_BYTES: Final = 8  # of the .tflite's SHA-256, the first; TML_HASH_BYTES in tml/model.h
DEVICE_ID_BYTES: Final = 8  # of a board's own number; TML_DEVICE_ID_BYTES in tml/port.h

# With it begin the numbers of emulated boards ("emul"): one real number in 2^32 would.
EMULATED_NUMBER: Final = b"emul"


def is_emulated(device_id: str) -> bool:
    """Whether a node's ``device_id`` is an emulated board's."""
    return device_id.startswith(EMULATED_NUMBER.hex())


@dataclass(frozen=True)
class Record:
    """One inference of one node. (``device_id``, ``boot_id``, ``sequence``) is unique."""

    device_id: str  # lower-case hex digits, the board's own number
    boot_id: int  # uint32, another at every boot
    sequence: int  # uint32, counts from 1 within the node's log, over boots where the log survives
    monotonic_ms: int  # uint64, since that boot
    wall_time: float | None  # seconds since 1970, UTC; None where nobody told the node the time
    model_hash: str  # 2 * MODEL_HASH_BYTES hex digits
    tag: int | None  # uint32, chosen by whoever fed the samples
    output: tuple[int, ...]  # the model's raw output integers
    inference_us: int  # time of one inference on the board
    # Least, mean and greatest count of each channel of the window, one channel after another; empty
    # where the node was not asked for them.
    inputs: tuple[int, ...] = ()
