"""tinyml card: write model cards from the records beside the models."""

from __future__ import annotations

from pathlib import Path

import click

from tinyml.bench.evaluation import project_of
from tinyml.card.cost_record import FILE_NAME, measurable, measure_costs
from tinyml.card.model_card import CARD_NAME, write_card
from tinyml.cli.choices import emulator_option, toolchain_option
from tinyml.cli.output import json_option, print_json
from tinyml.cli.progress import progress_bars
from tinyml.graph import load
from tinyml.progress import called


@click.command("card")
@click.argument("targets", nargs=-1, required=True, type=click.Path(path_type=Path))
@toolchain_option
@emulator_option
@json_option
def command(targets: tuple[Path, ...], as_json: bool) -> None:
    """Write a model card (README.md) for each of TARGETS: folders of projects, or models/NAME.

    The cost is measured on three emulated boards; everything else comes from the training record.
    The text above the first table and below "Limits" is yours: it is kept. If the model has since
    been trained on other data, the old card is kept under another name and a new one is written.
    """
    written = []
    names, left_out = measurable()
    for reason in left_out:
        click.echo(f"note: the card has no cost for one board: {reason}", err=True)
    with progress_bars() as report:
        for target in targets:
            found = project_of(target)
            progress = called(report, f"measure {found.name}")
            costs = measure_costs(load(found.model_path), progress, names)
            costs.write(found.folder / FILE_NAME)
            if kept := write_card(found, costs):
                click.echo(
                    f"The previous card was about other data; it is kept as {kept}.", err=True
                )
            written.append(str(found.folder / CARD_NAME))
    if as_json:
        print_json({"cards": written})
        return
    for path in written:
        click.echo(f"Wrote {path}.")
