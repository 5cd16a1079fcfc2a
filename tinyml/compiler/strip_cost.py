"""What work in strips costs: an estimate, from counts on emulated boards, in instructions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tinyml.boards import Core
from tinyml.compiler.strips import WorkInStrips
from tinyml.compiler.work import Lowered, Work
from tinyml.graph.ops.conv import Conv2D, DepthwiseConv2D


@dataclass(frozen=True)
class Prices:
    """Instructions of a core's kernels."""

    product: float  # of a convolution, a multiply-accumulate
    depthwise_product: float
    together: int  # pixels that a convolution computes together, also where fewer are left
    strip: int  # a call of a kernel on a strip, with the loop around it
    channel: int  # of a depthwise kernel, what each channel of a call costs before its first output
    halo_element: float  # of a depthwise kernel, what is done again for an input it has seen
    moved_byte: float

    @classmethod
    def of(cls, core: Core) -> Prices:
        """Those of the fastest kernels that a core runs."""
        return next(
            (prices for feature, prices in _BY_FEATURE if feature in core.features), _PORTABLE
        )


_PORTABLE: Final = Prices(7.0, 9.0, 1, 300, 0, 0.0, 1.0)
_BY_FEATURE: Final = (
    ("mve", Prices(0.18, 1.5, 4, 400, 75, 0.0, 0.7)),
    ("dsp", Prices(0.9, 2.0, 3, 250, 50, 2.0, 0.8)),
    ("armv6m", Prices(3.2, 5.0, 4, 350, 250, 4.0, 1.0)),
)


def instructions(work: Work, prices: Prices) -> float:
    """Of one piece of work on whole tensors."""
    if work.prepared is None:
        return 0
    depthwise = isinstance(work.prepared, DepthwiseConv2D)
    return work.prepared.macs * (prices.depthwise_product if depthwise else prices.product)


def extra_instructions(lowered: Lowered, in_strips: WorkInStrips, prices: Prices) -> int:
    """What a segment costs more than its work on whole tensors."""
    schedule = in_strips.segment.schedule
    extra = prices.moved_byte * schedule.moved_bytes
    read = [0] * len(in_strips.calls)
    visits = [0] * len(in_strips.calls)
    computed = [0] * len(in_strips.calls)  # pixels
    for visit in schedule.visits:
        visits[visit.step] += 1
        read[visit.step] += visit.inputs
        pixels = (visit.end - visit.first) * _columns(lowered, in_strips, visit.step)
        computed[visit.step] += -(-pixels // prices.together) * prices.together
    for step in range(len(in_strips.calls)):
        extra += prices.strip * visits[step]
        prepared = lowered.work[in_strips.first + step].prepared
        if isinstance(prepared, DepthwiseConv2D):
            row = prepared.window.input[1] * prepared.input_channels
            again = max(0, read[step] - prepared.window.input[0]) * row
            extra += prices.halo_element * again
            extra += prices.channel * prepared.output_channels * (visits[step] - 1)
        elif isinstance(prepared, Conv2D):
            pixels = prepared.window.output[0] * prepared.window.output[1]
            idle = max(0, computed[step] - -(-pixels // prices.together) * prices.together)
            extra += prices.product * idle * prepared.weights.size
    return int(extra)


def _columns(lowered: Lowered, in_strips: WorkInStrips, step: int) -> int:
    shape = lowered.graph.tensor(lowered.work[in_strips.first + step].outputs[0]).shape
    return shape[2] if len(shape) == 4 else 1
