"""A compiled model as a native program, under the address and undefined-behaviour sanitizers."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tests.support.targets import require_native
from tinyml.compiler import CompiledModel
from tinyml.graph.ir import Array

MAIN = Path(__file__).with_name("host_main.c")
FLAGS = [
    "-std=c11", "-O1", "-g", "-Wall", "-Wextra", "-Werror",
    "-fsanitize=address,undefined", "-fno-sanitize-recover=all",
]  # fmt: skip


def build(model: CompiledModel, folder: Path) -> Path:
    """The program, in ``folder``."""
    model.write(folder)
    program = folder / "host"
    sources = [path for path in model.files if path.endswith((".c", ".S"))]
    includes = [f"-I{folder / name}" for name in ("kernels", "include", ".")]
    command = [require_native(), *FLAGS, *includes, str(MAIN), *(str(folder / s) for s in sources)]
    subprocess.run([*command, "-o", str(program)], check=True)
    return program


def run(model: CompiledModel, program: Path, inputs: Sequence[Array]) -> list[Array]:
    """Outputs ``[n, *shape]`` for inputs ``[n, *shape]``, in the full shapes."""
    samples = len(inputs[0])
    fed = b"".join(
        np.ascontiguousarray(batch[i]).tobytes() for i in range(samples) for batch in inputs
    )
    done = subprocess.run([str(program)], input=fed, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    tensors = [model.graph.tensor(index) for index in model.graph.outputs]
    record = np.dtype(
        [(f"f{i}", tensor.dtype.numpy, tensor.shape) for i, tensor in enumerate(tensors)]
    )
    found = np.frombuffer(done.stdout, record)
    assert len(found) == samples
    return [found[f"f{i}"] for i in range(len(tensors))]
