"""tinyml search: the best model within a board's limits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tinyml import boards, data, project
from tinyml.bench.evaluation import project_of
from tinyml.cli.choices import emulator_option, toolchain_option
from tinyml.cli.output import json_option, print_json, print_table
from tinyml.cli.progress import progress_bars
from tinyml.cli.values import Finite
from tinyml.errors import BoardError, ProjectError
from tinyml.files import write_atomically
from tinyml.search import Found, Limits, Wanted, search
from tinyml.search.cost import COSTS
from tinyml.search.picture import draw
from tinyml.search.space import to_toml
from tinyml.search.study import Candidate
from tinyml.shell import quoted


@click.command("search")
@click.argument("directory", default=".", type=click.Path(path_type=Path))
@click.option("--board", help="The board to fit; the project's where absent.")
@click.option(
    "--trials",
    type=click.IntRange(0),
    default=30,
    show_default=True,
    help="Finished trials of the whole study, by all workers; 0 only shows it.",
)
@click.option(
    "--epochs", type=click.IntRange(1, 10_000), help="Of a trial, instead of the project's."
)
@click.option("--max-ram", type=click.IntRange(1), help="Bytes; the board's where absent.")
@click.option("--max-flash", type=click.IntRange(1), help="Bytes; the board's where absent.")
@click.option("--max-latency", type=Finite(0, min_open=True), help="Milliseconds.")
@click.option("--max-energy", type=Finite(0, min_open=True), help="Microjoules.")
@click.option(
    "--cost",
    type=click.Choice(COSTS),
    default="instructions",
    show_default=True,
    help="What is traded against the metric.",
)
@click.option(
    "--storage",
    help="An SQLite file, or a postgresql:// URL that many workers share; "
    "search.db in DIRECTORY where absent.",
)
@click.option(
    "--study", help="Its name in the storage; the project's and the board's where absent."
)
@click.option("--choose", type=click.IntRange(0), help="A trial; the best one where absent.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Write the chosen trial as a project into this folder.",
)
@click.option("--picture", type=click.Path(path_type=Path), help="Draw the front into this .svg.")
@toolchain_option
@emulator_option
@json_option  # fmt: skip
def command(
    directory: Path,
    board: str | None,
    trials: int,
    epochs: int | None,
    max_ram: int | None,
    max_flash: int | None,
    max_latency: float | None,
    max_energy: float | None,
    cost: str,
    storage: str | None,
    study: str | None,
    choose: int | None,
    output: Path | None,
    picture: Path | None,
    as_json: bool,
) -> None:
    """Search the best model for the project in DIRECTORY within a board's memory and time.

    Every candidate is compiled and its instructions are counted before it is trained; those beyond
    a limit are not. Validation data judge, test data are not looked at. What may vary is in the
    project's [search]. Interrupt it whenever you like: the same command goes on. Several of it with
    one PostgreSQL storage share the work.
    """
    found = project_of(directory)
    target = boards.load(found.board if board is None else board)
    needs_power = max_energy is not None or cost == "energy_uj"
    if needs_power and target.power is None:
        raise BoardError(f"{target.name} has no power figures, so energy cannot be estimated")
    if output is not None and output.exists():
        raise ProjectError(f"{output} is there already; choose another folder")
    limits = Limits(
        max_ram or target.data.bytes, max_flash or target.code.bytes, max_latency, max_energy
    )
    wanted = Wanted(target.name, limits, cost, trials, epochs)
    place = storage or str(found.folder / "search.db")
    name = study or f"{found.name} {target.name}"
    with progress_bars() as report:
        result = search(found.folder, wanted, place, name, report)
    chosen = _chosen(result, choose)
    if picture is not None:
        write_atomically(picture, draw(result, chosen, _unit(found, result)))
    if output is not None:
        _write(found, target.name, result, chosen, output)
    if as_json:
        print_json(_to_dict(result, chosen, wanted, output))
    else:
        _print(result, chosen, output)


def _chosen(found: Found, number: int | None) -> Candidate:
    if number is None:
        return found.best
    for candidate in found.trained:
        if candidate.number == number:
            return candidate
    raise ProjectError(f"trial {number} of the study '{found.study}' was not trained")


def _unit(found: project.Project, result: Found) -> str:
    return data.entry(found.dataset, found.folder).target_unit if result.metric == "rmse" else ""


def _write(
    found: project.Project, board: str, result: Found, chosen: Candidate, output: Path
) -> None:
    comment = f"From the search '{result.study}': trial {chosen.number}, {result.metric} " + (
        f"{chosen.metric:.4g} on validation data."
    )
    path = output / project.FILE_NAME
    values = {**chosen.values, "board": board}
    project.of_values(values, found.folder / project.FILE_NAME)
    write_atomically(path, to_toml(values, comment))


def _to_dict(
    found: Found, chosen: Candidate, wanted: Wanted, output: Path | None
) -> dict[str, Any]:
    return {
        "study": found.study,
        "board": wanted.board,
        "limits": vars(wanted.limits),
        "metric": found.metric,
        "judged_by": "validation",
        "cost": found.cost,
        "trials": len(found.trained) + found.rejected,
        "trained": len(found.trained),
        "rejected": found.rejected,
        "front": [_candidate_to_dict(candidate) for candidate in found.front],
        "chosen": _candidate_to_dict(chosen),
        "project": str(output) if output else None,
    }


def _candidate_to_dict(candidate: Candidate) -> dict[str, Any]:
    return {
        "trial": candidate.number,
        "metric": candidate.metric,
        **candidate.cost.to_dict(),
        "settings": dict(candidate.values),
    }


def _print(found: Found, chosen: Candidate, output: Path | None) -> None:
    print_table(
        f"Front of '{found.study}': {found.metric} on validation data against {found.cost}",
        ("trial", "model", found.metric, "instructions", "ms", "RAM", "flash"),
        [
            (
                c.number,
                f"{c.values['model']['kind']} {c.values['model']['layers']}",
                c.metric,
                c.cost.instructions,
                c.cost.latency_ms,
                c.cost.ram_bytes,
                c.cost.flash_bytes,
            )
            for c in found.front
        ],
        caption=f"{len(found.trained)} trials trained, {found.rejected} beyond a limit or failed",
    )
    if output is not None:
        then = f"tinyml train {quoted(str(output))}"
        click.echo(f"Wrote {output}: trial {chosen.number}. Now: {then}")
