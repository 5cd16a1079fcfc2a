"""SMP over console: messages as base64 lines that share a serial port with plain text.

The format is MCUmgr's (Zephyr documentation, "SMP over console"): a packet is length, message and
CRC-16/XMODEM, big endian; its base64 is cut into lines of at most 127 bytes, newline included.
"""

import base64
import binascii
import struct
from collections.abc import Callable, Iterator
from typing import Final

_FIRST: Final = b"\x06\x09"
_NEXT: Final = b"\x04\x14"
_LINE_BYTES: Final = 127  # newline included
_LINE_PAYLOAD_BYTES: Final = (_LINE_BYTES - len(_FIRST) - 1) // 4 * 3
_MAX_TEXT_BYTES: Final = 4096  # of a line of text that never ends

FRAME_OVERHEAD_BYTES: Final = 4  # length and CRC share the receiver's buffer with the message


def encode(message: bytes) -> bytes:
    """The lines that carry ``message``."""
    crc = struct.pack(">H", binascii.crc_hqx(message, 0))
    packet = struct.pack(">H", len(message) + len(crc)) + message + crc
    pieces = [
        packet[at : at + _LINE_PAYLOAD_BYTES] for at in range(0, len(packet), _LINE_PAYLOAD_BYTES)
    ]
    return b"".join(
        (_NEXT if index else _FIRST) + base64.b64encode(piece) + b"\n"
        for index, piece in enumerate(pieces)
    )


class Decoder:
    """Finds messages in a byte stream of any content.

    Damaged frames are dropped. Lines that are no frames go to ``on_text``, without their newline.
    """

    def __init__(self, on_text: Callable[[str], None] | None = None) -> None:
        self._on_text = on_text
        self._line = bytearray()
        self._packet: bytearray | None = None

    def put(self, data: bytes) -> Iterator[bytes]:
        """The messages that ``data`` completes."""
        self._line += data
        while (end := self._line.find(b"\n")) >= 0:
            line = bytes(self._line[:end])
            del self._line[: end + 1]
            message = self._take_line(line)
            if message is not None:
                yield message
        if len(self._line) > _MAX_TEXT_BYTES:
            self._say(bytes(self._line))
            self._line.clear()

    def _take_line(self, line: bytes) -> bytes | None:
        # A frame may begin behind noise that had no newline; its marks are no text.
        start = max(line.rfind(_FIRST), line.rfind(_NEXT))
        if start < 0:
            self._say(line)
            return None
        self._say(line[:start])
        if line.startswith(_FIRST, start):
            self._packet = bytearray()
        if self._packet is None:
            return None
        try:
            self._packet += base64.b64decode(line[start + 2 :].rstrip(b"\r"), validate=True)
        except binascii.Error:
            self._packet = None
            return None
        return self._finished()

    def _finished(self) -> bytes | None:
        assert self._packet is not None
        if len(self._packet) < 2:
            return None
        (announced,) = struct.unpack_from(">H", self._packet)
        body = bytes(self._packet[2:])
        if len(body) < announced:
            return None
        self._packet = None
        # The CRC of a message followed by its own CRC is 0.
        if len(body) > announced or announced < 2 or binascii.crc_hqx(body, 0) != 0:
            return None
        return body[:-2]

    def _say(self, text: bytes) -> None:
        if self._on_text is not None and text.strip():
            self._on_text(text.decode("utf-8", "replace").rstrip())
