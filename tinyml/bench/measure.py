"""What a model costs on a board: measured, but for the cycles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from tinyml import boards
from tinyml.bench.cycles import estimated_cycles
from tinyml.bench.minimum import least_instructions
from tinyml.bench.session import GUARD_BYTES, BenchSession
from tinyml.boards import Board
from tinyml.compiler import DEFAULTS, Options
from tinyml.graph import Graph
from tinyml.graph.ir import Array
from tinyml.graph.samples import random_inputs


@dataclass(frozen=True)
class LayerCost:
    """One step of the compiled model."""

    index: int  # of the operator in the .tflite; their number for a copy into an output
    op: str
    instructions: int
    macs: int
    output: str  # name of the tensor that it completes
    floor_instructions: int  # see tinyml.bench.minimum; 0 where it multiplies nothing


@dataclass(frozen=True)
class BenchFigures:
    """A model on a board. Everything is measured; ``estimated_cycles`` is an estimate."""

    model: str
    board: str
    core: str
    instructions: int  # executed in one inference: exact and deterministic
    estimated_cycles: int  # see tinyml.bench.cycles; 0 for a core without a method
    macs: int
    arena_bytes: int  # exact: the guards on both sides stayed intact
    arena_bound_bytes: int  # the most that is alive at once
    state_bytes: int
    stack_bytes: int  # high-water mark
    data_bss_bytes: int  # without arena, state and guards
    ram_bytes: int  # arena, state, .data, .bss and stack
    flash_bytes: int  # the whole image
    flash_model_bytes: int  # constants
    flash_code_bytes: int  # functions of the model and its kernels
    layers: tuple[LayerCost, ...]
    passes: dict[str, str] = field(default_factory=dict)  # of the compiler -> what each did

    def to_dict(self) -> dict[str, Any]:
        """As `tinyml bench --json` prints it."""
        return asdict(self)


def measure(
    graph: Graph,
    board: Board,
    sample: Sequence[Array] | None = None,
    *,
    options: Options = DEFAULTS,
) -> BenchFigures:
    """Measure one inference.

    Args:
        graph: the model.
        board: an emulated board.
        sample: its inputs in full shapes; random elements where absent.
        options: as :func:`tinyml.compiler.compile_model` takes them.
    """
    sample = sample if sample is not None else [x[0] for x in random_inputs(graph, 1, seed=0)]
    with BenchSession(graph, board, options=options) as session:
        session.infer(sample)
        counts = session.count(sample)
        stack_bytes = session.stack_bytes(sample)
        layers = _layers(session, sample)
        model, image = session.model, session.image
        held = model.arena_bytes + model.state_bytes + 2 * GUARD_BYTES
        data_bss_bytes = max(image.data_bss_bytes - held, 0)
        return BenchFigures(
            model=graph.name,
            board=board.name,
            core=board.core,
            instructions=int(counts.sum()),
            estimated_cycles=estimated_cycles(image.elf_path, board, counts),
            macs=model.macs,
            arena_bytes=model.arena_bytes,
            arena_bound_bytes=model.plan.bound_bytes,
            state_bytes=model.state_bytes,
            stack_bytes=stack_bytes,
            data_bss_bytes=data_bss_bytes,
            ram_bytes=model.arena_bytes + model.state_bytes + data_bss_bytes + stack_bytes,
            flash_bytes=image.flash_bytes,
            flash_model_bytes=image.flash_model_bytes,
            flash_code_bytes=image.flash_code_bytes,
            layers=layers,
            passes=model.optimized.did,
        )


def _layers(session: BenchSession, sample: Sequence[Array]) -> tuple[LayerCost, ...]:
    costs = dict.fromkeys(range(len(session.model.program.steps)), 0)
    before = 0
    for step, _, counts in session.steps(sample):
        total = int(counts.sum())
        if step >= 0:
            costs[step] += total - before
        before = total
    graph = session.graph
    features = boards.core(session.board.core).features
    return tuple(
        LayerCost(
            index=step.operator if step.operator >= 0 else len(graph.operators),
            op=step.op,
            instructions=costs[step.index],
            macs=step.macs,
            output=graph.tensor(step.tensors[-1]).name if step.tensors else "",
            floor_instructions=least_instructions(step.op, step.macs, features),
        )
        for step in session.model.program.steps
    )
