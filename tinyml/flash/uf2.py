"""UF2: images as files of self-contained blocks, to be copied onto a drive.

Source: github.com/microsoft/uf2, the format's specification.
"""

from __future__ import annotations

import struct
from typing import Final

from tinyml.errors import FlashError

BLOCK_BYTES: Final = 512
PAYLOAD_BYTES: Final = 256
_MAGIC: Final = (0x0A324655, 0x9E5D5157)
_MAGIC_END: Final = 0x0AB16F30
_FAMILY_PRESENT: Final = 0x2000
_HEADER: Final = struct.Struct("<8I")
_DATA_BYTES: Final = 476


def encode(image: bytes, address: int, family: int) -> bytes:
    """An image for ``address`` as UF2; its last block is filled up with zeros.

    ValueError where the image is empty or the address is not that of a block.
    """
    if not image or address % PAYLOAD_BYTES:
        raise ValueError("a UF2 needs at least one byte, at an address that is a multiple of 256")
    count = -(-len(image) // PAYLOAD_BYTES)
    blocks = []
    for number in range(count):
        start = number * PAYLOAD_BYTES
        header = _HEADER.pack(
            *_MAGIC, _FAMILY_PRESENT, address + start, PAYLOAD_BYTES, number, count, family
        )
        data = image[start : start + PAYLOAD_BYTES].ljust(_DATA_BYTES, b"\0")
        blocks.append(header + data + struct.pack("<I", _MAGIC_END))
    return b"".join(blocks)


def decode(file: bytes, family: int) -> tuple[int, bytes]:
    """Address and content of a UF2, every block checked; FlashError names the first bad one."""
    if not file or len(file) % BLOCK_BYTES:
        raise FlashError(
            f"this UF2 has {len(file)} bytes, which is not a whole number of blocks: it "
            "is incomplete"
        )
    total = len(file) // BLOCK_BYTES
    content = bytearray()
    first = 0
    for number in range(total):
        block = file[number * BLOCK_BYTES : (number + 1) * BLOCK_BYTES]
        *magic, flags, address, size, index, count, kind = _HEADER.unpack_from(block)
        end = struct.unpack_from("<I", block, BLOCK_BYTES - 4)[0]
        first = first if number else address
        expected = {
            "magic numbers": (*magic, end) == (*_MAGIC, _MAGIC_END),
            "flags": flags == _FAMILY_PRESENT,
            "number": (index, count) == (number, total),
            "family": kind == family,
            "size": size == PAYLOAD_BYTES,
            "address": address == first + number * PAYLOAD_BYTES,
        }
        wrong = [name for name, right in expected.items() if not right]
        if wrong:
            raise FlashError(f"block {number} of this UF2 has a wrong {wrong[0]}; build it again")
        content += block[_HEADER.size : _HEADER.size + PAYLOAD_BYTES]
    return first, bytes(content)
