"""Preflight: what would surprise on the device, in plain words, each with its mend."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from tinyml.errors import UnsupportedModelError
from tinyml.graph.ir import Array, DType, Graph, Operator, Tensor
from tinyml.graph.ops import facts_of, prepare
from tinyml.graph.oracle import Oracle

Severity = Literal["error", "warning", "note"]

# A layer whose outputs sit at the end of their range this often has lost information.
_SATURATED_SHARE: Final = 0.05
_FEW_CHANNELS: Final = 2


@dataclass(frozen=True)
class Finding:
    """One thing that the user should know."""

    severity: Severity  # an error means that the model does not run
    where: str
    what: str
    mend: str


@dataclass(frozen=True)
class OperatorUse:
    """How often an operator occurs, and whether this engine runs it."""

    name: str
    version: int
    count: int
    supported: bool


def operator_uses(graph: Graph) -> list[OperatorUse]:
    """Every kind of operator of the model, the most frequent first."""
    counts = Counter((op.name, op.version) for op in graph.operators)
    refused = {(op.name, op.version) for op in graph.operators if _refusal(graph, op)}
    return [
        OperatorUse(name, version, count, (name, version) not in refused)
        for (name, version), count in counts.most_common()
    ]


def preflight(graph: Graph, samples: list[Array] | None = None) -> list[Finding]:
    """Everything worth knowing before a device is flashed, errors first.

    Args:
        graph: the model.
        samples: inputs as :meth:`Oracle.run` takes them, to look at what the layers do with them.
    """
    findings = [*_unsupported(graph), *_quantisation(graph)]
    runs = not any(finding.severity == "error" for finding in findings)
    if samples is not None and runs:
        findings += _saturation(graph, samples)
    order = {"error": 0, "warning": 1, "note": 2}
    return sorted(findings, key=lambda finding: order[finding.severity])


def _refusal(graph: Graph, op: Operator) -> str:
    """Why an operator does not run; empty where it does."""
    try:
        prepare(graph, op)
    except UnsupportedModelError as error:
        return str(error)
    return ""


def _unsupported(graph: Graph) -> Iterator[Finding]:
    floats = [t for t in graph.tensors if t.dtype is DType.FLOAT32 and t.data is not None]
    if floats and all(t.quantization is None for t in graph.tensors):
        yield Finding(
            "warning",
            "the whole model",
            "it is a float32 model: it needs four times the flash and RAM of an int8 "
            "model and runs slowly, very slowly on a core without a floating-point unit",
            "convert it with full integer quantisation: a representative data set, "
            "TFLITE_BUILTINS_INT8, int8 inputs and outputs (`tinyml train` does this)",
        )
    variables = [t for t in graph.tensors if t.is_variable]
    if variables:
        yield Finding(
            "note",
            f"{len(variables)} variables, {sum(t.bytes for t in variables)} bytes",
            "the model keeps them from one inference to the next, as in TFLite Micro; "
            "this includes the state of a Keras LSTM layer that was not stateful in "
            "training",
            "if inputs do not belong together, call the model's reset_state before each one",
        )
    for op in graph.operators:
        refusal = _refusal(graph, op)
        if refusal:
            what = refusal.removeprefix(op.where).lstrip(": ")  # the finding says where
            yield Finding("error", op.where, what, "change that layer and convert again")


def _quantisation(graph: Graph) -> Iterator[Finding]:
    for op in graph.operators:
        axis = facts_of(op.name).channel_axis
        if axis is not None and not _refusal(graph, op):
            weights = graph.tensors[op.inputs[1]]
            channels = weights.shape[axis]
            single = weights.quantization is not None and not weights.quantization.per_channel
            if single and channels >= _FEW_CHANNELS:
                yield Finding(
                    "warning",
                    op.where,
                    f"'{weights.name}' has one scale for all {channels} channels",
                    "do not disable per-channel quantisation in the converter: it usually keeps "
                    "more accuracy",
                )
    for role, indices in (("input", graph.inputs), ("output", graph.outputs)):
        for index in indices:
            yield from _edge(role, graph.tensors[index])


def _edge(role: str, tensor: Tensor) -> Iterator[Finding]:
    if tensor.dtype is DType.FLOAT32:
        yield Finding(
            "note",
            f"{role} '{tensor.name}'",
            "it is float32: four bytes per element in RAM, and a conversion at every inference",
            f"set inference_{role}_type to int8 in the converter",
        )
    elif tensor.quantization is not None and tensor.dtype is DType.INT8:
        scale, zero = float(tensor.quantized.scale), tensor.quantized.zero_point
        yield Finding(
            "note",
            f"{role} '{tensor.name}'",
            f"it holds real values from {scale * (-128 - zero):.4g} to "
            f"{scale * (127 - zero):.4g} in steps of {scale:.4g}; values outside are "
            "clipped",
            "if your signal goes beyond that, add such samples to the representative data set",
        )


def _saturation(graph: Graph, samples: list[Array]) -> Iterator[Finding]:
    oracle = Oracle(graph)
    ends: Counter[int] = Counter()
    elements: Counter[int] = Counter()
    for sample in oracle.samples(samples):
        for index, value in oracle.trace(sample):
            if value.dtype in (np.int8, np.int16):
                limits = np.iinfo(value.dtype)
                # The lower end is where a ReLU puts half of its outputs: only the upper one tells.
                ends[index] += int(np.count_nonzero(value == limits.max))
                elements[index] += value.size
    for index, count in ends.items():
        share = count / elements[index]
        if share > _SATURATED_SHARE and graph.tensors[index].elements > 1:
            yield Finding(
                "warning",
                f"tensor '{graph.tensors[index].name}'",
                f"{share:.0%} of its elements are at the top of their range on these samples",
                "add such samples to the representative data set and convert again",
            )
