"""One's own files as recordings: CSV, Parquet, sounds, and exports of Edge Impulse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tinyml.data.catalogue import Session
from tinyml.data.importing import edge_impulse
from tinyml.data.importing.places import (
    ACQUISITIONS,
    SOUNDS,
    Source,
    labels_by_path,
    session_of,
    sources,
)
from tinyml.data.importing.recording import Options, Recording, Wanted
from tinyml.data.importing.sounds import read_recorded_sound
from tinyml.data.importing.tables import read_table
from tinyml.progress import Progress, silent

__all__ = ["Options", "Recording", "Wanted", "read_recordings"]


def read_recordings(
    paths: Sequence[Path], options: Options, progress: Progress = silent
) -> list[Recording]:
    """The recordings in files and folders; DataError names the file that is wrong, and where."""
    found = sources(paths)
    known = edge_impulse.read_labels(list(paths))
    by_path = [""] * len(found)
    if not (options.label or options.target):
        exported = bool(known) or all(source.kind in ACQUISITIONS for source in found)
        by_path = labels_by_path(found, options.label_from or ("name" if exported else ""))
    recordings = []
    for number, (source, label) in enumerate(zip(found, by_path, strict=True), 1):
        told = known.get(source.path.resolve(), edge_impulse.Labels())
        session = session_of(source, options, told.label or label)
        session = replace(session, part=told.part or session.part)
        for recording in _read(source, options, session):
            spanned = edge_impulse.with_spans(recording, told) if told.spans else recording
            recordings.append(spanned)
        progress("import", number, len(found))
    return recordings


def _read(source: Source, options: Options, session: Session) -> list[Recording]:
    if source.kind in SOUNDS:
        return [read_recorded_sound(source, options, session)]
    if source.kind in ACQUISITIONS:
        return [edge_impulse.read_acquisition(source, options, session)]
    return read_table(source, options, session)
