"""tinyml train: fit, quantise and evaluate a project's model."""

from __future__ import annotations

from pathlib import Path

import click

from tinyml import data, project
from tinyml.card.model_card import renew
from tinyml.cli.figures import print_evaluations
from tinyml.cli.output import json_option, print_json
from tinyml.cli.progress import progress_bars
from tinyml.files import require_writable
from tinyml.train import train_project


@click.command("train")
@click.argument("directory", default=".", type=click.Path(path_type=Path))
@click.option(
    "--seed",
    type=click.IntRange(0, 2**31 - 1),
    help="Use this instead of the value in tinyml.toml.",
)
@click.option(
    "--epochs", type=click.IntRange(1, 10_000), help="Use this instead of the value in tinyml.toml."
)
@click.option(
    "--seeds",
    "repeats",
    type=click.IntRange(1, 100),
    default=1,
    help="Train this many times with different seeds. The first model is kept; the "
    "figures of all are recorded.",
)
@click.option(
    "--force-leaky-split",
    "leaky",
    is_flag=True,
    help="Train even if test data leak into training; the training record then says so.",
)
@json_option
def command(
    directory: Path,
    seed: int | None,
    epochs: int | None,
    repeats: int,
    leaky: bool,
    as_json: bool,
) -> None:
    """Train the project in DIRECTORY; writes model.tflite and training.json there.

    If training is interrupted, the old model stays. With several seeds or folds, type the same
    command again: it continues after those that were finished.
    """
    place = project.find(project.located(directory)).folder
    require_writable(place)
    with progress_bars() as report:
        result = train_project(place, report, epochs, seed, repeats, leaky)
    record = result.record
    kept = renew(project.find(place))
    if as_json:
        print_json(
            {
                "model": str(result.model_path),
                "record": str(result.record_path),
                "model_sha256": record.model_sha256,
                "model_bytes": record.model_bytes,
                "parameters": record.parameters,
                "seed": record.seed,
                "epochs": record.epochs,
                "simulated": record.simulated,
                "seeds": [dict(reached) for reached in record.seeds],
                "leaks": list(record.leaks),
                "spread": record.spread,
                **{name: found.to_dict() for name, found in result.metrics.items()},
            }
        )
        return
    entry = data.entry(record.dataset, result.model_path.parent)
    print_evaluations(entry.title, result.metrics, entry.target_unit)
    if repeats > 1:
        figures = (f"{name} {m:.3f} +- {d:.3f}" for name, (m, d) in record.spread["int8"].items())
        click.echo(f"int8, mean and standard deviation over {repeats} seeds: {', '.join(figures)}")
    click.echo(
        f"Wrote {result.model_path}: {record.model_bytes:,} bytes, {record.parameters:,} "
        f"parameters, {record.epochs} epochs, seed {record.seed}."
    )
    if kept is not None:
        click.echo(f"The previous model's card was about other data; it is kept as {kept.name}.")
    for leak in record.leaks:
        click.echo(f"The split leaks, so these figures are too good: {leak}.", err=True)
