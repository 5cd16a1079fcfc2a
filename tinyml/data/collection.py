"""A data set of one's own on disk: recordings come in, an entry of the catalogue's form comes out.

``tinyml data import`` and ``tinyml data record`` both end here. The files are open: CSV in the
channels' units, WAV of 16 bits for sound.
"""

from __future__ import annotations

import hashlib
import io
import re
import shutil
import wave
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt

from tinyml.data import catalogue, defaults, own
from tinyml.data.catalogue import PARTS, Entry, Reading, Session, SourceFile
from tinyml.data.copies import says_much
from tinyml.data.defaults import Plan
from tinyml.data.entry_file import entry_text
from tinyml.data.importing.recording import SOUND_SCALE, Recording, same_rate
from tinyml.data.parts import deal, require_all
from tinyml.errors import DataError
from tinyml.files import is_reserved, write_atomically

Floats = npt.NDArray[np.float64]

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_PURITY: Final = 0.6
_ROWS_AT_A_TIME: Final = 1 << 15  # are texts while a file is written
_LONGEST_LABEL: Final = 60
_MOST_TOLD: Final = 5  # notes of single files
_COARSE: Final = 50  # counts; a channel that spans fewer is told of


def require_name(plan: Plan, *, new: bool = True) -> None:
    """DataError where the name is no name, the catalogue's, or taken."""
    if is_reserved(plan.name):
        raise DataError(
            f"Windows reserves the name '{plan.name}' for a device; choose another name "
            "for the data set"
        )
    if not _NAME.fullmatch(plan.name):
        raise DataError(
            f"'{plan.name}' cannot be the name of a data set; use small letters, digits and dashes"
        )
    if plan.name in catalogue.shipped():
        raise DataError(f"the catalogue already has a data set {plan.name}; choose another name")
    if new and plan.path.exists():
        raise DataError(f"{plan.path} already exists; choose another name, or remove it first")


def require_same_kind(plan: Plan) -> None:
    """DataError where the data set is there, and recorded samples would join simulated ones."""
    entry = catalogue.read_entry(plan.path) if plan.path.exists() else None
    if entry is not None and entry.simulated != plan.simulated:
        kinds = ("simulated", "recorded") if plan.simulated else ("recorded", "simulated")
        raise DataError(
            f"these samples are {kinds[0]}, but those of {entry.name} are {kinds[1]}; "
            "choose another name"
        )


def create(
    plan: Plan, recordings: Sequence[Recording], *, leaky: bool = False
) -> tuple[Entry, list[str]]:
    """Write a new data set; returns its entry, and what the user should know of the data.

    Nothing is left where it fails. Raises DataError for recordings that do not go together, and
    LeakError where they are split in a way that leaks, unless ``leaky``.
    """
    require_name(plan)
    recordings = defaults.clipped(plan, recordings)
    if plan.unlabelled:
        recordings = [_without_guess(recording) for recording in recordings]
    entry = new_entry(plan, recordings)
    place = plan.path.with_suffix("")
    fresh = not place.exists()
    try:
        entry = add(replace(entry, place=place), recordings, complete=not plan.unlabelled)
        if plan.missing == "":
            require_whole(entry, recordings)
        if not plan.unlabelled:
            own.read(entry, {file.name: place / file.name for file in entry.files}, leaky=leaky)
        write_atomically(plan.path, entry_text(entry))
        written = catalogue.read_entry(plan.path)
    except BaseException:
        plan.path.unlink(missing_ok=True)
        if fresh:
            shutil.rmtree(place, ignore_errors=True)
        raise
    return written, notes(entry, recordings)


def _without_guess(recording: Recording) -> Recording:
    """Without the class that its file's name may be."""
    return replace(recording, session=replace(recording.session, label=""))


