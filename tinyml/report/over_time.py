"""What a model said, record by record, drawn over time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from tinyml.device import Record
from tinyml.draw import numbers
from tinyml.model import Meaning, Result
from tinyml.report import figures
from tinyml.report.figures import Axis, Event, Line
from tinyml.report.html import Html, join, wide_and_narrow

Answered = Sequence[tuple[Record, Result]]

_WIDE: Final = 860.0
_NARROW: Final = 420.0
_MOST: Final = 5000  # marks a drawing has room for, and a browser


def over_time(answered: Answered, meaning: Meaning, truth: Mapping[int, float]) -> Html:
    """Drawings of one model's results; of nothing where there are none.

    Args:
        answered: records and what each says.
        meaning: the model's.
        truth: what a record should say, by its place in ``answered``, where that is known.
    """
    if not answered:
        return Html("")
    step = -(-len(answered) // _MOST)
    shown = range(0, len(answered), step)
    moments = [answered[index][0].wall_time for index in shown]
    timed = all(moment is not None for moment in moments)
    places = [m for m in moments if m is not None] if timed else [index + 1.0 for index in shown]
    caption = f"{numbers.plural(len(answered), 'record')}, as the device logged them."
    if step > 1:
        caption += f" The picture shows {len(shown):,} of them, evenly spread."

    def axis(width: float) -> Axis:
        return (
            figures.time_axis(places, width) if timed else figures.order_axis(len(answered), width)
        )

    drawings = []
    if meaning.task != "regression":
        events = [
            Event(x, int(answered[i][1].answer), _right(answered[i][1].answer, truth.get(i)))
            for x, i in zip(places, shown, strict=True)
        ]
        drawings.append(
            _twice(
                lambda width: figures.event_chart(
                    "Results", axis(width), meaning.labels, events, width
                ),
                caption,
            )
        )
    if meaning.task != "classification":
        lines = _lines(answered, shown, places, meaning, truth)
        unit = meaning.target_unit
        title = "Values" if meaning.task == "regression" else "Anomaly scores"
        drawings.append(
            _twice(lambda w: figures.line_chart(title, axis(w), lines, unit, w), caption)
        )
    return join(drawings)


def _twice(draw: Callable[[float], str], caption: str) -> Html:
    return wide_and_narrow(draw(_WIDE), draw(_NARROW), caption)


def _right(answer: float, target: float | None) -> bool | None:
    return None if target is None else answer == target


def _lines(
    answered: Answered,
    shown: range,
    places: Sequence[float],
    meaning: Meaning,
    truth: Mapping[int, float],
) -> list[Line]:
    """Of each device one, and the truth or an anomaly's threshold."""
    points: dict[str, list[tuple[float, float]]] = {}
    for x, index in zip(places, shown, strict=True):
        record, result = answered[index]
        y = result.answer if result.score is None else result.score
        points.setdefault(record.device_id, []).append((x, y))
    lines = [
        Line("device" if len(points) == 1 else device, drawn) for device, drawn in points.items()
    ]
    if meaning.task == "anomaly":
        ends = (min(places), max(places))
        lines.append(Line("threshold", [(x, meaning.threshold) for x in ends]))
    elif truth:
        true = [(x, truth[i]) for x, i in zip(places, shown, strict=True) if i in truth]
        lines.append(Line("true value", true))
    return lines
