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
@click.option("--board", help="The board to search for. Default: the project's board.")
@click.option(
    "--trials",
    type=click.IntRange(0),
    default=30,
    show_default=True,
    help="Stop when the study has this many finished trials, counting all workers. 0 "
    "only shows the study.",
)
@click.option(
    "--epochs",
    type=click.IntRange(1, 10_000),
    help="Train each trial for this many epochs. Default: as in tinyml.toml.",
)
@click.option(
    "--max-ram",
    type=click.IntRange(1),
    help="The most memory of this kind that a model may need, in bytes. Default: all "
    "that the board has.",
)
@click.option(
    "--max-flash",
    type=click.IntRange(1),
    help="The most memory of this kind that a model may need, in bytes. Default: all "
    "that the board has.",
)
@click.option(
    "--max-latency",
    type=Finite(0, min_open=True),
    help="The longest time of one inference, in milliseconds.",
)
@click.option(
    "--max-energy",
    type=Finite(0, min_open=True),
    help="The most energy of one inference, in microjoules.",
)
@click.option(
    "--cost",
    type=click.Choice(COSTS),
    default="instructions",
    show_default=True,
    help="The cost to weigh against the metric.",
)
@click.option(
    "--storage",
    help="An SQLite file, or a postgresql:// URL that several workers share. Default: "
    "search.db in DIRECTORY.",
)
@click.option("--study", help="The study's name in the storage. Default: project and board.")
@click.option(
    "--choose",
    type=click.IntRange(0),
    help="The number of the trial to write. Default: the best trial.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Write the chosen trial as a new project into this folder.",
)
@click.option(
    "--picture", type=click.Path(path_type=Path), help="Draw the Pareto front into this .svg."
)
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
    """Search for the best model for the project in DIRECTORY within a board's memory and time.

    Every candidate is compiled and its instructions are counted first; candidates above a limit
    are not trained. Candidates are compared on validation data; test data are not used. The
    project's [search] says what may vary. You may stop at any time: the same command continues.
    Several workers with one PostgreSQL storage share the work.
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
    comment = f"From the search '{result.study}': trial {chosen.number} with {result.metric} " + (
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
        f"Pareto front of '{found.study}': {found.metric} on validation data against {found.cost}",
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
        caption=f"{len(found.trained)} trials trained, {found.rejected} above a limit or failed",
    )
    if output is not None:
        then = f"tinyml train {quoted(str(output))}"
        click.echo(f"Wrote trial {chosen.number} to {output}. Next, type: {then}")
