"""A data set as a picture: a window of each class, spectra, and how much there is of what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

from tinyml.data.catalogue import Channel
from tinyml.data.dataset import Dataset, Part, joined
from tinyml.draw import svg
from tinyml.draw.axes import Scale, columns, rows
from tinyml.draw.picture import KINDS, picture

Floats = npt.NDArray[np.float64]

_WIDTH: Final = 1010.0
_PANEL: Final = 400.0  # wide
_LEFTS: Final = (70.0, 550.0)
_HEIGHT: Final = 120.0  # of a channel's panels
_GAP: Final = 56.0
_TOP: Final = 76.0
_ROW: Final = 22.0
_MOST_POINTS: Final = 400  # of a line
_MOST_WINDOWS: Final = 500  # in a spectrum
_QUARTILES: Final = (0.125, 0.375, 0.625, 0.875)  # of a regression's target
_SHORTEST_SERIES: Final = 8  # samples a window; shorter ones are shown by their values
_BINS: Final = 40
_NO_UNIT: Final = "1"
_COLOURS: Final = len(KINDS)
_STYLE: Final = "path{fill:none}" + "".join(
    f".l{number}{{stroke:{colour};stroke-width:1.3}}.b{number}{{fill:{colour}}}"
    for number, colour in enumerate(KINDS)
)


def draw(dataset: Dataset) -> str:
    """An SVG document of windows, and of how many each part has.

    The windows are those of the training and validation data: test data stay unseen, but where
    there are no others.
    """
    entry = dataset.entry
    part = joined([dataset.training, dataset.validation]) if entry.training else dataset.test
    kinds = _kinds(dataset, part)
    legend, lower = _legend(list(kinds))
    body = [svg.text(0, 18, entry.title, limit=_WIDTH), *legend]
    y = _TOP + lower
    for number, channel in enumerate(entry.channels):
        values = {
            name: (part.windows[i, :, number] * channel.scale).astype(np.float64)
            for name, i in kinds.items()
        }
        if entry.window < _SHORTEST_SERIES:
            body += _frequencies(channel, values, y)
        else:
            body += _series(dataset, channel, values, y)
            body += _spectra(dataset, values, y)
        y += _HEIGHT + _GAP
    body += _balance(dataset, y)
    y += (len(dataset.parts) + 1) * _ROW
    if dataset.missing:
        body += _missing(dataset, y)
        y += (len(entry.channels) + 1) * _ROW
    return picture(f"Data set {entry.name}", _WIDTH, y, body, _STYLE)


def _kinds(dataset: Dataset, part: Part) -> dict[str, npt.NDArray[np.int64]]:
    """What is told apart: classes, or quarters of a target's range; with windows of each."""
    targets = part.targets
    if dataset.entry.labels:
        found = {
            label: np.flatnonzero(targets == index)
            for index, label in enumerate(dataset.entry.labels)
        }
    else:
        order = np.argsort(targets, kind="stable")
        quarters = np.array_split(order, len(_QUARTILES))
        unit = dataset.entry.target_unit
        found = {
            f"{targets[q[0]]:.3g} to {targets[q[-1]]:.3g} {unit}": q for q in quarters if len(q)
        }
    return {name: _some(indices) for name, indices in found.items() if len(indices)}


