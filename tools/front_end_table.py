"""The tables of front ends in docs/front-ends.md, made from what each kind says of itself.

``python -m tools.front_end_table`` writes the page; a test holds it to be current.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tinyml.documents import Fields
from tinyml.errors import FeatureError
from tinyml.features import KINDS, FrontEnd, Signal, from_table

PAGE: Final = Path(__file__).parents[1] / "docs" / "front-ends.md"
_WINDOW: Final = 1024
_RATE_HZ: Final = 16000.0
_HEAD: Final = """\
# Front ends
A front end turns a window of samples into the model's input, on the device and in Python, number
for number. `kind` in `[front_end]` of [tinyml.toml](training.md) chooses one.
`python -m tools.front_end_table` makes this page from `tinyml/features/kinds/`, so that
[a new one](adding-a-front-end.md) appears here by itself.
[On the device](on-the-device.md#front-ends) says what they cost.

"Features" is the shape of the output, "scratch" the RAM in bytes beside samples and output. Both
are for a window of 1024 samples at 16 kHz with default settings: of 3 channels, or of 1 where the
kind is for sounds. Where it "streams", a node keeps one frame of samples instead of a window.

| kind | gives, for each channel | features | scratch | longest window | streams |
|---|---|---|---:|---:|---|
"""
_KEYS: Final = """
## Their settings
Keys of `[front_end]`. A key that may be searched can have a least and a largest value in
`[search]`, see [searching](search.md).

| kind | key | is | default | may be searched |
|---|---|---|---|---|
"""


def page() -> str:
    """The whole page."""
    kinds = [f"| `{name}` | {_row(KINDS[name])} |" for name in sorted(KINDS)]
    keys = [row for name in sorted(KINDS) for row in _keys(KINDS[name])]
    return _HEAD + "\n".join(kinds) + "\n" + _KEYS + "\n".join(keys) + "\n"


def _row(kind: type[FrontEnd]) -> str:
    front_end = _example(kind)
    shape = " x ".join(map(str, front_end.output_shape))
    streams = "yes" if kind.in_frames else "no"
    return f"{kind.gives} | {shape} | {front_end.scratch_bytes:,} | {kind.max_window:,} | {streams}"


def _example(kind: type[FrontEnd]) -> FrontEnd:
    """With default settings, for as many channels as it takes."""
    table = Fields({"kind": kind.kind}, "[front_end]", FeatureError)
    try:
        return from_table(table, Signal(_WINDOW, ("x", "y", "z"), _RATE_HZ))
    except FeatureError:
        return from_table(table, Signal(_WINDOW, ("sound",), _RATE_HZ))


def _keys(kind: type[FrontEnd]) -> Iterator[str]:
    for key in kind.keys:
        searched = f"up to {key.most_searched:,}" if key.most_searched else "no"
        yield f"| `{kind.kind}` | `{key.name}` | {key.text} | {key.default} | {searched} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
