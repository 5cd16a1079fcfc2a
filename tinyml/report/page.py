"""The report's page: sections from a run document and the records, in the order of their weight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tinyml import __version__
from tinyml.draw import numbers
from tinyml.judge.metrics import main_metric
from tinyml.report import figures
from tinyml.report.analysis import Agreement, Pair, compare, evaluate, pair, predicted, recall
from tinyml.report.cost_section import cost_section
from tinyml.report.figures import Event, Line
from tinyml.report.html import Html, facts, join, section, table, tag, wide_and_narrow
from tinyml.report.run_document import Evaluation, RunDocument
from tinyml.report.unreal import what_is_unreal

if TYPE_CHECKING:
    from tinyml.collect import BootSummary, Gap
    from tinyml.device import Record

_WIDE: Final = 860.0
_NARROW: Final = 420.0
_SHOWN_DIFFERENCES: Final = 20
_SHOWN_GAPS: Final = 50


@dataclass(frozen=True)
class Evidence:
    """What the store holds."""

    records: Sequence[Record]  # of this run, or all where there is no run
    gaps: Sequence[Gap]
    boots: Sequence[BootSummary]
    answers: Sequence[str] = ()  # of each record, in the words of its model, where that is known
    simulated_data: Sequence[str] = ()  # that models were trained on which are not of a run


def page(document: RunDocument | None, evidence: Evidence, store_name: str) -> str:
    """The whole HTML document; it needs nothing from outside itself."""
    title = f"{document.model.name} on {document.board.name}" if document else "Records"
    body = _run_page(document, evidence) if document else _records_page(evidence, store_name)
    css = (Path(__file__).parent / "report.css").read_text(encoding="utf-8")
    # No base, no links, no scripts: the policy makes a browser hold us to it.
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    head = join(
        [
            Html('<meta charset="utf-8">'),
            Html('<meta name="viewport" content="width=device-width, initial-scale=1">'),
            Html(f'<meta http-equiv="Content-Security-Policy" content="{policy}">'),
            tag("title", f"{title} - tinyml report"),
            tag("style", Html(css)),
        ]
    )
    footer = tag("p", f"Written by tinyml {__version__}; opens without a network.", css="lead")
    whole = tag("html", tag("head", head), tag("body", body, footer), lang="en")
    return f"<!doctype html>\n{whole}\n"


def _run_page(document: RunDocument, evidence: Evidence) -> Html:
    pairs = pair(document, evidence.records)
    agreement = compare(document, pairs)
    device = evaluate(document.model, pairs)
    parts = [
        tag("h1", f"{document.model.name} on {document.board.title or document.board.name}"),
        tag("p", f"{numbers.moment(document.created)} · run {document.run_id}", css="lead"),
        _unreal(document, evidence),
        _tiles(document, agreement, device, evidence),
        _accuracy(document, device),
        _agreement(document, agreement),
        _confusion(document, device),
        _over_time(document, evidence.records, pairs),
        cost_section(document.cost, document.board),
        _completeness(evidence),
        _what_ran(document),
    ]
    return join(parts)


def _unreal(document: RunDocument | None, evidence: Evidence) -> Html:
    notes = what_is_unreal(document, evidence.records, evidence.boots, evidence.simulated_data)
    return tag("p", " ".join(notes), css="note") if notes else Html("")


def _tile(value: str, caption: str, css: str = "") -> Html:
    return tag("div", tag("b", value), tag("span", caption), css=f"tile {css}".strip())


def _tiles(
    document: RunDocument, agreement: Agreement, device: Evaluation | None, evidence: Evidence
) -> Html:
    tiles = []
    metric = main_metric(document.model.task)
    if device is not None and metric in device.values:
        shown = numbers.metric(metric, device.values[metric], document.model.target_unit)
        tiles.append(_tile(shown, f"{numbers.metric_title(metric)} on the device"))
    if document.samples:
        tiles.append(
            _tile(
                f"{numbers.count(agreement.identical)} of {numbers.count(len(document.samples))}",
                "samples equal on device and host, bit for bit",
                "good" if agreement.complete else "bad",
            )
        )
    if document.cost is not None:
        cost = document.cost
        what = "instructions a window" if cost.front_end else "instructions an inference"
        tiles.append(_tile(numbers.count(cost.window_instructions), what))
        tiles.append(
            _tile(numbers.size(cost.node_ram_bytes), "RAM of the whole node")
            if cost.node_ram_bytes
            else _tile(numbers.size(cost.ram_bytes), "RAM of model and stack")
        )
    missing = sum(gap.missing for gap in evidence.gaps)
    css = "good" if missing == 0 else "bad"
    tiles.append(_tile(numbers.count(missing), "records missing", css))
    return tag("div", *tiles, css="tiles")


def _accuracy(document: RunDocument, device: Evaluation | None) -> Html:
    ways = {
        "Trivial baseline": document.metrics.get("baseline"),
        "Float model": document.metrics.get("float"),
        "int8 on the host": document.metrics.get("int8"),
        "int8 on the device": device,
    }
    known = {name: found for name, found in ways.items() if found is not None}
    if not known:
        return Html("")
    metrics = list(dict.fromkeys(name for found in known.values() for name in found.values))
    unit = document.model.target_unit
    rows = [
        [
            name,
            *(
                numbers.metric(metric, found.values[metric], unit)
                if metric in found.values
                else numbers.MISSING
                for metric in metrics
            ),
            numbers.count(found.samples),
        ]
        for name, found in known.items()
    ]
    columns = ["", *(numbers.metric_title(metric) for metric in metrics), "samples"]
    baseline = f"Trivial baseline: {document.baseline}." if document.baseline else ""
    samples = {found.samples for found in known.values()}
    caption = (
        "The same test data, predicted in four ways"
        if len(samples) == 1
        else "Test data, predicted in four ways: not all of them, as the last column says"
    )
    split = f"Test data: {document.data_set.split}." if document.data_set.split else ""
    return section(
        "How good it is",
        table(caption, columns, rows),
        tag("p", f"{baseline} {split}".strip(), css="lead"),
    )


def _agreement(document: RunDocument, agreement: Agreement) -> Html:
    if not document.samples:
        return Html("")
    if agreement.complete:
        text = (
            f"All {numbers.plural(agreement.compared, 'answer')} of the device equal those of the "
            "int8 model on the host, element for element."
        )
    else:
        text = (
            f"{numbers.count(agreement.identical)} of "
            f"{numbers.plural(agreement.compared, 'answer')} equal those of the host; "
            f"{numbers.plural(agreement.unanswered, 'sample')} without an answer; the largest "
            f"difference is {agreement.largest_difference} steps of the output's scale."
        )
    parts = [tag("p", text)]
    if agreement.differing_tags:
        shown = ", ".join(str(number) for number in agreement.differing_tags[:_SHOWN_DIFFERENCES])
        more = len(agreement.differing_tags) - _SHOWN_DIFFERENCES
        rest = f" and {more} more" if more > 0 else ""
        parts.append(tag("p", f"Samples that differ: {shown}{rest}."))
    return section("Device and host, sample by sample", *parts)


def _confusion(document: RunDocument, device: Evaluation | None) -> Html:
    found = device or document.metrics.get("int8")
    if found is None or not found.confusion:
        return Html("")
    labels = document.model.labels
    where = "on the device" if device is not None else "of the int8 model on the host"
    title = f"Confusion matrix {where}"
    shares = recall(found.confusion)
    rows = [
        [
            label,
            numbers.count(sum(row)),
            numbers.MISSING if share is None else numbers.percent(share),
        ]
        for label, row, share in zip(labels, found.confusion, shares, strict=True)
    ]
    return section(
        "What is taken for what",
        wide_and_narrow(
            figures.confusion_matrix(title, labels, found.confusion, 620),
            figures.confusion_matrix(title, labels, found.confusion, _NARROW),
            f"{title}: rows are the true classes, columns the predicted ones.",
        ),
        table("Recall: how much of each class was found", ("class", "samples", "recall"), rows),
    )


def _over_time(document: RunDocument, records: Sequence[Record], pairs: Sequence[Pair]) -> Html:
    if not records:
        return Html("")
    targets = {id(one.record): one.sample.target for one in pairs}
    moments = [record.wall_time for record in records]
    timed = all(moment is not None for moment in moments)
    places = [m for m in moments if m is not None] if timed else list(range(1, len(records) + 1))

    def drawn(width: float) -> str:
        axis = (
            figures.time_axis(places, width) if timed else figures.order_axis(len(records), width)
        )
        answers = [predicted(document.model, record.output) for record in records]
        if document.model.task == "classification":
            events = [
                Event(x, int(answer), _right(answer, targets.get(id(record))))
                for x, answer, record in zip(places, answers, records, strict=True)
                if answer is not None
            ]
            return figures.event_chart("Results", axis, document.model.labels, events, width)
        lines = [
            Line("device", [(x, a) for x, a in zip(places, answers, strict=True) if a is not None])
        ]
        truth = [
            (x, targets[id(r)]) for x, r in zip(places, records, strict=True) if id(r) in targets
        ]
        if truth:
            lines.append(Line("true value", truth))
        return figures.line_chart("Results", axis, lines, document.model.target_unit, width)

    caption = f"{numbers.plural(len(records), 'record')}, as the device logged them."
    return section("Results over time", wide_and_narrow(drawn(_WIDE), drawn(_NARROW), caption))


def _right(answer: float, target: float | None) -> bool | None:
    return None if target is None else answer == target


def _completeness(evidence: Evidence) -> Html:
    missing = sum(gap.missing for gap in evidence.gaps)
    duplicates = sum(boot.duplicates for boot in evidence.boots)
    parts = [
        tag(
            "p",
            f"{numbers.plural(len(evidence.records), 'record')} in this report; "
            f"{numbers.plural(missing, 'record')} missing in the store in "
            f"{numbers.plural(len(evidence.gaps), 'gap')}; "
            f"{numbers.plural(duplicates, 'duplicate')} received and kept once.",
        ),
        table(
            "Every boot that the store knows",
            ("device", "boot", "records", "first", "last", "duplicates"),
            [
                [
                    boot.device_id,
                    str(boot.boot_id),
                    numbers.count(boot.records),
                    numbers.MISSING if boot.first is None else str(boot.first),
                    numbers.MISSING if boot.last is None else str(boot.last),
                    numbers.count(boot.duplicates),
                ]
                for boot in evidence.boots
            ],
        ),
    ]
    if evidence.gaps:
        parts.append(
            table(
                "Gaps: sequence numbers that nodes counted and the store does not hold",
                ("device", "boot after it", "first", "last", "records"),
                [
                    [
                        g.device_id,
                        str(g.boot_id),
                        str(g.first),
                        str(g.last),
                        numbers.count(g.missing),
                    ]
                    for g in evidence.gaps[:_SHOWN_GAPS]
                ],
            )
        )
    return section("Is everything there", *parts)


def _what_ran(document: RunDocument) -> Html:
    model, board, data = document.model, document.board, document.data_set
    limits = [tag("li", text) for text in document.limits]
    commands = [tag("li", tag("code", text)) for text in document.commands]
    return section(
        "What ran",
        facts(
            [
                ("Model", f"{model.name}, {numbers.size(model.file_bytes)}"),
                ("SHA-256 of the model", model.sha256),
                ("Task", model.task + (f": {', '.join(model.labels)}" if model.labels else "")),
                ("Board", f"{board.title or board.name} ({board.core})"),
                ("Data", data.title or data.name),
                ("Source of the data", data.source),
                ("Licence of the data", data.licence),
                ("SHA-256 of the data as used", data.sha256),
                ("Versions", ", ".join(f"{k} {v}" for k, v in document.versions.items())),
            ]
        ),
        *([tag("p", "The same again:"), tag("ul", *commands)] if commands else []),
        *([tag("p", "What these figures do not show:"), tag("ul", *limits)] if limits else []),
    )


def _records_page(evidence: Evidence, store_name: str) -> Html:
    """Records without a run document: what can be said by their models, where those are known."""
    answers = evidence.answers or [""] * len(evidence.records)
    rows = [
        [
            record.device_id,
            str(record.sequence),
            numbers.moment(record.wall_time) if record.wall_time else numbers.MISSING,
            answer or record.model_hash,
            " ".join(str(value) for value in record.output[:8]),
        ]
        for record, answer in list(zip(evidence.records, answers, strict=True))[-100:]
    ]
    note = (
        "This store holds no description of a run: the answers are by the models that were named."
        if any(answers)
        else "This store holds no description of a run, so outputs are shown as the device gave "
        "them; name the model with --model to see them in its words."
    )
    return join(
        [
            tag("h1", f"Records in {Path(store_name).name}"),
            _unreal(None, evidence),
            tag("p", note, css="note"),
            _completeness(evidence),
            section(
                "The newest records",
                table(
                    "At most 100, raw outputs",
                    ("device", "sequence", "time", "answer, or model", "output"),
                    rows,
                ),
            ),
        ]
    )
