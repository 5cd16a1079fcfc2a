"""WAV files of every kind that recorders and programs write, as 16-bit samples.

Sources: Microsoft and IBM, "Multimedia Programming Interface and Data Specifications 1.0" (RIFF);
Microsoft, "WAVEFORMATEXTENSIBLE"; EBU Tech 3306 (RF64); ITU-T G.711 (A-law and mu-law).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from tinyml.errors import DataError

Sound = npt.NDArray[np.int16]

_PCM: Final = 1
_FLOAT: Final = 3
_A_LAW: Final = 6
_MU_LAW: Final = 7
_EXTENSIBLE: Final = 0xFFFE
# What stands behind the format's number in the name of every extensible format that has a number.
_EXTENSIBLE_TAIL: Final = bytes.fromhex("000000001000800000aa00389b71")
_WIDTHS: Final = {_PCM: (1, 2, 3, 4), _FLOAT: (4, 8), _A_LAW: (1,), _MU_LAW: (1,)}
_LARGE: Final = (b"RF64", b"BW64")
# Programs that write to a pipe cannot come back to write the length; they leave one as large as
# can be. No sound below 4 GB is truly so long.
_STREAMED: Final = 0x7FFFF000
_UNSAID: Final = 0xFFFFFFFF
_LOUDEST: Final = 2.0  # of floats; beyond it full scale is not 1


@dataclass(frozen=True)
class Heard:
    """A sound file's samples ``[samples][channels]``, and what is worth telling of it."""

    samples: Sound
    rate_hz: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Format:
    tag: int
    channels: int
    rate_hz: int
    width: int  # bytes a sample

    @property
    def is_plain(self) -> bool:
        return self.width in _WIDTHS.get(self.tag, ())


@dataclass
class _Chunks:
    """What the chunks of a file say; ``data`` is the place of the samples."""

    format: _Format | None = None
    data: tuple[int, int] | None = None  # first byte, bytes by the header
    large: dict[bytes, int] = field(default_factory=dict)  # lengths that need 64 bits


def read_wav(path: Path, *, full_scale: float = 1.0, keep_cut: bool = False) -> Heard | None:
    """The sound in ``path``; None where its samples are compressed, so that a decoder is needed.

    Samples of 8, 24 or 32 bits and floats become 16 bits, rounded. ``full_scale`` is the float
    that is the loudest; beyond it samples are clipped. A header without the length, of a recorder
    that lost power or a program that wrote to a pipe, means all there is. Raises DataError where
    the file is damaged; also where it is shorter than it says, unless ``keep_cut``.
    """
    content = _content(path)
    chunks = _chunks(path, content)
    if chunks.format is None:
        raise DataError(f"{path} is not a complete WAV file: it ends before its format")
    if not chunks.format.is_plain:
        return None
    if chunks.data is None:
        raise DataError(f"{path} is not a complete WAV file: it ends before its samples")
    frame = chunks.format.channels * chunks.format.width
    octets, notes = _samples_of(path, content, chunks.data, frame, keep_cut=keep_cut)
    samples = _sixteen_bits(path, octets, chunks.format, full_scale)
    return Heard(samples.reshape(-1, chunks.format.channels), chunks.format.rate_hz, notes)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}") from error


def _chunks(path: Path, content: bytes) -> _Chunks:
    if not content.strip(b"\0"):
        # A recorder that reserves the file before it writes leaves this behind.
        raise DataError(f"{path} is empty: nothing was written to it; record it again")
    if content[:4] not in (b"RIFF", *_LARGE) or content[8:12] != b"WAVE":
        raise DataError(f"{path} is not a WAV file, which begins with RIFF and WAVE")
    found = _Chunks()
    for name, first, size in _walk(content, 12):
        body = content[first : first + size]
        if name == b"ds64" and len(body) >= 16:
            found.large[b"data"] = struct.unpack_from("<Q", body, 8)[0]
        elif name == b"fmt " and found.format is None:
            found.format = _format(path, body)
        elif name == b"data":
            found.data = (first, found.large.get(name, size) if size == _UNSAID else size)
            break
    return found


def _walk(content: bytes, at: int) -> Iterator[tuple[bytes, int, int]]:
    """Name, first byte and size of each chunk; those of an odd size have a byte behind them."""
    while at + 8 <= len(content):
        name, size = struct.unpack_from("<4sI", content, at)
        yield name, at + 8, size
        at += 8 + size + size % 2


