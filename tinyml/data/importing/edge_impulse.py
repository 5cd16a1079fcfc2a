"""Exports of Edge Impulse: acquisitions in JSON or CBOR, and info.labels.

The format is published: docs.edgeimpulse.com, "Data acquisition format" and "Edge Impulse labels".
Signatures are not checked: they need the key of who recorded.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Final

import cbor2
import numpy as np

from tinyml.data.catalogue import Session
from tinyml.data.importing import sounds, times
from tinyml.data.importing.places import Source
from tinyml.data.importing.recording import Floats, Options, Recording, same_rate
from tinyml.errors import DataError
from tinyml.malformed import in_words

_LABEL_FILES: Final = ("info.labels", "structured_labels.labels")
_PARTS: Final = {"training": "training", "testing": "test", "split": ""}
_SOUND_UNITS: Final = "wav"  # of an acquisition's microphone: 16-bit samples


@dataclass(frozen=True)
class Labels:
    """What an info.labels says of one file."""

    label: str = ""
    spans: tuple[tuple[float, float, str], ...] = ()  # first and last millisecond, class
    part: str = ""


def read_labels(paths: list[Path]) -> dict[Path, Labels]:
    """Of each file that a label file in or below ``paths`` names, by its whole path."""
    files = {
        file
        for path in paths
        for name in _LABEL_FILES
        for file in ([path / name, *path.rglob(name)] if path.is_dir() else [path.parent / name])
        if file.is_file()
    }
    found: dict[Path, Labels] = {}
    for file in sorted(files):
        content = _document(file)
        try:
            found |= (
                _structured(file, content)
                if "structuredLabels" in content
                else {
                    (file.parent / str(item["path"])).resolve(): _labels(item)
                    for item in content["files"]
                }
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise DataError(
                f"{file} is not a file of labels by Edge Impulse ({in_words(error)})"
            ) from error
    return found


def _structured(file: Path, content: Mapping[str, Any]) -> dict[Path, Labels]:
    return {
        (file.parent / str(name)).resolve(): Labels(spans=_spans(spans))
        for name, spans in content["structuredLabels"].items()
    }


def _labels(item: Mapping[str, Any]) -> Labels:
    label = item.get("label") or {}
    if isinstance(label, str):
        return Labels(label, part=_PARTS.get(str(item.get("category")), ""))
    return Labels(
        label=str(label.get("label", "")),
        spans=_spans(label.get("labels", [])),
        part=_PARTS.get(str(item.get("category")), ""),
    )


def _spans(items: Any) -> tuple[tuple[float, float, str], ...]:
    return tuple((float(i["startIndex"]), float(i["endIndex"]), str(i["label"])) for i in items)


def with_spans(recording: Recording, labels: Labels) -> Recording:
    """The recording with the classes of its spans; samples in none have no class."""
    milliseconds = np.arange(len(recording.values)) * 1000 / recording.rate_hz
    targets = np.full(len(milliseconds), "", object)
    for first, last, label in labels.spans:
        targets[(milliseconds >= first) & (milliseconds < last + 1)] = label
    session = replace(recording.session, label="")
    return replace(recording, targets=targets.tolist(), session=session)


def read_acquisition(source: Source, options: Options, session: Session) -> Recording:
    """One JSON or CBOR acquisition."""
    content = _document(source.path)
    try:
        payload = content["payload"]
        interval_ms = float(payload["interval_ms"])
        sensors = [(str(s["name"]), str(s.get("units", ""))) for s in payload["sensors"]]
        values = np.array(payload["values"], np.float64)
        made = content.get("protected", {}).get("iat")
        device = str(payload.get("device_name") or payload.get("device_type", ""))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DataError(
            f"{source.path} is not an acquisition by Edge Impulse, which has a payload with "
            f"interval_ms, sensors and values ({in_words(error)})"
        ) from error
    if values.ndim == 1:
        values = values.reshape(-1, max(len(sensors), 1))
    if values.ndim != 2 or values.shape[1] != len(sensors) or not len(values) or interval_ms <= 0:
        raise DataError(
            f"{source.path} has values {list(values.shape)} every {interval_ms:g} ms for "
            f"{len(sensors)} sensors; it is damaged, or empty"
        )
    started = datetime.fromtimestamp(made, timezone.utc) if isinstance(made, int) else None
    session = replace(
        session,
        device=device,
        started=started.isoformat() if started else "",
    )
    return _recording(source, options, session, sensors, values, 1000 / interval_ms)


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
            f"{source.path} has {rate_hz:g} samples a second, not the {options.rate_hz:g} of --rate"
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


def _document(path: Path) -> dict[str, Any]:
    try:
        data = path.read_bytes()
        content = cbor2.loads(data) if path.suffix.lower() == ".cbor" else json.loads(data)
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}") from error
    except (cbor2.CBORDecodeError, ValueError, RecursionError) as error:
        raise DataError(f"{path} is damaged or empty: {error}") from error
    if not isinstance(content, dict):
        raise DataError(f"{path} holds no Edge Impulse document")
    return content
