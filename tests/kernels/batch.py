"""Many small models in one native program under the sanitizers, against the oracle."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.support.targets import require_native
from tinyml.compiler import CompiledModel, compile_model
from tinyml.graph import Graph, Oracle
from tinyml.graph.ir import Array, DType
from tinyml.resources import folder

_MAIN = """
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const tml_model_t *const models[] = {{ {models} }};

/* For every model: its inputs on standard input, its outputs on standard output; twice for one that
 * keeps something between inferences. */
int main(void) {{
    for (unsigned m = 0; m < sizeof models / sizeof models[0]; m++) {{
        const tml_model_t *model = models[m];
        uint8_t *arena = malloc(model->arena_bytes);
        uint8_t *state = malloc(model->state_bytes);
        memset(arena, 0xA5, model->arena_bytes);
        if (model->reset_state != NULL) {{
            model->reset_state(state);
        }}
        for (unsigned run = 0; run < (model->state_bytes > 0 ? 2 : 1); run++) {{
            for (unsigned i = 0; i < model->input_count; i++) {{
                const tml_tensor_t *input = &model->inputs[i];
                if (fread(arena + input->arena_offset, 1, input->bytes, stdin) != input->bytes) {{
                    return 3;
                }}
            }}
            model->infer(arena, state);
            for (unsigned i = 0; i < model->output_count; i++) {{
                fwrite(arena + model->outputs[i].arena_offset, 1, model->outputs[i].bytes, stdout);
            }}
            fflush(stdout);
        }}
        free(arena);
        free(state);
    }}
    return 0;
}}
"""
FLAGS = [
    "-std=c11", "-O1", "-ffp-contract=off", "-Wall", "-Wextra", "-Werror",
    "-fsanitize=address,undefined", "-fno-sanitize-recover=all",
]  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A graph with one sample of its inputs."""

    graph: Graph
    inputs: tuple[Array, ...]


def random_elements(rng: np.random.Generator, graph: Graph) -> tuple[Array, ...]:
    """Inputs that reach the ends of their range."""
    found = []
    for index in graph.inputs:
        tensor = graph.tensor(index)
        if tensor.dtype is DType.FLOAT32:
            values = rng.normal(0, 3, tensor.shape).astype(np.float32)
        elif tensor.dtype is DType.BOOL:
            values = rng.integers(0, 2, tensor.shape).astype(np.bool_)
        else:
            limits = np.iinfo(tensor.dtype.numpy)
            values = rng.integers(limits.min, limits.max, tensor.shape, tensor.dtype.numpy, True)
            ends = rng.random(tensor.shape) < 0.1
            values = np.where(ends, rng.choice([limits.min, limits.max], tensor.shape), values)
        found.append(np.asarray(values, tensor.dtype.numpy).reshape(tensor.shape))
    return tuple(found)


def runs(graph: Graph) -> int:
    """How many inferences a graph is tried with."""
    return 2 if any(tensor.is_variable for tensor in graph.tensors) else 1


def check(cases: list[Case], place: Path, *, at_bound: bool = True) -> None:
    """Compile, run, and compare every output of every case with the oracle's.

    With ``at_bound``, no arena may be larger than its bound.
    """
    models = [
        compile_model(case.graph, core="portable", name=f"case_{number}")
        for number, case in enumerate(cases)
    ]
    fed = b"".join(
        np.ascontiguousarray(x).tobytes()
        for case in cases
        for _ in range(runs(case.graph))
        for x in case.inputs
    )
    done = subprocess.run([_build(models, place)], input=fed, capture_output=True, check=False)
    stream = done.stdout
    for number, (case, model) in enumerate(zip(cases, models, strict=True)):
        oracle = Oracle(case.graph)
        for _ in range(runs(case.graph)):
            wanted = dict(oracle.trace(case.inputs))
            for index in case.graph.outputs:
                tensor = case.graph.tensor(index)
                assert len(stream) >= tensor.bytes, f"case {number} died: {done.stderr.decode()}"
                found = np.frombuffer(stream[: tensor.bytes], tensor.dtype.numpy)
                stream = stream[tensor.bytes :]
                np.testing.assert_array_equal(
                    found.reshape(tensor.shape),
                    wanted[index],
                    err_msg=f"case {number}: {case.graph.operators}",
                )
        reached = model.plan.arena_bytes == model.plan.bound_bytes
        assert reached or not at_bound, f"case {number}: plan above bound"
    assert done.returncode == 0, done.stderr.decode()


def _build(models: list[CompiledModel], place: Path) -> Path:
    """One program; the models' sources are included into one file, which is quick to compile."""
    compiler = require_native()
    place.mkdir(parents=True, exist_ok=True)
    parts, kernels = [], set()
    for model in models:
        parts.append(model.files[f"{model.name}.c"].replace(f'#include "{model.name}.h"', ""))
        parts.append("#undef TML_MODEL_DATA\n#undef TML_MODEL_STEP\n")
        kernels |= {path for path in model.files if path.startswith("kernels/")}
    names = ", ".join(f"&tml_model_{model.name}" for model in models)
    source = place / "cases.c"
    source.write_text('#include "tml/model.h"\n' + "".join(parts) + _MAIN.format(models=names))
    firmware = folder("firmware")
    sources = [source, *(firmware / path for path in sorted(kernels) if path.endswith(".c"))]
    objects = []
    running = []
    for path in sources:
        objects.append(place / f"{path.stem}.o")
        includes = [f"-I{firmware / part}" for part in (".", "kernels", "include")]
        command = [compiler, *FLAGS, *includes, "-c", str(path), "-o", str(objects[-1])]
        running.append(subprocess.Popen(command))
        if len(running) >= (os.cpu_count() or 1):
            assert running.pop(0).wait() == 0
    assert all(process.wait() == 0 for process in running)
    program = place / "cases"
    subprocess.run([compiler, *FLAGS, *map(str, objects), "-o", str(program)], check=True)
    return program
