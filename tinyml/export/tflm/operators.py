"""What is known of an operator in TFLite Micro: its resolver's method, its memory, its faults."""

from __future__ import annotations

from tinyml.errors import ExportError
from tinyml.graph import Graph, Operator, Tensor
from tinyml.graph.ops import facts_of
from tinyml.graph.ops.facts import Tflm


def options_bytes(op: Operator, enum_bytes: int) -> int:
    """Size of an operator's parsed options."""
    kept = tflm_of(op)
    short = kept.short_options
    return kept.options if short is None or enum_bytes != 1 else short


def tflm_of(op: Operator) -> Tflm:
    """What TFLite Micro keeps for an operator; ExportError where it, or our facts, have none."""
    kept = facts_of(op.name).tflm
    if kept is None:
        raise ExportError(
            f"{op.where} cannot be exported for TFLite Micro, which lacks it or needs "
            "extra resources for it; replace it in the model, or export with --engine "
            "tinyml"
        )
    return kept


def check_operators(graph: Graph) -> None:
    """Raise ExportError where TFLite Micro would compute something else than the model says."""
    for op in graph.operators:
        if op.name == "RELU6" and _rescales(graph.input_of(op, 0), graph.output_of(op)):
            raise ExportError(
                f"{op.where} changes the scale, which TFLite Micro's kernel ignores, so its "
                "results would be wrong; fuse it into the layer before, use RELU, or export "
                "with --engine tinyml"
            )


def _rescales(given: Tensor, made: Tensor) -> bool:
    if given.quantization is None or made.quantization is None:
        return False
    before, after = given.quantization, made.quantization
    return (before.scale, before.zero_point) != (after.scale, after.zero_point)


def resolver_method(op: Operator) -> str:
    """The method of MicroMutableOpResolver that registers an operator."""
    return f"Add{tflm_of(op).method}"