def _format(path: Path, body: bytes) -> _Format:
    if len(body) < 16:
        raise DataError(f"{path} is not a whole WAV file: it ends in its header")
    tag, channels, rate_hz, _, block, bits = struct.unpack_from("<HHIIHH", body)
    if tag == _EXTENSIBLE and body[26:40] == _EXTENSIBLE_TAIL:
        (tag,) = struct.unpack_from("<H", body, 24)
    if not channels or not rate_hz:
        raise DataError(
            f"{path} is damaged: its header says {channels} channels and {rate_hz} "
            "samples per second"
        )
    # 12 bits stand in the upper part of two bytes: the block says how many there are.
    width = block // channels if tag == _PCM and block % channels == 0 else 0
    return _Format(tag, channels, rate_hz, width or (bits + 7) // 8)


def _samples_of(
    path: Path, content: bytes, place: tuple[int, int], frame: int, *, keep_cut: bool
) -> tuple[bytes, tuple[str, ...]]:
    """The bytes of whole samples, and notes."""
    first, size = place
    there = len(content) - first
    unsaid = size >= _STREAMED if size > there else size == 0 and not _is_whole(content, first)
    if unsaid:
        octets = content[first : first + there // frame * frame]
        note = (
            f"{path}: its header does not say the length; all {there // frame:,} samples are used"
        )
        return octets, (note,) if octets else ()
    if size <= there:
        return content[first : first + size // frame * frame], ()
    counts = f"its header says {size // frame:,} samples, but {there // frame:,} are there"
    if not keep_cut:
        raise DataError(
            f"{path} is incomplete: {counts}; copy or record it again, or give "
            "--keep-cut-sounds to use what is there"
        )
    return content[first : first + there // frame * frame], (f"{path}: {counts}",)


def _is_whole(content: bytes, at: int) -> bool:
    """Whether nothing or proper chunks follow, up to the end."""
    end = at
    for name, first, size in _walk(content, at):
        if not all(32 <= letter < 127 for letter in name):
            return False
        end = first + size + size % 2
    return end in (len(content), len(content) + 1)


def _sixteen_bits(path: Path, octets: bytes, form: _Format, full_scale: float) -> Sound:
    if form.tag == _FLOAT:
        return of_floats(path, np.frombuffer(octets, f"<f{form.width}"), full_scale)
    if form.tag in (_A_LAW, _MU_LAW):
        table = _a_law() if form.tag == _A_LAW else _mu_law()
        expanded: Sound = table[np.frombuffer(octets, np.uint8)]
        return expanded
    if form.width == 2:
        return np.frombuffer(octets, "<i2").astype(np.int16)
    if form.width == 1:
        # The only width whose samples have no sign.
        return ((np.frombuffer(octets, np.uint8).astype(np.int16) - 128) << 8).astype(np.int16)
    return _upper_bits(np.frombuffer(octets, np.uint8).reshape(-1, form.width))


def _upper_bits(octets: npt.NDArray[np.uint8]) -> Sound:
    """Whole numbers of 3 or 4 bytes, lowest first, as 16 bits, rounded."""
    width = octets.shape[1]
    whole = np.zeros(len(octets), np.int64)
    for number in range(width):
        whole |= octets[:, number].astype(np.int64) << (8 * number)
    whole -= (whole >> (8 * width - 1)) << (8 * width)
    lost = 8 * (width - 2)
    rounded: Sound = np.clip((whole + (1 << (lost - 1))) >> lost, -32768, 32767).astype(np.int16)
    return rounded


def of_floats(path: Path, floats: npt.NDArray[np.floating], full_scale: float = 1.0) -> Sound:
    """Samples from -``full_scale`` to ``full_scale`` as 16 bits, rounded; louder ones are clipped.

    Raises DataError where one is not a number, or so large that full scale must be another.
    """
    if not np.isfinite(floats).all():
        number = int(np.argmin(np.isfinite(floats)))
        raise DataError(
            f"{path} has a sample that is not finite, value {number + 1} of {len(floats):,}; "
            "export it again, or leave it out"
        )
    peak = float(np.abs(floats).max(initial=0.0))
    if peak > _LOUDEST * full_scale:
        raise DataError(
            f"{path} has floats up to {peak:g}, but full scale is {full_scale:g}; say "
            "what full scale is, for example --sound-full-scale 32768 if they were "
            "16-bit samples"
        )
    scaled = np.floor(floats.astype(np.float64) * (32768 / full_scale) + 0.5)
    sound: Sound = np.clip(scaled, -32768, 32767).astype(np.int16)
    return sound


def _a_law() -> Sound:
    """What each of the 256 codes of A-law stands for."""
    code = np.arange(256) ^ 0x55
    exponent, mantissa = (code >> 4) & 7, code & 15
    low = (mantissa << 4) + 8
    value = np.where(exponent == 0, low, (low + 256) << np.maximum(exponent - 1, 0))
    signed: Sound = np.where(code & 128, value, -value).astype(np.int16)
    return signed


def _mu_law() -> Sound:
    """What each of the 256 codes of mu-law stands for."""
    code = np.arange(256) ^ 0xFF
    exponent, mantissa = (code >> 4) & 7, code & 15
    value = (((mantissa << 3) + 132) << exponent) - 132
    signed: Sound = np.where(code & 128, -value, value).astype(np.int16)
    return signed
