"""One's own files as recordings: CSV, Parquet, sounds, and exports of Edge Impulse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from tinyml.data.catalogue import Session
from tinyml.data.importing import edge_impulse, label_tracks, profile
from tinyml.data.importing.places import (
    ACQUISITIONS,
    SOUNDS,
    Source,
    labels_by_path,
    session_of,
    sources,
)
from tinyml.data.importing.recording import Options, Recording, Wanted, without
from tinyml.data.importing.sounds import read_recorded_sound
from tinyml.data.importing.spans import MILLISECONDS, Labels, Spanned, with_classes
from tinyml.data.importing.table_recordings import is_table, read_table
from tinyml.data.importing.tables import Understanding
from tinyml.progress import Progress, silent

__all__ = ["Options", "Recording", "Wanted", "read_recordings", "understandings"]


def read_recordings(
    paths: Sequence[Path], options: Options, progress: Progress = silent
) -> list[Recording]:
    """The recordings in files and folders; DataError names the file that is wrong, and where."""
    found, tracks = label_tracks.read_label_tracks(sources(paths), options)
    known = {**edge_impulse.read_labels(paths), **tracks}
    by_path = [""] * len(found)
    if not (options.label or options.target):
        exported = bool(known) or all(_is_acquisition(source, options) for source in found)
        by_path = labels_by_path(found, options.label_from or ("name" if exported else ""))
    recordings: list[Recording | Spanned] = []
    for number, (source, label) in enumerate(zip(found, by_path, strict=True), 1):
        told = known.get(source.path.resolve(), Labels())
        session = session_of(source, options, told.label or label)
        session = replace(session, part=told.part or session.part)
        for recording in _read(source, options, session):
            recordings.append(_spanned(recording, told, source, options))
        progress("import", number, len(found))
    units = {labels.file: MILLISECONDS for labels in tracks.values()}
    return without(_with_classes(recordings, options.spans, units), options.left_out)


def _spanned(
    recording: Recording, told: Labels, source: Source, options: Options
) -> Recording | Spanned:
    """With what the labels say of its stretches, if anything."""
    if not told.spans:
        return recording
    original = recording
    if options.resample_hz:  # spans may count the samples that were there before
        [original, *_] = _read(source, replace(options, resample_hz=0.0), recording.session)
    return Spanned(recording, told, len(original.values), original.rate_hz)


def _with_classes(
    recordings: Sequence[Recording | Spanned], unit: str, known: Mapping[Path, str]
) -> list[Recording]:
    """With the classes of their spans, in ``unit`` but where the unit of a file is ``known``."""
    files: dict[Path, list[Spanned]] = {}
    for recording in recordings:
        if isinstance(recording, Spanned):
            files.setdefault(recording.labels.file, []).append(recording)
    found = {f: iter(with_classes(each, known.get(f, unit))) for f, each in files.items()}
    return [
        next(found[recording.labels.file]) if isinstance(recording, Spanned) else recording
        for recording in recordings
    ]


def understandings(recordings: Sequence[Recording]) -> list[Understanding]:
    """What was understood of each table file, once each."""
    found = {id(r.understood): r.understood for r in recordings if r.understood is not None}
    return list(found.values())


def _read(source: Source, options: Options, session: Session) -> list[Recording]:
    if source.kind in SOUNDS:
        return [read_recorded_sound(source, options, session)]
    if _is_acquisition(source, options):
        return [edge_impulse.read_acquisition(source, options, session)]
    return read_table(source, options, session)


def _is_acquisition(source: Source, options: Options) -> bool:
    if options.profile and profile.profile(options.profile).kind == "acquisition":
        return True
    return source.kind in ACQUISITIONS and not (source.kind == ".json" and is_table(source))
