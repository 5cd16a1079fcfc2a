"""How train and evaluate show figures side by side."""

from __future__ import annotations

from collections.abc import Mapping

from tinyml.cli.output import print_table
from tinyml.judge import Evaluation


def print_evaluations(title: str, found: Mapping[str, Evaluation], unit: str) -> None:
    """A row a metric and a column a way of predicting; then recall, groups and confusion."""
    ways = list(found)
    first = found[ways[0]]
    print_table(
        title,
        ("metric", *ways),
        [
            (_named(name, unit), *(_with_interval(found[way], name) for way in ways))
            for name in first.values
        ],
        caption=f"{first.samples:,} test samples; in brackets the 95 % interval of a bootstrap",
    )
    if first.recall:
        print_table(
            "Recall of each class",
            ("class", *ways),
            [
                (label, *(found[way].recall.get(label, 0.0) for way in ways))
                for label in first.recall
            ],
        )
    if len(first.groups) > 1:
        metric = next(iter(first.values))
        print_table(
            f"{_named(metric, unit)} for each group of the test data",
            ("group", *ways),
            [(g, *(found[way].groups[g][metric] for way in ways)) for g in first.groups],
        )
    if found.get("int8", first).confusion:
        labels = list(first.recall)
        print_table(
            "Confusion matrix of the int8 model: rows are true classes, columns predictions",
            ("", *labels),
            [
                (label, *row)
                for label, row in zip(labels, found.get("int8", first).confusion, strict=False)
            ],
        )


def print_groups_left_out(groups: Mapping[str, Mapping[str, Evaluation]], unit: str) -> None:
    """The first metric of each group by models that have not seen it."""
    ways = list(next(iter(groups.values())))
    metric = next(iter(next(iter(groups.values()))[ways[0]].values))
    print_table(
        f"{_named(metric, unit)} for each group, by a model trained on the other groups",
        ("group", *ways),
        [
            (group, *(_with_interval(found[w], metric) for w in ways))
            for group, found in groups.items()
        ],
    )


def _with_interval(evaluation: Evaluation, name: str) -> str:
    if name not in evaluation.values:
        return "-"
    limits = evaluation.confidence.get(name)
    interval = f" ({limits[0]:.4g} .. {limits[1]:.4g})" if limits else ""
    return f"{evaluation.values[name]:.4g}{interval}"


def _named(metric: str, unit: str) -> str:
    return f"{metric} ({unit})" if unit and metric in ("rmse", "mae") else metric