def new_entry(plan: Plan, recordings: Sequence[Recording]) -> Entry:
    """The entry without files."""
    require_alike(recordings)
    first = recordings[0]
    regression = bool(plan.target)
    task = plan.task or ("regression" if regression else "classification")
    if regression != (task == "regression"):
        raise DataError(
            f"{plan.name}: regression needs --target, and other tasks must not have it; "
            "for classes give --label or --label-from"
        )
    labels = () if task == "regression" else defaults.labels(plan, recordings)
    by_session = plan.unlabelled and len(recordings) >= len(PARTS)  # classes may come in any
    usual = "session" if by_session else defaults.split(recordings, labels)
    split_by = plan.split_by or usual
    window = plan.window or defaults.window(recordings, split_by)
    return Entry(
        name=plan.name,
        title=plan.title or plan.name.replace("-", " "),
        kind="simulated" if plan.simulated else "recorded",
        task=task,
        labels=labels,
        folds=0,
        training=True,
        target_name=plan.target,
        target_unit=plan.target_unit or ("1" if regression else ""),
        sample_rate_hz=first.rate_hz,
        window=window,
        channels=defaults.channels(plan, recordings),
        files=(),
        source=plan.source,
        licence=plan.licence,
        citation="",
        split="",
        baseline="the mean of the training data"
        if regression
        else "always the most frequent class of the training data",
        reading=Reading(
            split_by=split_by,
            stride=plan.stride or max(window // 2, 1),
            purity=_PURITY,
            missing=plan.missing or "cut",
        ),
    )


def extend(plan: Plan, recording: Recording) -> Entry:
    """Add a recording to the data set, which may be new; returns its entry, which is written.

    It need not be whole yet: classes and parts may be without recordings.
    """
    new = not plan.path.exists()
    require_name(plan, new=False)
    place = plan.path.with_suffix("")
    if new:
        plan = replace(plan, labels=plan.labels or (recording.session.label,))
        entry = replace(new_entry(plan, [recording]), place=place)
    else:
        require_same_kind(plan)
        entry = catalogue.read_entry(plan.path)
        _require_same(entry, recording)
    label = recording.session.label
    if entry.task != "regression" and label not in entry.labels:
        entry = replace(entry, labels=(*entry.labels, label))
    entry = add(entry, [recording], complete=False)
    write_atomically(plan.path, entry_text(entry))
    return entry


def _require_same(entry: Entry, recording: Recording) -> None:
    channels = tuple(channel.name for channel in entry.channels)
    if entry.reading is None or channels != recording.channels:
        raise DataError(
            f"{entry.name} has the channels {', '.join(channels)}, but {recording.where} "
            f"has {', '.join(recording.channels)}; record into another data set"
        )
    if not same_rate(recording.rate_hz, entry.sample_rate_hz):
        raise DataError(
            f"{entry.name} has {entry.sample_rate_hz:g} samples per second, but "
            f"{recording.where} has {recording.rate_hz:g}; record into another data set"
        )


def add(entry: Entry, recordings: Sequence[Recording], *, complete: bool = True) -> Entry:
    """Write the recordings' files, and deal all that have no part yet; the entry is not written.

    ``complete`` refuses a split that leaves a class out of a part.
    """
    assert entry.place is not None and entry.reading is not None
    # On Windows and macOS names that differ in case alone are one file.
    taken = {file.name.casefold() for file in entry.files}
    files = list(entry.files)
    for recording in recordings:
        name, content = _content(entry, recording)
        if name.casefold() in taken:
            raise DataError(f"{entry.name} already has a recording {name}; give another name")
        taken.add(name.casefold())
        write_atomically(entry.place / name, content)
        sha256 = hashlib.sha256(content).hexdigest()
        session = recording.session
        if entry.reading.split_by != "given":
            session = replace(session, part="")
        files.append(SourceFile(name, "", sha256, len(content), session))
    return dealt(replace(entry, files=tuple(files)), complete=complete)


def dealt(entry: Entry, *, complete: bool) -> Entry:
    """With a part for each file, and the split in words.

    ``complete`` refuses a split that leaves a class out of a part.
    """
    assert entry.reading is not None
    how = entry.reading.split_by
    if how == "time":
        words = (
            "by time: in each recording the first 60 % train, the next 20 % validate and "
            "the last 20 % test, with a gap of one window between them"
        )
        return replace(entry, split=words)
    sessions = {file.name: file.session for file in entry.files if file.session}
    unit = {
        name: (session.group or session.name) if how == "group" else session.name
        for name, session in sessions.items()
    }
    units: dict[str, Counter[str]] = {name: Counter() for name in unit.values()}
    for file in entry.files:
        units[unit[file.name]].update(_classes(entry, file))
    given = {unit[name]: s.part for name, s in sessions.items() if s.part}
    normal = entry.labels[0] if entry.task == "anomaly" else ""
    barred = {name: "training" for name, c in units.items() if normal and normal not in c}
    if how == "given":
        # Who gives a test part only, gets validation data out of the training's sessions.
        tested = {name for name, part in given.items() if part == "test"}
        if "validation" in given.values():
            parts = given
        else:
            barred = dict.fromkeys(units, "test")
            others = {n: c for n, c in units.items() if n not in tested}
            parts = deal(others, {}, barred) | dict.fromkeys(tested, "test")
            sessions = {
                name: session if unit[name] in tested else replace(session, part="")
                for name, session in sessions.items()
            }
    else:
        parts = deal(units, given, barred)
    if complete:
        require_all(entry.name, units, parts, "session" if how == "given" else how, normal)
    sessions = {
        name: session if session.part else replace(session, part=parts[unit[name]])
        for name, session in sessions.items()
    }
    return _with_parts(entry, sessions, parts)


def with_class(entry: Entry, label: str) -> Entry:
    """The data set with one more class; its entry is written.

    DataError where it cannot have one of that name.
    """
    label = label.strip()
    if entry.task != "classification":
        raise DataError(f"{entry.name} is for {entry.task}, which takes no further classes")
    if not label or len(label) > _LONGEST_LABEL or any(not c.isprintable() for c in label):
        raise DataError(f"a class needs a name of 1 to {_LONGEST_LABEL} letters, not {label!r}")
    if label in entry.labels:
        return entry
    entry = replace(entry, labels=(*entry.labels, label))
    return _written(entry)


def dealt_again(entry: Entry) -> Entry:
    """With parts by the classes that its recordings have now; its entry is written.

    Parts that a source has given, and those by time, stay as they are.
    """
    assert entry.reading is not None
    if entry.reading.split_by in ("given", "time"):
        return entry
    sessions = {file.name: file.session for file in entry.files if file.session}
    files = [replace(f, session=replace(sessions[f.name], part="")) for f in entry.files]
    found = dealt(replace(entry, files=tuple(files)), complete=False)
    return _written(found) if found != entry else entry


def _written(entry: Entry) -> Entry:
    assert entry.place is not None
    write_atomically(entry.place.with_name(f"{entry.place.name}.toml"), entry_text(entry))
    return entry


def _with_parts(entry: Entry, sessions: Mapping[str, Session], parts: Mapping[str, str]) -> Entry:
    assert entry.reading is not None
    files = [replace(file, session=sessions[file.name]) for file in entry.files]
    counts = Counter(parts.values())
    what = "session" if entry.reading.split_by == "given" else entry.reading.split_by
    words = (
        f"by {what}: {counts['training']} train, {counts['validation']} validate, "
        f"{counts['test']} test; every {what} is in one part only"
    )
    if entry.reading.split_by == "given":
        words = f"as given by the source, {words}"
    return replace(entry, files=tuple(files), split=words)


def _classes(entry: Entry, file: SourceFile) -> Counter[str]:
    """Samples of each class in a file."""
    assert entry.place is not None
    stretch = own.read_stretch(entry, file, entry.place / file.name)
    if entry.task == "regression":
        return Counter({"": len(stretch.values)})
    numbers, counts = np.unique(stretch.targets, return_counts=True)
    return Counter(
        {entry.labels[int(n)]: int(c) for n, c in zip(numbers, counts, strict=True) if n >= 0}
    )


def require_alike(recordings: Sequence[Recording]) -> None:
    """DataError where recordings differ in channels or rate, are endless, or two are the same."""
    first = recordings[0]
    seen: dict[bytes, Recording] = {}
    for recording in recordings:
        if recording.channels != first.channels:
            raise DataError(
                f"{recording.where} has the channels {', '.join(recording.channels)}, but "
                f"{first.where} has {', '.join(first.channels)}; choose the ones to use with "
                "--channel"
            )
        if not same_rate(recording.rate_hz, first.rate_hz):
            raise DataError(
                f"{recording.where} has {recording.rate_hz:g} samples per second, but "
                f"{first.where} has {first.rate_hz:g}; give --resample HZ to use one rate for "
                "all"
            )
        endless = np.argwhere(np.isinf(recording.values))
        if len(endless):
            row, column = endless[0]
            raise DataError(
                f"{recording.where} has an infinite value in sample {row + 1} of "
                f"'{recording.channels[column]}'; if it marks a missing value, say so with "
                "--missing-value"
            )
        key = hashlib.sha256(np.ascontiguousarray(recording.values).data).digest()
        if key in seen and says_much(recording.values):
            raise DataError(
                f"{recording.where} and {seen[key].where} hold the same samples; leave one "
                "out, otherwise the model is tested on data that it has learnt"
            )
        seen[key] = recording


def require_whole(entry: Entry, recordings: Sequence[Recording]) -> None:
    """DataError naming the first value that is missing, for who has not said what to do then."""
    total = sum(int(np.isnan(recording.values).sum()) for recording in recordings)
    for recording in recordings if total else ():
        bad = np.argwhere(np.isnan(recording.values))
        if len(bad):
            row, column = bad[0]
            raise DataError(
                f"{recording.where}: {total:,} values are missing, the first in sample "
                f"{row + 1} of '{entry.channels[column].name}'; give --missing cut (no window "
                "spans them) or --missing hold (the last value is repeated)"
            )


def notes(entry: Entry, recordings: Sequence[Recording]) -> list[str]:
    """What is worth knowing, though nothing is wrong with it."""
    found = _told(recordings)
    for number, channel in enumerate(entry.channels):
        column = np.concatenate([recording.values[:, number] for recording in recordings])
        span = float(np.nanmax(column) - np.nanmin(column)) / channel.scale
        if span == 0:
            found.append(f"channel '{channel.name}' never changes")
        elif span < _COARSE and recordings[0].sound:
            found.append(
                f"the sounds are very quiet: they span {span:.0f} of 65,536 counts; if they "
                "are floats, give --sound-full-scale with their loudest value"
            )
        elif span < _COARSE:
            found.append(
                f"channel '{channel.name}' spans only {span:.0f} counts of {channel.scale:g} "
                f"{channel.unit}; subtract a constant from it, or give --channel a smaller "
                "scale"
            )
        elif not recordings[0].sound and (inner := _inner_span(column)) < _COARSE * channel.scale:
            found.append(
                f"channel '{channel.name}': one count is {channel.scale:g} {channel.unit} because "
                f"of a few values up to {np.nanmax(np.abs(column)):g}, and 98 % of the values span "
                f"only {inner / channel.scale:.1f} counts; bring the others to a limit with "
                f"--clip {channel.name}:LOW:HIGH, or give --scale-by quantiles"
            )
    if recordings[0].sound:
        clipped = [r.where for r in recordings if (np.abs(r.values) >= 1 - 2**-14).mean() > 0.001]
        if clipped:
            found.append(f"{len(clipped)} sounds are clipped; the first is {clipped[0]}")
    return found


def _inner_span(column: Floats) -> float:
    """What all values span but the outermost hundredth at both ends."""
    low, high = np.nanquantile(column, (0.01, 0.99))
    return float(high - low)


def _told(recordings: Sequence[Recording]) -> list[str]:
    """What was odd in reading them; of many files the first few."""
    told = list(dict.fromkeys(note for recording in recordings for note in recording.notes))
    more = len(told) - _MOST_TOLD
    return told if more <= 0 else [*told[:_MOST_TOLD], f"and {more} more notes of this kind"]


def _content(entry: Entry, recording: Recording) -> tuple[str, bytes]:
    """Name and bytes of the file that keeps a recording."""
    if recording.sound and recording.targets is None:
        counts = np.clip(np.round(recording.values[:, 0] / SOUND_SCALE), -32768, 32767)
        buffer = io.BytesIO()
        with wave.open(buffer, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(round(recording.rate_hz))
            file.writeframes(counts.astype("<i2").tobytes())
        return f"{recording.name}.wav", buffer.getvalue()
    header = list(recording.channels)
    if recording.targets is not None:
        header.append(entry.target_name or own.LABEL)
        if len(set(header)) < len(header):
            raise DataError(f"{recording.where} has two columns '{header[-1]}'; rename one of them")
    written = io.BytesIO(f"{','.join(map(_quoted, header))}\n".encode())
    written.seek(0, io.SEEK_END)
    for first in range(0, len(recording.values), _ROWS_AT_A_TIME):
        some = slice(first, first + _ROWS_AT_A_TIME)
        columns = [list(map(repr, c)) for c in recording.values[some].T.tolist()]
        if recording.targets is not None:
            columns.append([_cell(target) for target in recording.targets[some]])
        rows = map(",".join, zip(*columns, strict=True))
        written.write("".join(f"{row}\n" for row in rows).encode())
    return f"{recording.name}.csv", written.getvalue()


def _cell(target: str | float) -> str:
    # A missing value is nan: a row of nothing but empty cells would be an empty line.
    return _quoted(target) if isinstance(target, str) else repr(float(target))


def _quoted(cell: str) -> str:
    if "," not in cell and '"' not in cell and "\n" not in cell:
        return cell
    return '"' + cell.replace('"', '""') + '"'
