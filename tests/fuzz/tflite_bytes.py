"""A mutation fuzzer over .tflite files: a graph or a clear error, nothing else.

``python -m tests.fuzz.tflite_bytes --seconds 600 --seed 1`` runs it for long. Half of the mutants
have damaged bytes, half damaged meaning (damaged_graphs). Every one is read, checked, compiled and,
where it got so far, evaluated; any other exception, and too much time or memory, stops it.
"""

import argparse
import resource
import signal
import time
from collections import Counter
from pathlib import Path

import numpy as np

from tests.fuzz.damaged_graphs import SMALL_ENOUGH_TO_RUN, damaged_graph
from tests.kernels.batch import random_elements
from tests.kernels.cases import MAKERS, make
from tinyml.compiler import compile_model
from tinyml.errors import TinymlError
from tinyml.graph import Oracle, parse
from tinyml.graph.checks import preflight
from tinyml.graph.writer import write
from tinyml.resources import folder

SECONDS_A_CASE = 20
MEMORY_BYTES = 3 * 1024**3
CORES = ("portable", "cortex-m0plus", "cortex-m4", "cortex-m55")
INTERESTING = (0, 1, 2, 4, 0x7F, 0x80, 0xFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


def seeds(rng: np.random.Generator) -> list[bytes]:
    """Small files, of which damage hits the structure more often than the weights.

    The zoo's models, and one of each of the kernel tests' graphs.
    """
    zoo = [path.read_bytes() for path in sorted(folder("models").glob("*/model.tflite"))]
    return [*zoo, *(write(make(name, rng).graph) for name in MAKERS)]


def mutate(rng: np.random.Generator, data: bytes) -> bytes:
    """One file with some damage: bits, bytes, 32-bit fields, pieces moved, cut or doubled."""
    out = bytearray(data)
    for _ in range(int(rng.integers(1, 9))):
        kind, place = int(rng.integers(6)), int(rng.integers(len(out)))
        if kind == 0:
            out[place] ^= 1 << int(rng.integers(8))
        elif kind == 1:
            out[place] = int(rng.integers(256))
        elif kind == 2:
            field = place & ~3
            value = int(rng.choice(INTERESTING)) if rng.random() < 0.7 else int(rng.integers(2**32))
            out[field : field + 4] = value.to_bytes(4, "little")
        elif kind == 3:
            length, other = int(rng.integers(1, 64)), int(rng.integers(len(out)))
            out[place : place + length] = out[other : other + length]
        elif kind == 4:
            del out[place : place + int(rng.integers(1, 16))]
        else:
            out[place:place] = out[place : place + int(rng.integers(1, 16))]
        if len(out) < 16:
            break
    return bytes(out)


def judge(data: bytes) -> str:
    """What became of a file: "compiled", or the name of the error."""
    try:
        graph = parse(data)
        preflight(graph)
        compile_model(graph, core=CORES[len(data) % len(CORES)], name="mutant")
        if sum(tensor.elements for tensor in graph.tensors) < SMALL_ENOUGH_TO_RUN:
            dict(Oracle(graph).trace(random_elements(np.random.default_rng(0), graph)))
    except TinymlError as error:
        if not str(error).strip() or "\n" in str(error):
            raise AssertionError(f"not one sentence: {error!r}") from error
        return type(error).__name__
    return "compiled"


def run(seed: int, seconds: float | None = None, cases: int | None = None) -> Counter[str]:
    """Fuzz until time or cases are over; returns how often each outcome came."""
    rng = np.random.default_rng(seed)
    files = seeds(rng)
    outcomes: Counter[str] = Counter()
    end = None if seconds is None else time.monotonic() + seconds
    signal.signal(signal.SIGALRM, _too_long)
    while (end is None or time.monotonic() < end) and (cases is None or outcomes.total() < cases):
        data = _mutant(rng, files)
        signal.alarm(SECONDS_A_CASE)
        try:
            outcomes[judge(data)] += 1
        except BaseException:
            Path("crash.tflite").write_bytes(data)
            print(f"seed {seed}, case {outcomes.total()}: the file is in crash.tflite")
            raise
        finally:
            signal.alarm(0)
    return outcomes


def _mutant(rng: np.random.Generator, files: list[bytes]) -> bytes:
    if rng.random() < 0.5:
        return write(damaged_graph(rng))
    return mutate(rng, files[int(rng.integers(len(files)))])


def _too_long(number: int, frame: object) -> None:
    raise AssertionError(f"a case took more than {SECONDS_A_CASE} seconds")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    outcomes = run(arguments.seed, arguments.seconds)
    print(f"seed {arguments.seed}: {outcomes.total():,} files")
    for name, count in outcomes.most_common():
        print(f"{count:10,}  {name}")


if __name__ == "__main__":
    main()
