"""Label tracks of Audacity: classes of stretches of a sound, in a text file beside it.

A line each label: begin and end in seconds, and the label, with tabs between; a second line that
begins with a backslash may give frequencies. Source: Audacity manual, "Importing and Exporting
Labels".
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tinyml.data.importing import profile
from tinyml.data.importing.places import SOUNDS, Source
from tinyml.data.importing.recording import Options
from tinyml.data.importing.spans import Labels
from tinyml.errors import DataError
from tinyml.files import read_text

KIND: Final = "label-track"  # of the profile
_SUFFIX: Final = ".txt"
_LINE: Final = re.compile(r"\d+[.,]\d+\t\d+[.,]\d+\t.*")
_IN_MILLISECONDS: Final = 1000


def read_label_tracks(
    found: Sequence[Source], options: Options
) -> tuple[list[Source], dict[Path, Labels]]:
    """The files that are no label tracks, and the labels of each sound that has one.

    The spans are in milliseconds. A text beside a sound of the same name is taken for a track where
    its first line looks like one, or the user says that it is one; DataError names its wrong line.
    """
    told = bool(options.profile) and profile.profile(options.profile).kind == KIND
    sounds = {source.path.with_suffix(""): source for source in found if source.kind in SOUNDS}
    others: list[Source] = []
    labels: dict[Path, Labels] = {}
    for source in found:
        sound = sounds.get(source.path.with_suffix(""))
        if source.kind == _SUFFIX and sound is not None and (told or _is_track(source.path)):
            labels[sound.path.resolve()] = Labels(spans=_spans(source.path), file=source.path)
        else:
            others.append(source)
    if told and not labels:
        raise DataError(
            f"{found[0].path}: no label track was found; put it beside its sound, with the same "
            "name: take.txt beside take.wav"
        )
    return others, labels


def _is_track(path: Path) -> bool:
    with path.open("rb") as file:
        first = file.readline(512).decode("utf-8", "replace").strip("\r\n\ufeff")
    return bool(_LINE.fullmatch(first))


def _spans(path: Path) -> tuple[tuple[float, float, str], ...]:
    """First and last millisecond that are the label's, as Edge Impulse has them too."""
    spans = []
    for number, line in enumerate(read_text(path, DataError).splitlines(), 1):
        if not line.strip() or line.startswith("\\"):
            continue
        cells = line.split("\t")
        try:
            start, end = (float(cell.replace(",", ".")) for cell in cells[:2])
        except ValueError:
            start = end = math.nan
        label = cells[2].strip() if len(cells) > 2 else ""
        if not 0 <= start < end < math.inf or not label:
            raise DataError(
                f"{path} line {number}: a label must have a begin, a later end and a name, with "
                f"tabs between, not {line!r}"
            )
        spans.append((start * _IN_MILLISECONDS, end * _IN_MILLISECONDS - 1, label))
    if not spans:
        raise DataError(f"{path} has no labels; leave it out, or name the class otherwise")
    return tuple(spans)
