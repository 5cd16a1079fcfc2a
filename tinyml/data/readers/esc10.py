"""esc10: 400 sounds of five seconds in ten classes and five official folds."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np

from tinyml.data.audio import read_sound, resample
from tinyml.data.catalogue import Entry
from tinyml.data.dataset import Dataset, Part
from tinyml.data.fetch import cache_folder
from tinyml.data.wav import Sound
from tinyml.errors import DataError
from tinyml.files import write_atomically

_DECODER: Final = 1  # raise it when samples come out differently


def read(entry: Entry, files: Mapping[str, Path], fold: int) -> Dataset:
    """Test on ``fold``, validate on the next one, train on the other three.

    Takes of one recording are always in one fold. Clips are cut or padded with silence to one
    window; padding is in the originals, too.
    """
    names = sorted(name for name in files if name.endswith(".ogg"))
    clips = _clips(entry, [files[name] for name in names])
    parts: dict[str, list[int]] = {"training": [], "validation": [], "test": []}
    next_fold = fold % entry.folds + 1
    for index, name in enumerate(names):
        own = _fold_of(name)
        part = "test" if own == fold else "validation" if own == next_fold else "training"
        parts[part].append(index)
    targets = np.array([int(name[:3]) - 1 for name in names], np.int64)
    recordings = np.array([name.rpartition("/")[2].rpartition("-")[0] for name in names])
    groups = np.array([f"fold {_fold_of(name)}" for name in names])
    spans = _spans(recordings, entry.window)
    return Dataset(
        entry,
        *(
            Part(clips[i], targets[i], groups[i], recordings[i], spans[i])
            for i in map(np.array, parts.values())
        ),
        fold=fold,
    )


def _fold_of(name: str) -> int:
    return int(name.rpartition("/")[2][0])


def _spans(recordings: np.ndarray, window: int) -> np.ndarray:
    """Takes of one recording, one after the other: how they overlap was not published."""
    take = np.zeros(len(recordings), np.int64)
    for name in np.unique(recordings):
        same = np.flatnonzero(recordings == name)
        take[same] = np.arange(len(same))
    return np.stack([take * window, (take + 1) * window - 1], axis=-1)


def _clips(entry: Entry, paths: list[Path]) -> Sound:
    """All clips, ``[n][window][1]``; decoded once and kept."""
    key = "".join(file.sha256 for file in entry.files) + f"{entry.window} {_DECODER}"
    kept = cache_folder() / entry.name / f"clips-{hashlib.sha256(key.encode()).hexdigest()[:16]}"
    shape = (len(paths), entry.window, 1)
    if kept.is_file() and kept.stat().st_size == 2 * shape[0] * shape[1]:
        return np.fromfile(kept, "<i2").reshape(shape).astype(np.int16)
    clips = np.zeros(shape, np.int16)
    for number, path in enumerate(paths):
        samples, rate_hz = read_sound(path, wraps=True)  # 2,402 of all samples are that loud
        wanted_hz = int(entry.sample_rate_hz)
        if rate_hz < wanted_hz:
            raise DataError(
                f"{path} has {rate_hz} samples per second, but at least {wanted_hz} are needed"
            )
        clip = resample(samples, rate_hz, wanted_hz)[: entry.window]
        clips[number, : len(clip), 0] = clip
    write_atomically(kept, clips.astype("<i2").tobytes())
    return clips
