"""Stretches of samples that stand in two parts of a data set: a model would be tested by them.

Two stretches are a copy where they are equal and say so much that chance cannot have made them so.
A sensor that stands still, or that knows two values, repeats itself; what a row says is therefore
counted in bits: the rarer its step from the row before is in all of the data, the more. Only a
stretch that says far more than it takes to single out a pair of places in the data is a copy, and
only one that fills a good part of a window: how a decoder fades out, or how a sensor wakes up, is
the same each time.

Each place is the beginning of the shortest stretch that says enough. Its length follows from the
samples alone, so equal samples give equal stretches, found by one sort of their hashes: the time
grows as the number of samples does, not with files times samples.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from tinyml.documents import read_json
from tinyml.errors import DataError, TinymlError
from tinyml.files import write_atomically

if TYPE_CHECKING:
    from tinyml.data.dataset import Series

Hashes = npt.NDArray[np.uint64]
Positions = npt.NDArray[np.int64]

_FEWEST_ROWS: Final = 16
_SHARE: Final = 8  # of a window a copy fills at least one in so many
# By chance alone a pair would be taken for a copy in one data set of 2^20. Twice the bits, because
# steps that follow each other are not independent and say less together than each by itself.
_MARGIN_BITS: Final = 20
_CAUTION: Final = 2
_UNIT: Final = 256  # of a bit, so that sums are exact
_STEP_BITS: Final = 20  # of the table that counts how often each step occurs
_MOST_MARKS: Final = 1 << 20  # of large data sets every 2nd, 4th, ... stretch is compared
_MIX: Final = np.uint64(0x9E3779B97F4A7C15)
_BASE: Final = 0xD1342543DE82EF95  # odd, so that it has an inverse modulo 2^64
_WORTH_KEEPING: Final = 1 << 20  # samples; below it searching is as fast as looking it up
_VERSION: Final = "1"  # raise it when other stretches are found


@dataclass(frozen=True)
class _Measure:
    """How long the stretches of a data set are, and how they are hashed."""

    bits: Positions  # that each step says, in units
    enough: int  # units
    fewest: int  # rows
    powers: Hashes
    inverses: Hashes
    thin: int  # of 2^thin stretches one is compared


@dataclass(frozen=True)
class _Marks:
    """The stretches of one piece that are compared."""

    piece: Series
    hashes: Hashes
    first: Positions
    end: Positions


def copies(
    pieces: Mapping[str, Sequence[Series]], window: int, cache: Path | None = None
) -> list[str]:
    """Stretches of one part whose samples stand in another part, too, in words.

    ``window`` is in samples. What was found in a large data set is kept in the folder ``cache`` by
    the samples' checksum.
    """
    rows = max(window // _SHARE, _FEWEST_ROWS)
    count = sum(len(piece.samples) for series in pieces.values() for piece in series)
    if cache is None or count < _WORTH_KEEPING:
        return _found(pieces, rows)
    kept = cache / f"copies-{_checksum(pieces, rows)}.json"
    with contextlib.suppress(DataError):  # it is not there yet, or damaged: found again
        return list(read_json(kept, DataError).texts("copies"))
    found = _found(pieces, rows)
    with contextlib.suppress(TinymlError):  # a cache that cannot be written costs time alone
        write_atomically(kept, json.dumps({"copies": found}))
    return found


def says_much(samples: npt.NDArray[np.float64]) -> bool:
    """Whether a recording ``[samples][channels]`` by itself says more than chance would repeat."""
    steps = np.diff(samples, axis=0)
    moving = steps[(np.nan_to_num(steps) != 0).any(axis=1)]
    kinds = len(np.unique(moving[: 1 << 16], axis=0))
    return bool(len(moving) * np.log2(max(kinds, 2)) >= _CAUTION * 2 * _MARGIN_BITS)


def _checksum(pieces: Mapping[str, Sequence[Series]], rows: int) -> str:
    digest = hashlib.blake2b(f"{_VERSION} {rows}".encode(), digest_size=16)
    for part, series in pieces.items():
        for piece in series:
            digest.update(f"|{part}|{piece.recording}|{piece.samples.shape}|".encode())
            digest.update(np.ascontiguousarray(piece.samples.astype("<i2", copy=False)).data)
    return digest.hexdigest()


def _found(pieces: Mapping[str, Sequence[Series]], rows: int) -> list[str]:
    marks = _marks(pieces, rows)
    found = []
    for (part, ours), (other, theirs) in combinations(marks.items(), 2):
        there = _sorted(theirs)
        for own in ours:
            twin = _twin(own, theirs, there)
            if twin is not None:
                found.append(
                    f"rows of '{own.piece.recording}' ({part}) are also in '{twin}' ({other})"
                )
    return found


def _sorted(marks: Sequence[_Marks]) -> tuple[Hashes, Positions, Positions]:
    """All hashes in order, with the number of the piece, and the place in it, of each."""
    if not marks:
        return np.zeros(0, np.uint64), np.zeros(0, np.int64), np.zeros(0, np.int64)
    hashes = np.concatenate([each.hashes for each in marks])
    owner = np.repeat(np.arange(len(marks)), [len(each.hashes) for each in marks])
    first = np.concatenate([each.first for each in marks])
    order = np.argsort(hashes, kind="stable")
    return hashes[order], owner[order], first[order]


def _twin(
    own: _Marks, theirs: Sequence[_Marks], there: tuple[Hashes, Positions, Positions]
) -> str | None:
    """The recording that has a stretch of this one, compared sample by sample."""
    hashes, owner, first = there
    place = np.minimum(np.searchsorted(hashes, own.hashes), max(len(hashes) - 1, 0))
    same = np.flatnonzero(hashes[place] == own.hashes) if len(hashes) else place[:0]
    for number in same.tolist():
        twin = theirs[int(owner[place[number]])].piece
        begin, end = int(own.first[number]), int(own.end[number])
        other = int(first[place[number]])
        stretch = own.piece.samples[begin:end]
        if np.array_equal(stretch, twin.samples[other : other + end - begin]):
            return twin.recording
    return None


def _marks(pieces: Mapping[str, Sequence[Series]], fewest: int) -> dict[str, list[_Marks]]:
    every = [piece for series in pieces.values() for piece in series]
    count = sum(len(piece.samples) for piece in every)
    if not count:
        return {}
    longest = max(len(piece.samples) for piece in every)
    measure = _Measure(
        bits=_bits_of_steps(every, count),
        enough=round(_UNIT * _CAUTION * (2 * np.log2(count) + _MARGIN_BITS)),
        fewest=fewest,
        powers=_powers(longest, _BASE),
        inverses=_powers(longest, pow(_BASE, -1, 1 << 64)),
        thin=max(int(np.ceil(np.log2(count / _MOST_MARKS))), 0),
    )
    return {part: [_marks_of(piece, measure) for piece in each] for part, each in pieces.items()}


def _rows(piece: Series) -> Hashes:
    """A number for each row, equal where its samples are; differences are numbers of steps."""
    rng = np.random.default_rng(1)
    factors = rng.integers(1, 2**63, piece.samples.shape[1], np.uint64) | np.uint64(1)
    rows: Hashes = (piece.samples.astype(np.int64).view(np.uint64) * factors).sum(
        axis=1, dtype=np.uint64
    )
    return rows


def _bins(steps: Hashes) -> Positions:
    """The place of each step in the table; 0 is for none."""
    mixed = ((steps * _MIX) >> np.uint64(64 - _STEP_BITS)).astype(np.int64)
    return np.where(steps == 0, 0, np.maximum(mixed, 1))


def _bits_of_steps(pieces: Sequence[Series], count: int) -> Positions:
    """What each step says, in units; nothing where a row is as the one before."""
    times = np.zeros(1 << _STEP_BITS, np.int64)
    for piece in pieces:
        times += np.bincount(_bins(np.diff(_rows(piece))), minlength=len(times))
    bits = np.round(_UNIT * np.log2(count / np.maximum(times, 1))).astype(np.int64)
    bits[0] = 0
    return bits


def _powers(count: int, base: int) -> Hashes:
    """The first powers of a number modulo 2^64."""
    factors = np.full(count + 1, np.uint64(base % (1 << 64)), np.uint64)
    factors[0] = 1
    powers: Hashes = np.multiply.accumulate(factors)
    return powers


def _marks_of(piece: Series, measure: _Measure) -> _Marks:
    rows = _rows(piece)
    count = len(rows)
    said = np.concatenate([[0], np.cumsum(measure.bits[_bins(np.diff(rows))])])
    last = np.searchsorted(said, said + measure.enough)
    end = np.maximum(last + 1, np.arange(count) + measure.fewest)
    first = np.flatnonzero(end <= count)
    end = end[first]
    terms = (rows * _MIX) * measure.powers[:count]
    sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(terms)])
    hashes = (sums[end] - sums[first]) * measure.inverses[first]
    hashes += (end - first).astype(np.uint64) * _MIX
    hashes ^= hashes >> np.uint64(29)
    if measure.thin:
        chosen = (hashes * _MIX) >> np.uint64(64 - measure.thin) == 0
        first, end, hashes = first[chosen], end[chosen], hashes[chosen]
    return _Marks(piece, hashes, first, end)
