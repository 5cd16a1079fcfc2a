"""Exports of Edge Impulse: acquisitions in JSON or CBOR, and info.labels.

The format is published: docs.edgeimpulse.com, "Data acquisition format" and "Edge Impulse labels".
Signatures are not checked: they need the key of who recorded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Final

import numpy as np

from tinyml.data.catalogue import Session
from tinyml.data.importing import sounds, times
from tinyml.data.importing.places import Source, is_part_folder
from tinyml.data.importing.recording import Floats, Options, Recording, same_rate
from tinyml.data.importing.spans import Labels
from tinyml.documents import Fields, is_whole, read_cbor, read_json
from tinyml.errors import DataError

_LABEL_FILES: Final = ("info.labels", "structured_labels.labels")
_PARTS: Final = {"training": "training", "testing": "test", "split": ""}
_LABELS: Final = "an Edge Impulse label file names files and their labels"
_ACQUISITION: Final = (
    "an Edge Impulse acquisition has a payload with interval_ms, sensors and values"
)
_YEAR_10000: Final = 253402300800  # in seconds since 1970
_SOUND_UNITS: Final = "wav"  # of an acquisition's microphone: 16-bit samples


def read_labels(paths: Sequence[Path]) -> dict[Path, Labels]:
    """Of each file that a label file in or below ``paths`` names, by its whole path."""
    found: dict[Path, Labels] = {}
    for file in sorted({file for path in paths for file in _label_files(path)}):
        fields = read_json(file, DataError, _LABELS)
        if "structuredLabels" in fields:
            structured = fields.inner("structuredLabels")
            known = {name: Labels(spans=_spans(structured, name)) for name in structured.unread()}
        else:
            known = {item.text("path"): _labels(item) for item in fields.inners("files", None)}
        for name, labels in known.items():
            path = (file.parent / name).resolve()
            before = found.get(path, Labels())
            found[path] = Labels(
                label=labels.label or before.label,
                spans=labels.spans or before.spans,
                part=labels.part or before.part,
                file=file if labels.spans else before.file,
            )
    return found


def _label_files(path: Path) -> Iterator[Path]:
    """In and below a folder, and beside what is a file or one part of an export."""
    beside = not path.is_dir() or is_part_folder(path)
    for name in _LABEL_FILES:
        if path.is_dir():
            yield from path.rglob(name)
        if beside and (path.parent / name).is_file():
            yield path.parent / name


def _labels(item: Fields) -> Labels:
    part = _PARTS.get(item.text("category", ""), "")
    if isinstance(item.raw("label", ""), str):
        return Labels(item.text("label", ""), part=part)
    label = item.inner("label")
    return Labels(label=label.text("label", ""), spans=_spans(label, "labels"), part=part)


def _spans(fields: Fields, key: str) -> tuple[tuple[float, float, str], ...]:
    return tuple(
        (span.real("startIndex"), span.real("endIndex"), span.text("label"))
        for span in fields.inners(key)
    )


def read_acquisition(source: Source, options: Options, session: Session) -> Recording:
    """One JSON or CBOR acquisition."""
    is_cbor = source.path.suffix.lower() == ".cbor"
    content = (read_cbor if is_cbor else read_json)(source.path, DataError, _ACQUISITION)
    payload = content.inner("payload")
    interval_ms = payload.real("interval_ms")
    sensors = [(s.text("name"), s.text("units", "")) for s in payload.inners("sensors", None)]
    values = _values(payload)
    made = content.inner("protected", optional=True).raw("iat", 0)
    device = payload.text("device_name", "") or payload.text("device_type", "")
    if values.ndim == 1:
        values = values.reshape(-1, max(len(sensors), 1))
    if values.ndim != 2 or values.shape[1] != len(sensors) or not len(values) or interval_ms <= 0:
        raise DataError(
            f"{source.path} has values {list(values.shape)} every {interval_ms:g} ms for "
            f"{len(sensors)} sensors; it is damaged or empty"
        )
    known = is_whole(made) and 0 < made < _YEAR_10000
    started = datetime.fromtimestamp(made, timezone.utc) if known else None
    session = replace(
        session,
        device=device,
        started=started.isoformat() if started else "",
    )
    return _recording(source, options, session, sensors, values, 1000 / interval_ms)


def _values(payload: Fields) -> Floats:
    try:
        return np.array(payload.items("values"), np.float64)
    except (TypeError, ValueError, OverflowError):
        raise payload.wrong("values", "must be rows with the same number of numbers") from None


def _recording(
    source: Source,
    options: Options,
    session: Session,
    sensors: list[tuple[str, str]],
    values: Floats,
    rate_hz: float,
) -> Recording:
    if options.rate_hz and not same_rate(rate_hz, options.rate_hz):
        raise DataError(
            f"{source.path} has {rate_hz:g} samples per second, but --rate says {options.rate_hz:g}"
        )
    if [unit for _, unit in sensors] == [_SOUND_UNITS]:
        sound = np.clip(np.round(values[:, 0]), -32768, 32767).astype(np.int16)
        rate = round(rate_hz)
        if options.resample_hz:
            sound, rate = sounds.resampled(sound, rate, options.resample_hz, source.path.name)
        return sounds.of_sound(str(source.path), source.name, sound, rate, session)
    if options.resample_hz:
        seconds = np.arange(len(values)) / rate_hz
        [(_, values, _)] = times.resampled(seconds, values, options.resample_hz, str(source.path))
        rate_hz = options.resample_hz
    units = {channel.name: channel.unit for channel in options.channels}
    chosen = [i for i, (name, _) in enumerate(sensors) if not units or name in units]
    return Recording(
        where=str(source.path),
        name=source.name,
        channels=tuple(sensors[i][0] for i in chosen),
        units=tuple(units.get(sensors[i][0]) or sensors[i][1] for i in chosen),
        rate_hz=rate_hz,
        values=values[:, chosen],
        targets=None,
        session=session,
    )
