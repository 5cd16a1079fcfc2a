"""tinyml check: will a model run, and where."""

from __future__ import annotations

from pathlib import Path

import click

from tinyml.bench.fit import memory_on_boards
from tinyml.cli.arrays import read_array
from tinyml.cli.output import json_option, print_json, print_table
from tinyml.graph import load
from tinyml.graph.checks import operator_uses, preflight


@click.command("check")
@click.argument("model", type=click.Path(path_type=Path))
@click.option(
    "--samples",
    type=click.Path(path_type=Path),
    help="A .npy file of inputs, batch on axis 0; reports layers that saturate on them.",
)
@json_option
def command(model: Path, samples: Path | None, as_json: bool) -> None:
    """Say in plain words whether MODEL (.tflite) will run, and where.

    The exit code is 1 if the model cannot run at all.
    """

    graph = load(model)
    findings = preflight(graph, None if samples is None else [read_array(samples)])
    runs = not any(finding.severity == "error" for finding in findings)
    fits = memory_on_boards(graph) if runs else []
    uses = operator_uses(graph)
    if as_json:
        print_json(
            {
                "model": str(model),
                "file_bytes": graph.file_bytes,
                "runs": runs,
                "operators": [vars(use) for use in uses],
                "findings": [vars(finding) for finding in findings],
                "boards": [vars(fit) for fit in fits],
            }
        )
    else:
        print_table(
            f"{model.name}: {graph.file_bytes:,} bytes, {len(graph.operators)} operators",
            ("operator", "version", "count", "runs"),
            [(use.name, use.version, use.count, use.supported) for use in uses],
        )
        for finding in findings:
            click.echo(
                f"{finding.severity}: {finding.where}: {finding.what}.\n  To fix: {finding.mend}."
            )
        if fits:
            print_table(
                "Memory of the model alone, in bytes",
                ("board", "arena", "of its RAM", "flash", "of its flash", "fits"),
                [
                    (
                        f.board,
                        "-" if f.arena_bytes is None else f.arena_bytes,
                        f.ram_bytes,
                        "-" if f.model_bytes is None else f.model_bytes,
                        f.flash_bytes,
                        f.fits,
                    )
                    for f in fits
                ],
                caption="The rest of the application needs memory, too: "
                "`tinyml bench` measures all of it.",
            )
            for why in dict.fromkeys(fit.refused for fit in fits if fit.refused):
                names = ", ".join(fit.board for fit in fits if fit.refused == why)
                click.echo(f"Does not run on {names}: {why}.")
        click.echo("It runs." if runs else "It does not run on this engine: see the errors above.")
    if not runs:
        raise SystemExit(1)
