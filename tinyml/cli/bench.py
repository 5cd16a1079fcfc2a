"""tinyml bench: what a model costs on a board."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tinyml import boards
from tinyml.bench.front_end import FrontEndCost, measure_front_end
from tinyml.bench.measure import BenchFigures, measure
from tinyml.bench.memory_map import draw, memory_map
from tinyml.bench.node import NodeCost, measure_node
from tinyml.bench.profile import draw as draw_profile
from tinyml.boards import Board
from tinyml.cli.choices import emulator_option, toolchain_option
from tinyml.cli.compiling import compile_options
from tinyml.cli.output import json_option, print_json, print_table, progress_console
from tinyml.compiler import CompiledModel, Options, compile_model
from tinyml.errors import ModelTooLargeError
from tinyml.files import write_atomically
from tinyml.graph import Graph, load
from tinyml.model import ModelSettings

_ROWS = (
    ("instructions", "executed for one inference, counted exactly"),
    ("estimated_cycles", "an estimate, see docs/on-the-device.md"),
    ("macs", "multiply-accumulates"),
    ("arena_bytes", "inputs, outputs and intermediate values; checked with guard bytes"),
    ("state_bytes", "kept between inferences"),
    ("stack_bytes", "the most that was in use"),
    ("data_bss_bytes", ".data and .bss without the arena"),
    ("ram_bytes", "all of the above together"),
    ("flash_model_bytes", "weights and tables"),
    ("flash_code_bytes", "kernels and the model's own code"),
    ("flash_bytes", "a whole image: start-up code and the model, nothing else"),
)
_FRONT_END = (
    ("front_end_ram_bytes", "the front end's samples, scratch memory and state"),
    ("front_end_flash_bytes", "the front end's functions and tables"),
)
_NODE = (
    ("ram_bytes", "the whole node: model, front end, link, records and reserved stack"),
    ("flash_bytes", "the whole node: its image"),
)


@click.command("bench")
@click.argument("model", type=click.Path(path_type=Path))
@click.option("--board", default=boards.DEFAULT, show_default=True, help="An emulated board.")
@click.option("--layers", is_flag=True, help="Also print every layer.")
@click.option(
    "--memory",
    type=click.Path(path_type=Path),
    help="Draw how the arena is used over time into this .svg and stop there; --json "
    "prints the same as numbers.",
)
@click.option(
    "--profile",
    type=click.Path(path_type=Path),
    help="Also draw into this .svg each layer's instructions and the least that this "
    "core could need.",
)
@compile_options
@toolchain_option
@emulator_option
@json_option
def command(
    model: Path,
    board: str,
    layers: bool,
    memory: Path | None,
    profile: Path | None,
    options: Options,
    as_json: bool,
) -> None:
    """Count instructions, memory and flash of MODEL (.tflite), layer by layer."""
    graph = load(model)
    if memory is not None:
        core = boards.load(board).core
        _draw_memory(compile_model(graph, core=core, options=options), memory, as_json)
        return
    settings = ModelSettings.of(graph.metadata)
    front_end = None
    with progress_console.status(f"measuring {graph.name} on {board}"):
        figures = measure(graph, boards.load(board), options=options)
        if settings is not None:
            front_end = measure_front_end(settings.front_end, boards.load(board))
        node = _node(graph, boards.load(board), options)
    if profile is not None:
        write_atomically(profile, draw_profile(figures))
    if as_json:
        print_json(
            {
                **figures.to_dict(),
                **(_window(figures, front_end) if front_end else {}),
                **(node.to_dict() if node else {}),
            }
        )
        return
    rows = [(name, getattr(figures, name), text) for name, text in _ROWS]
    if front_end is not None:
        text = f"for one window with {front_end.kind}: {front_end.hops_per_window} hops"
        window = _window(figures, front_end)
        rows[1:1] = [
            ("front_end_instructions", front_end.front_end_instructions, text),
            ("window_instructions", window["window_instructions"], "front end and model"),
        ]
        rows += [(name, window[name], text) for name, text in _FRONT_END]
    rows += [(f"node_{name}", getattr(node, name), text) for name, text in _NODE if node]
    rows += [(f"pass: {name}", did, "done by the compiler") for name, did in figures.passes.items()]
    print_table(
        f"{graph.name} on {board} ({figures.core})", ("figure", "value", "what it is"), rows
    )
    if layers:
        _print_layers(figures)


def _window(figures: BenchFigures, front_end: FrontEndCost) -> dict[str, Any]:
    """The front end, and with it the model, as --json prints them."""
    cycles = figures.estimated_cycles and front_end.estimated_cycles
    return {
        **front_end.to_dict(),
        "window_instructions": figures.instructions + front_end.front_end_instructions,
        "window_estimated_cycles": cycles and figures.estimated_cycles + front_end.estimated_cycles,
    }


def _node(graph: Graph, board: Board, options: Options) -> NodeCost | None:
    """The whole node; None where the board has memory for the model alone."""
    try:
        return measure_node(graph, board, options)
    except ModelTooLargeError as error:
        click.echo(f"note: the whole node does not fit: {error}", err=True)
        return None


def _draw_memory(model: CompiledModel, path: Path, as_json: bool) -> None:
    write_atomically(path, draw(model))
    if as_json:
        print_json(memory_map(model))
    else:
        click.echo(
            f"{path}: arena {model.arena_bytes:,} bytes; no plan can need less than "
            f"{model.plan.bound_bytes:,}"
        )


def _print_layers(figures: BenchFigures) -> None:
    rows = []
    for layer in figures.layers:
        share = f"{layer.instructions / figures.instructions:.1%}"
        per_mac = f"{layer.instructions / layer.macs:.2f}" if layer.macs else ""
        least = layer.floor_instructions
        of_least = f"{layer.instructions / least:.2f}" if least else ""
        rows.append(
            (layer.index, layer.op, layer.instructions, share, layer.macs, per_mac, of_least)
        )
    columns = ("operator", "kind", "instructions", "share", "MACs", "per MAC", "x minimum")
    print_table("Layers", columns, rows)
