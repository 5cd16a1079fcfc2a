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
from collections.abc import Iterable, Mapping, Sequence
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
_CONTEXT: Final = 4  # steps that are looked at before each one
_DOUBT: Final = 64  # places that what is usual in all of the data weighs as much as
_MOST_WITH_CONTEXT: Final = 1 << 22  # samples, which fill the tables
_MOST_MARKS: Final = 1 << 20  # of large data sets every 2nd, 4th, ... stretch is compared
_MIX: Final = np.uint64(0x9E3779B97F4A7C15)
_BASE: Final = 0xD1342543DE82EF95  # odd, so that it has an inverse modulo 2^64
_WORTH_KEEPING: Final = 1 << 20  # samples; below it searching is as fast as looking it up
_VERSION: Final = "2"  # raise it when other stretches are found


@dataclass(frozen=True)
class _Counts:
    """How often steps occur in all of the data, by tables of their hashes."""

    total: int
    steps: Positions
    contexts: Positions | None  # the steps before a step; None where the data are too many
    pairs: Positions | None  # those with the step


@dataclass(frozen=True)
class _Measure:
    """How long the stretches of a data set are, and how they are hashed."""

    counts: _Counts
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
        counts=_count(every, count),
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
    rows = np.zeros(len(piece.samples), np.uint64)
    for column, factor in zip(piece.samples.T, factors, strict=True):
        rows += column.astype(np.int64).view(np.uint64) * factor
    return rows


def _bins(steps: Hashes) -> Positions:
    """The place of each step in the table; 0 is for none."""
    mixed = ((steps * _MIX) >> np.uint64(64 - _STEP_BITS)).astype(np.int64)
    return np.where(steps == 0, 0, np.maximum(mixed, 1))


def _count(pieces: Sequence[Series], count: int) -> _Counts:
    return _Counts(
        total=count,
        steps=_times(_bins(_steps(piece)) for piece in pieces),
        contexts=None if count > _MOST_WITH_CONTEXT else _times(map(_contexts, pieces)),
        pairs=None if count > _MOST_WITH_CONTEXT else _times(map(_pairs, pieces)),
    )


def _times(places: Iterable[Positions]) -> Positions:
    """How often each place of a table occurs; many short pieces are counted together."""
    times = np.zeros(1 << _STEP_BITS, np.int64)
    waiting: list[Positions] = []
    for place in places:
        waiting.append(place)
        if sum(map(len, waiting)) >= len(times):
            times += np.bincount(np.concatenate(waiting), minlength=len(times))
            waiting.clear()
    if waiting:
        times += np.bincount(np.concatenate(waiting), minlength=len(times))
    return times


def _steps(piece: Series) -> Hashes:
    return np.diff(_rows(piece))


def _contexts(piece: Series) -> Positions:
    """The place of the steps before each one, behind the first few."""
    return _bins(_of_context(_steps(piece)))


def _pairs(piece: Series) -> Positions:
    """The place of each step together with those before it."""
    steps = _steps(piece)
    return _bins(_of_context(steps) * _MIX + steps[_CONTEXT:])


def _of_context(steps: Hashes) -> Hashes:
    found = np.ones(max(len(steps) - _CONTEXT, 0), np.uint64)
    for number in range(_CONTEXT):
        found = found * np.uint64(_BASE) + steps[number : number + len(found)]
        found ^= found >> np.uint64(31)
    return found


def _bits(piece: Series, counts: _Counts) -> Positions:
    """What each step says, in units, nothing where a row is as the one before.

    A step says little where it usually follows those before it, too. The chance that it does is
    taken from all other places with the same steps before; few such places count for less than how
    often the step occurs at all.
    """
    steps = _steps(piece)
    chance = np.maximum(counts.steps[_bins(steps)], 1) / counts.total
    if counts.contexts is not None and counts.pairs is not None and len(steps) > _CONTEXT:
        others = counts.contexts[_contexts(piece)] - 1
        alike = counts.pairs[_pairs(piece)] - 1
        chance[_CONTEXT:] = (alike + _DOUBT * chance[_CONTEXT:]) / (others + _DOUBT)
    bits: Positions = np.round(_UNIT * np.log2(1 / np.minimum(chance, 1))).astype(np.int64)
    bits[steps == 0] = 0
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
    said = np.concatenate([[0], np.cumsum(_bits(piece, measure.counts))])
    # What the first steps say depends on rows before the stretch, so that they do not count.
    begun = said[np.minimum(np.arange(count) + _CONTEXT, count - 1)]
    last = np.searchsorted(said, begun + measure.enough)
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
