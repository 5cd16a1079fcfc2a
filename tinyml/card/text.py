"""A model card in Markdown: what a model is for, how good it is, what it costs, where it ends.

M. Mitchell and others: "Model Cards for Model Reporting", arXiv:1810.03993 (2019). Figures come
from the records beside the model; the head and the limits are the author's and stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from tinyml.card.cost_record import CostRecord
from tinyml.data.catalogue import Entry
from tinyml.judge.metrics import Evaluation, main_metric
from tinyml.judge.training_record import TrainingRecord
from tinyml.model import ModelSettings, model_hash
from tinyml.report.carbon import GRAMS_A_KILOWATT_HOUR, WATTS_A_CORE, Carbon

_TABLE: Final = "| | |"  # with which the written part begins
_LIMITS: Final = "## Limits"
_DATA_ROW: Final = re.compile(r"^\| Data \| `([^`]+)`", re.MULTILINE)
_SPREAD: Final = ("mean over seeds", "deviation")
_COSTS: Final = (
    ("instructions per inference", "instructions"),
    ("instructions of the front end per window", "front_end_instructions"),
    ("cycles per inference (an estimate)", "estimated_cycles"),
    ("cycles of the front end per window (an estimate)", "front_end_estimated_cycles"),
    ("arena, bytes", "arena_bytes"),
    ("RAM: arena, .data, .bss, stack, bytes", "ram_bytes"),
    ("flash: whole image, bytes", "flash_bytes"),
    ("of these, weights and tables", "flash_model_bytes"),
    ("of these, kernels and the model's code", "flash_code_bytes"),
    ("the front end's RAM: samples, scratch, state, bytes", "front_end_ram_bytes"),
    ("the front end's flash: functions and tables, bytes", "front_end_flash_bytes"),
)


@dataclass(frozen=True)
class Author:
    """What a person wrote: kept word for word, as long as it is about the same data."""

    head: str  # title and what it is about
    limits: str  # what it cannot do

    @classmethod
    def of(cls, card: str, entry: Entry, name: str) -> Author:
        """From the card as it is; from ``entry`` where it lacks that, or is about other data."""
        if dataset_of(card) not in ("", entry.name):
            card = ""
        head = card.partition(_TABLE)[0].strip()
        limits = card.partition(_LIMITS)[2].strip()
        simulated = " The data are SIMULATED." if entry.simulated else ""
        return cls(
            head or f"# {name}: {entry.title}\n\nData: {entry.source}, {entry.licence}.{simulated}",
            limits or "- The limits of this model have not been written down yet.",
        )


def dataset_of(card: str) -> str:
    """The data set that a card is about; empty where the text is something else than a card."""
    found = _DATA_ROW.search(card)
    return found[1] if found else ""


def card(
    record: TrainingRecord,
    settings: ModelSettings,
    entry: Entry,
    costs: CostRecord | None,
    author: Author,
    place: str,
) -> str:
    """The whole text of a card; without ``costs``, it says that they are not counted.

    ``place`` is the project's folder, as the commands on the card name it.
    """
    parts = (
        author.head,
        _table(("", ""), _facts(record, settings, entry, place), right=False),
        *_figures(record, entry),
        *_cost(costs, place),
        *_training(record),
        f"{_LIMITS}\n{author.limits}",
    )
    return "\n\n".join(parts) + "\n"


def _facts(
    record: TrainingRecord, settings: ModelSettings, entry: Entry, place: str
) -> Iterator[tuple[str, str]]:
    front_end = settings.front_end
    many = "samples" if front_end.window > 1 else "sample"
    yield "Input", f"{front_end.window} {many} of {', '.join(settings.channel_names)}"
    details = front_end.facts(settings.channel_names)
    shown = "; ".join(f"{name} {value}" for name, value in details.items() if value)
    yield "Front end", f"{front_end.kind}: {shown}" if shown else front_end.kind
    model, training = record.settings["model"], record.settings["training"]
    yield (
        "Model",
        f"{model['kind']} {model['layers']}, {training['quantization']}, "
        f"{record.parameters:,} parameters, {record.model_bytes:,} bytes, "
        f"SHA-256 {model_hash(record.model_sha256)}",
    )
    teacher = record.settings.get("teacher")
    if teacher:
        yield (
            "Taught by",
            (
                f"a random forest of {teacher['trees']} trees, which labelled "
                f"{teacher['copies']} synthetic windows around each real one, between it and "
                f"its {teacher['neighbours']} nearest neighbours"
            ),
        )
    yield (
        "Output",
        ", ".join(settings.labels) or f"{settings.target_name}, {settings.target_unit}",
    )
    simulated = "**simulated**, " if entry.simulated else ""
    yield (
        "Data",
        f"`{entry.name}`, {simulated}{entry.licence}; samples' SHA-256 "
        f"{record.dataset_sha256[:16]}",
    )
    yield "Split", entry.split
    if record.leaks:
        yield "**The split leaks**", f"so the figures are too good: {'; '.join(record.leaks)}"
    seeds = f" --seeds {len(record.seeds)}" if len(record.seeds) > 1 else ""
    yield (
        "Made by",
        f"`tinyml train {place}{seeds}` (seed {record.seed}; `training.json` has settings, "
        "versions, hashes)",
    )


def _figures(record: TrainingRecord, entry: Entry) -> Iterator[str]:
    metrics, metric = record.metrics, main_metric(entry.task)
    ways = ("float", "int8", "baseline", "forest")
    names = ("float", "int8", "int8, 95 % interval", "baseline", _classical(entry))
    yield f"## Figures on the {metrics['int8'].samples:,} test windows"
    yield _table(
        ("", *names),
        [
            (
                name,
                *(_shown(metrics[way], name) for way in ways[:2]),
                _interval(metrics["int8"], name),
                *(_shown(metrics[way], name) for way in ways[2:]),
            )
            for name in metrics["int8"].values
        ],
    )
    unit = f" rmse and mae are in {entry.target_unit}." if entry.target_unit else ""
    yield (
        "The intervals come from a bootstrap over stretches of each recording. "
        f"Baseline: {entry.baseline}.{unit}"
    )
    if len(record.seeds) > 1:
        yield from _seeds(record.seeds, metric)
    if metrics["int8"].recall:
        spread = _spread([reached.get("int8_recall", {}) for reached in record.seeds])
        yield _table(
            ("class", "int8 recall", *_SPREAD[: len(spread)]),
            [
                (label, _number(value), *(of[label] for of in spread))
                for label, value in metrics["int8"].recall.items()
            ],
        )
    if len(metrics["int8"].groups) > 1:
        yield _groups(record, metric, _classical(entry))


def _groups(record: TrainingRecord, metric: str, classical: str) -> str:
    metrics = record.metrics
    spread = _spread(
        [
            {group: values[metric] for group, values in reached.get("int8_groups", {}).items()}
            for reached in record.seeds
        ]
    )
    return _table(
        ("group", f"int8 {metric}", *_SPREAD[: len(spread)], "baseline", classical),
        [
            (
                group,
                _number(values[metric]),
                *(of[group] for of in spread),
                *(_number(metrics[way].groups[group][metric]) for way in ("baseline", "forest")),
            )
            for group, values in metrics["int8"].groups.items()
        ],
    )


def _spread(of_seeds: Sequence[Mapping[str, float]]) -> tuple[dict[str, str], ...]:
    """Each value's mean and deviation over the seeds; nothing where not several recorded it."""
    if len(of_seeds) < 2 or not all(of_seeds):
        return ()
    columns: tuple[dict[str, str], ...] = ({}, {})
    for name in of_seeds[0]:
        values = np.array([values[name] for values in of_seeds])
        for column, value in zip(columns, (values.mean(), values.std(ddof=1)), strict=True):
            column[name] = _number(value)
    return columns


