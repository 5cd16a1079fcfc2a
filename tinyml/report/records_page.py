"""The page about records without a run: what each model said, when, and whether all is there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from statistics import mean, median
from typing import Final

from tinyml.device import Record
from tinyml.draw import numbers
from tinyml.model import Description, Meaning, Result
from tinyml.report.completeness import completeness
from tinyml.report.evidence import Evidence
from tinyml.report.html import Html, facts, join, section, table, tag, tile
from tinyml.report.over_time import Answered, over_time

_NEWEST: Final = 100  # records in the last table
_SHOWN_NUMBERS: Final = 8  # of one raw output


def records_page(evidence: Evidence, store_name: str, notes: Html) -> Html:
    """The body. ``notes`` say what of it is not real."""
    return join(
        [
            tag("h1", f"Records in {Path(store_name).name}"),
            notes,
            _tiles(evidence),
            _unknown(evidence),
            *(
                _model(evidence, digits, meaning)
                for digits, meaning in evidence.meanings.items()
                if digits in evidence.models
            ),
            completeness(evidence),
            _newest(evidence),
        ]
    )


def _tiles(evidence: Evidence) -> Html:
    records = evidence.records
    devices = len({record.device_id for record in records})
    tiles = [
        tile(numbers.count(len(records)), "records"),
        tile(numbers.count(devices), "node" if devices == 1 else "nodes"),
        tile(numbers.count(evidence.missing), "records missing", good=evidence.missing == 0),
    ]
    if evidence.results and (newest := evidence.results[-1]) is not None and devices == 1:
        tiles.insert(0, tile(_in_words(newest), "newest result"))
    return tag("div", *tiles, css="tiles")


def _unknown(evidence: Evidence) -> Html:
    """Which records can only be shown as the node gave them."""
    hashes = Counter(
        record.model_hash
        for record, result in zip(evidence.records, evidence.results, strict=True)
        if result is None
    )
    if not hashes:
        return Html("")
    return tag(
        "p",
        f"The meaning of {numbers.plural(hashes.total(), 'record')} is not known, "
        f"because this store does not know the model ({', '.join(hashes)}). Their "
        "outputs are shown as raw numbers. Give the model's .tflite with --model.",
        css="note",
    )


def _model(evidence: Evidence, digits: str, meaning: Meaning) -> Html:
    answered = [
        (record, result)
        for record, result in zip(evidence.records, evidence.results, strict=True)
        if record.model_hash == digits and result is not None
    ]
    if not answered:
        return Html("")
    model = evidence.models[digits]
    return section(
        f"Results of {model.name}",
        over_time(answered, meaning, {}),
        _values(answered, meaning) if meaning.task == "regression" else _classes(answered, meaning),
        _facts(model, meaning, answered),
    )


def _classes(answered: Answered, meaning: Meaning) -> Html:
    rows = []
    for index, label in enumerate(meaning.labels):
        of_class = [(record, r) for record, r in answered if r.answer == index]
        scores = [r.score for _, r in of_class if r.score is not None]
        rows.append(
            [
                label,
                numbers.count(len(of_class)),
                numbers.percent(len(of_class) / len(answered)),
                numbers.figure(mean(scores)) if scores else numbers.MISSING,
                _moment(of_class[-1][0]) if of_class else numbers.MISSING,
            ]
        )
    columns = ("class", "records", "share", "mean score", "newest")
    return table("Results per class", columns, rows)


def _values(answered: Answered, meaning: Meaning) -> Html:
    values = [result.answer for _, result in answered]
    unit = meaning.target_unit
    shown = [numbers.figure(x, unit) for x in (min(values), mean(values), max(values), values[-1])]
    name = meaning.target_name or "value"
    columns = ("", "least", "mean", "greatest", "newest")
    return table("Values over all records", columns, [[name, *shown]])


def _facts(model: Description, meaning: Meaning, answered: Answered) -> Html:
    settings = model.settings
    assert settings is not None, "a meaning comes from settings"
    front_end = settings.front_end
    channels = [
        f"{name} ({unit})"
        for name, unit in zip(settings.channel_names, settings.channel_units, strict=True)
    ]
    value = f"{meaning.target_name} in {meaning.target_unit}"
    what = value if meaning.task == "regression" else str(meaning)
    times = [record.inference_us / 1e6 for record, _ in answered]
    return facts(
        [
            ("Model", f"{model.name}, hash {model.hash}"),
            ("Task", f"{meaning.task}: {what}"),
            ("Input", f"{numbers.plural(front_end.window, 'sample')} of {', '.join(channels)}"),
            ("Sample rate", _rate(settings.sample_rate_hz)),
            ("Trained on", settings.dataset),
            (
                "Time per inference",
                f"{numbers.duration(median(times))} median, {numbers.duration(max(times))} longest"
                if max(times) > 0
                else "",
            ),
        ]
    )


def _rate(hertz: float) -> str:
    if hertz <= 0:
        return ""
    return (
        f"{hertz:g} per second" if hertz >= 1 else f"one every {numbers.count(round(1 / hertz))} s"
    )


def _newest(evidence: Evidence) -> Html:
    answered = list(zip(evidence.records, evidence.results, strict=True))[-_NEWEST:]
    return section(
        "The newest records",
        table(
            f"At most {_NEWEST}",
            ("device", "sequence", "time", "model", "result", "raw output"),
            [_row(evidence, record, result) for record, result in answered],
        ),
    )


def _row(evidence: Evidence, record: Record, result: Result | None) -> Sequence[str]:
    model = evidence.models.get(record.model_hash)
    return [
        record.device_id,
        str(record.sequence),
        _moment(record),
        (model.name if model else "") or record.model_hash,
        numbers.MISSING if result is None else _in_words(result),
        " ".join(str(value) for value in record.output[:_SHOWN_NUMBERS]),
    ]


def _moment(record: Record) -> str:
    return numbers.MISSING if record.wall_time is None else numbers.moment(record.wall_time)


def _in_words(result: Result) -> str:
    if result.score is None:
        return numbers.figure(result.answer, result.unit)
    return str(result)
