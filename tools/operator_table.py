"""The table of operators in docs/operators.md, made from what the tests really do.

``python -m tools.operator_table`` writes it; a test holds it to be current.
"""

import zlib
from collections import defaultdict

import numpy as np

from tests.kernels.cases import MAKERS, make
from tests.support.shared import ROOT
from tinyml.compiler import compile_model
from tinyml.graph.ops import PREPARE, facts_of

PAGE = ROOT / "docs" / "operators.md"
MANY = 8  # types that one line holds
GRAPHS = 60  # of each maker: enough to meet every type
HEAD = """\
# Operators
The operators that the engine runs. `python -m tools.operator_table` makes this page from the tests.

"types" are the types of first input and output in the random test cases; if they differ, as
"input to output". A kernel in C handles each of them and is compared bit for bit with the oracle.
"table" is a lookup table made by the compiler. "alias" costs nothing on the device. "folded" is
computed by the compiler.

| operator | types | kernel | tested against |
|---|---|---|---|
"""


def _listed(types: set[str]) -> str:
    """Types, or between which types, where they are many."""
    if len(types) > MANY:
        ends = {end for name in types for end in name.split(" to ")}
        return "between " + ", ".join(sorted(ends))
    return ", ".join(sorted(types)) or "any"


def rows() -> list[str]:
    """One row for each operator."""
    types: dict[str, set[str]] = defaultdict(set)
    kernels: dict[str, set[str]] = defaultdict(set)
    for name in MAKERS:
        rng = np.random.default_rng(zlib.crc32(name.encode()))
        for _ in range(GRAPHS):
            graph = make(name, rng).graph
            running = {
                step.operator: step for step in compile_model(graph, core="portable").program.steps
            }
            for op in graph.operators:
                last = op.outputs[0] if op.outputs else op.updates[0]
                ends = (graph.input_of(op, 0), graph.tensor(last))
                names = [tensor.dtype.name.lower() for tensor in ends]
                types[op.name].add(names[0] if names[0] == names[1] else " to ".join(names))
                if op.index in running:
                    function = running[op.index].call.function
                    kernels[op.name].add(
                        "table" if function == "tml_lookup_int8" else f"`{function}`"
                    )
    table = []
    for name in sorted(PREPARE):
        against = ["oracle"]
        against += ["TFLite Micro's recording"] if facts_of(name).recorded else []
        against += ["LiteRT"] if facts_of(name).litert else []
        shown = ", ".join(sorted(kernels[name])) or "alias or folded"
        kinds = _listed(types[name])
        table.append(f"| {name} | {kinds} | {shown} | {', '.join(against)} |")
    return table


def page() -> str:
    """The text of docs/operators.md."""
    return HEAD + "\n".join(rows()) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