def _classical(entry: Entry) -> str:
    return "T2 and Q" if entry.task == "anomaly" else "random forest"


def _seeds(seeds: Sequence[Mapping[str, Any]], metric: str) -> Iterator[str]:
    rows = []
    for way in ("float", "int8"):
        values = np.array([reached[way][metric] for reached in seeds])
        summary = (values.mean(), values.std(ddof=1))
        rows.append((f"{way} {metric}", *map(_number, values), *map(_number, summary)))
    yield _table(("seed", *(str(r["seed"]) for r in seeds), "mean", "deviation"), rows)
    yield "The shipped model is the one of the first seed, not the best one."


def _cost(costs: CostRecord | None, place: str) -> Iterator[str]:
    if costs is None:
        yield f"## Cost\n\nNot counted yet for this model; `tinyml card {place}` counts it."
        return
    yield "## Cost on three boards" if len(costs.boards) == 3 else "## Cost"
    yield _table(
        ("", *(f"{row['board']} ({row['core']})" for row in costs.boards)),
        [
            (title, *(f"{row[key]:,}" for row in costs.boards))
            for title, key in _COSTS
            if all(key in row for row in costs.boards)
        ],
    )
    yield (
        "Counted on emulated boards. All figures except the cycles are exact. RAM "
        "and flash are those of an image with the model alone."
    )


def _training(record: TrainingRecord) -> Iterator[str]:
    yield "## Training"
    versions = ", ".join(f"{name} {version}" for name, version in record.versions.items())
    carbon = Carbon(record.cpu_seconds)
    emitted = (
        f"All seeds and folds with their evaluation took {record.cpu_seconds:,.0f} s "
        f"of CPU time (measured). Estimate: {carbon.watt_hours:.2g} Wh and "
        f"{carbon.grams:.2g} g of CO2 (at {WATTS_A_CORE:g} W per core and "
        f"{GRAMS_A_KILOWATT_HOUR:g} g per kWh, the world average of 2018)."
        if record.cpu_seconds
        else "The CPU time was not recorded, so the carbon emitted cannot be estimated."
    )
    yield f"{emitted} Versions: {versions}."


def _shown(evaluation: Evaluation, name: str) -> str:
    return _number(evaluation.values[name]) if name in evaluation.values else "-"


def _interval(evaluation: Evaluation, name: str) -> str:
    limits = evaluation.confidence.get(name)
    return f"{_number(limits[0])} to {_number(limits[1])}" if limits else "-"


def _number(value: float) -> str:
    return f"{value:.2f}" if abs(value) >= 2 else f"{value:.3f}"


def _table(
    columns: Sequence[str], rows: Iterator[tuple[str, ...]] | list[Any], *, right: bool = True
) -> str:
    head = f"| {' | '.join(columns)} |" if any(columns) else _TABLE
    rule = "|".join(["---"] + ["---:" if right else "---"] * (len(columns) - 1))
    lines = [head, f"|{rule}|", *(f"| {' | '.join(row)} |" for row in rows)]
    return "\n".join(lines)
