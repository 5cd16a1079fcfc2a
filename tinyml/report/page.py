"""The report's page: sections from a run document and the records, in the order of their weight."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tinyml import __version__
from tinyml.draw import numbers
from tinyml.judge import Evaluation
from tinyml.judge.metrics import main_metric, recalls
from tinyml.model import Meaning, model_hash
from tinyml.report import figures
from tinyml.report.analysis import Agreement, Pair, compare, evaluate, pair
from tinyml.report.completeness import completeness
from tinyml.report.cost_section import cost_section
from tinyml.report.evidence import Evidence
from tinyml.report.html import Html, facts, join, section, table, tag, tile, wide_and_narrow
from tinyml.report.over_time import over_time
from tinyml.report.records_page import records_page
from tinyml.report.run_document import RunDocument
from tinyml.report.unreal import simulated_data, what_is_unreal

_NARROW: Final = 420.0
_SHOWN_DIFFERENCES: Final = 20


def page(document: RunDocument | None, evidence: Evidence, store_name: str) -> str:
    """The whole HTML document; it needs nothing from outside itself."""
    title = f"{document.model.name} on {document.board.name}" if document else "Records"
    if document:
        body = _run_page(document, evidence)
    else:
        body = records_page(evidence, store_name, _unreal(None, evidence))
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
    footer = tag(
        "p", f"Written by tinyml {__version__}. This page opens without a network.", css="lead"
    )
    whole = tag("html", tag("head", head), tag("body", body, footer), lang="en")
    return f"<!doctype html>\n{whole}\n"


def _run_page(document: RunDocument, evidence: Evidence) -> Html:
    meaning = evidence.meanings.get(model_hash(document.model.sha256))
    pairs = pair(document, zip(evidence.records, evidence.results, strict=True))
    agreement = compare(document, pairs)
    device = evaluate(document, meaning, pairs) if meaning is not None else None
    parts = [
        tag("h1", f"{document.model.name} on {document.board.title or document.board.name}"),
        tag("p", f"{numbers.moment(document.created)} · run {document.run_id}", css="lead"),
        _unreal(document, evidence),
        _tiles(document, agreement, device, evidence),
        _accuracy(document, device),
        _agreement(document, agreement),
        _confusion(document, device),
        _over_time(meaning, evidence, pairs),
        cost_section(document.cost, document.board),
        completeness(evidence),
        _what_ran(document),
    ]
    return join(parts)


def _unreal(document: RunDocument | None, evidence: Evidence) -> Html:
    own = document.data_set.name if document is not None else ""
    others = [name for name in simulated_data(evidence.models.values()) if name != own]
    notes = what_is_unreal(document, evidence.records, evidence.boots, others)
    return tag("p", " ".join(notes), css="note") if notes else Html("")


def _tiles(
    document: RunDocument, agreement: Agreement, device: Evaluation | None, evidence: Evidence
) -> Html:
    tiles = []
    metric = main_metric(document.model.task)
    if device is not None and metric in device.values:
        shown = numbers.metric(metric, device.values[metric], document.model.target_unit)
        tiles.append(tile(shown, f"{numbers.metric_title(metric)} on the device"))
    if document.samples:
        tiles.append(
            tile(
                f"{numbers.count(agreement.identical)} of {numbers.count(len(document.samples))}",
                "samples with the same output on device and host, bit for bit",
                good=agreement.complete,
            )
        )
    if document.cost is not None:
        cost = document.cost
        what = "instructions per window" if cost.front_end else "instructions per inference"
        tiles.append(tile(numbers.count(cost.window_instructions), what))
        tiles.append(
            tile(numbers.size(cost.node_ram_bytes), "RAM of the whole node")
            if cost.node_ram_bytes
            else tile(numbers.size(cost.ram_bytes), "RAM of model and stack")
        )
    missing = evidence.missing
    tiles.append(tile(numbers.count(missing), "records missing", good=missing == 0))
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
        "Four predictors on the same test data"
        if len(samples) == 1
        else "Four predictors on test data; the last column says on how many samples"
    )
    split = f"Test data: {document.data_set.split}." if document.data_set.split else ""
    return section(
        "Accuracy",
        table(caption, columns, rows),
        tag("p", f"{baseline} {split}".strip(), css="lead"),
    )


def _agreement(document: RunDocument, agreement: Agreement) -> Html:
    if not document.samples:
        return Html("")
    if agreement.complete:
        text = (
            f"All {numbers.plural(agreement.compared, 'answer')} of the device are equal "
            "to the int8 model's on the host, in every element."
        )
    else:
        text = (
            f"{numbers.count(agreement.identical)} of "
            f"{numbers.plural(agreement.compared, 'answer')} are equal to the host's; "
            f"{numbers.plural(agreement.unanswered, 'sample')} got no answer. The largest "
            f"difference is {agreement.largest_difference} steps of the output's scale."
        )
    parts = [tag("p", text)]
    if agreement.differing_tags:
        shown = ", ".join(str(number) for number in agreement.differing_tags[:_SHOWN_DIFFERENCES])
        more = len(agreement.differing_tags) - _SHOWN_DIFFERENCES
        rest = f" and {more} more" if more > 0 else ""
        parts.append(tag("p", f"Samples that differ: {shown}{rest}."))
    return section("Device compared with host", *parts)


def _confusion(document: RunDocument, device: Evaluation | None) -> Html:
    found = device or document.metrics.get("int8")
    if found is None or not found.confusion:
        return Html("")
    labels = document.model.labels
    where = "on the device" if device is not None else "for the int8 model on the host"
    title = f"Confusion matrix {where}"
    shares = recalls(found.confusion, labels)
    rows = [
        [
            label,
            numbers.count(sum(row)),
            numbers.percent(shares[label]) if label in shares else numbers.MISSING,
        ]
        for label, row in zip(labels, found.confusion, strict=True)
    ]
    return section(
        "Confusion matrix",
        wide_and_narrow(
            figures.confusion_matrix(title, labels, found.confusion, 620),
            figures.confusion_matrix(title, labels, found.confusion, _NARROW),
            f"{title}: rows are true classes, columns are predicted classes.",
        ),
        table(
            "Recall: share of each class that was recognised", ("class", "samples", "recall"), rows
        ),
    )


def _over_time(meaning: Meaning | None, evidence: Evidence, pairs: Sequence[Pair]) -> Html:
    if meaning is None:
        return Html("")
    answered = [
        (record, result)
        for record, result in zip(evidence.records, evidence.results, strict=True)
        if result is not None
    ]
    targets = {id(one.record): one.sample.target for one in pairs}
    truth = {
        index: targets[id(record)]
        for index, (record, _) in enumerate(answered)
        if id(record) in targets
    }
    drawn = over_time(answered, meaning, truth)
    return section("Results over time", drawn) if drawn else drawn


def _what_ran(document: RunDocument) -> Html:
    model, board, data = document.model, document.board, document.data_set
    limits = [tag("li", text) for text in document.limits]
    commands = [tag("li", tag("code", text)) for text in document.commands]
    return section(
        "Model, board and data",
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
        *([tag("p", "To reproduce:"), tag("ul", *commands)] if commands else []),
        *([tag("p", "Limits of these figures:"), tag("ul", *limits)] if limits else []),
    )