def _some(indices: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """At most so many as a spectrum takes, spread evenly; the middle one first."""
    if len(indices) > _MOST_WINDOWS:
        indices = indices[np.linspace(0, len(indices) - 1, _MOST_WINDOWS).astype(np.int64)]
    return np.roll(indices, -(len(indices) // 2))


def _legend(names: list[str]) -> tuple[list[str], float]:
    """Names beside their colours, and how far their rows but the first push down what follows."""
    body = []
    x = y = 0.0
    for number, name in enumerate(names):
        width = svg.text_width(name) + 32
        if x and x + width > _WIDTH:
            x, y = 0.0, y + _ROW
        body.append(svg.rect(x, y + 34, 12, 12, f"b{number % _COLOURS}"))
        body.append(svg.text(x + 17, y + 45, name))
        x += width
    return body, y


def _frequencies(channel: Channel, values: dict[str, Floats], y: float) -> Iterator[str]:
    """How often which value occurs, in percent of each kind's windows."""
    whole = np.concatenate([windows.ravel() for windows in values.values()])
    edges = np.histogram_bin_edges(whole, _BINS)
    lines = {
        kind: 100.0 * np.histogram(windows, edges)[0] / windows.size
        for kind, windows in values.items()
    }
    yield svg.text(0, y - 8, f"{channel.name}: distribution of values, in %", limit=_PANEL + 60)
    unit = "" if channel.unit == _NO_UNIT else channel.unit
    yield from _panel(_LEFTS[0], y, (edges[1:] + edges[:-1]) / 2, lines, unit)


def _in(unit: str) -> str:
    return "" if unit == _NO_UNIT else f" ({unit})"


def _series(
    dataset: Dataset, channel: Channel, values: dict[str, Floats], y: float
) -> Iterator[str]:
    entry = dataset.entry
    seconds = np.arange(entry.window) / entry.sample_rate_hz
    lines = {kind: windows[0] for kind, windows in values.items()}
    heading = f"{channel.name}{_in(channel.unit)}: a window per class"
    yield svg.text(0, y - 8, heading, limit=_PANEL + 60)
    yield from _panel(_LEFTS[0], y, seconds, lines, "s")


def _spectra(dataset: Dataset, values: dict[str, Floats], y: float) -> Iterator[str]:
    entry = dataset.entry
    hertz = np.fft.rfftfreq(entry.window, 1 / entry.sample_rate_hz)[1:].astype(np.float64)
    lines = {kind: _decibels(windows) for kind, windows in values.items()}
    yield svg.text(_LEFTS[1] - 50, y - 8, "mean spectrum, dB")
    yield from _panel(_LEFTS[1], y, hertz, lines, "Hz")


def _decibels(windows: Floats) -> Floats:
    """Mean power of windows ``[n][samples]`` from the first bin on, by a Hann window."""
    centred = windows - windows.mean(axis=1, keepdims=True)
    power = np.abs(np.fft.rfft(centred * np.hanning(windows.shape[1]))) ** 2
    decibels: Floats = (10 * np.log10(power.mean(axis=0)[1:] + 1e-12)).astype(np.float64)
    return decibels


def _panel(
    left: float, top: float, across: Floats, lines: dict[str, Floats], unit: str
) -> Iterator[str]:
    low = min(float(line.min()) for line in lines.values())
    high = max(float(line.max()) for line in lines.values())
    bottom = top + _HEIGHT
    y, x = (
        Scale(low, high, bottom, -_HEIGHT),
        Scale(float(across[0]), float(across[-1]), left, _PANEL),
    )
    yield from rows(y, left, left + _PANEL, "{:.4g}".format, 4)
    yield from columns(x, bottom + 4, bottom, lambda value: f"{value:.4g} {unit}".strip(), 6)
    chosen = np.unique(np.linspace(0, len(across) - 1, _MOST_POINTS).astype(np.int64))
    for number, line in enumerate(lines.values()):
        points = ((x.at(across[i]), y.at(line[i])) for i in chosen)
        yield svg.path(points, f"l{number % _COLOURS}")


def _balance(dataset: Dataset, top: float) -> Iterator[str]:
    """A bar a part, as long as it has windows, divided by classes."""
    whole = max(len(part) for part in dataset.parts.values())
    y = top
    for name, part in dataset.parts.items():
        yield svg.text(0, y + 14, name)
        x = _LEFTS[0] + 10
        counts = [len(part)]
        if dataset.entry.labels:
            counts = [int((part.targets == i).sum()) for i in range(len(dataset.entry.labels))]
        for number, count in enumerate(counts):
            width = 620 * count / max(whole, 1)
            yield svg.rect(x, y, width, 16, f"b{number % _COLOURS}", f"{count:,} windows")
            x += width
        yield svg.text(x + 8, y + 14, f"{len(part):,} windows")
        y += _ROW


def _missing(dataset: Dataset, top: float) -> Iterator[str]:
    """A bar a channel, as long as it has missing values, before they were cut out or held."""
    yield svg.text(0, top + 14, "missing values, before they were cut out or replaced")
    most = max(*dataset.missing, 1)
    for number, (channel, count) in enumerate(
        zip(dataset.entry.channels, dataset.missing, strict=True)
    ):
        y = top + (number + 1) * _ROW
        name_width = 2 * _LEFTS[0]
        yield svg.text(0, y + 14, channel.name, limit=name_width - 8)
        width = 550 * count / most
        yield svg.rect(name_width, y, width, 16, "b6", f"{count:,} values")
        yield svg.text(name_width + width + 8, y + 14, f"{count:,}")
