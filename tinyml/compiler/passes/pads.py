"""A PAD with the zero point before a convolution becomes the convolution's own padding.

Frameworks that pad both sides alike, and Keras' ZeroPadding2D, leave a PAD before every convolution
with a stride: a copy of the image with a border, which costs its RAM and two instructions an
element. To the convolution's sums a padded pixel adds nothing, as one beyond the image does.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tinyml.compiler.passes.rewriting import (
    Rewritten,
    counted,
    readers_of,
    same_quantization,
    with_operators,
)
from tinyml.graph.ir import Graph, Operator
from tinyml.graph.ops import prepare
from tinyml.graph.ops.base import PADS, integers_of
from tinyml.graph.ops.conv import Convolution
from tinyml.graph.ops.rearrange import Rearrange

Pads = tuple[int, int, int, int]  # rows above and below, columns left and right


def fold_pads(graph: Graph) -> Rewritten:
    """The graph with paddings in the convolutions that read them, where all readers are those."""
    changed: dict[int, Operator | None] = {}
    readers = readers_of(graph)
    folded = 0
    for op in graph.operators:
        if op.name not in ("PAD", "PADV2") or op.outputs[0] in graph.outputs:
            continue
        found = [_folded(graph, op, reader) for reader in readers.get(op.outputs[0], ())]
        convolutions = [one for one in found if one is not None]
        if convolutions and len(convolutions) == len(found):
            folded += 1
            changed.update({one.index: one for one in convolutions})
            changed[op.index] = None
    did = f"{counted(folded, 'padding')} moved into convolutions" if folded else ""
    return Rewritten(with_operators(graph, changed), did)


def _folded(graph: Graph, pad: Operator, reader: Operator) -> Operator | None:
    """The reader on the image without its border; None where that is something else."""
    pads = _pads(graph, pad)
    convolution = prepare(graph, reader)
    padding = prepare(graph, pad)
    assert isinstance(padding, Rearrange)
    if pads is None or not isinstance(convolution, Convolution):
        return None
    source, padded = graph.input_of(pad, 0), graph.output_of(pad)
    if padding.fill != convolution.input_zero_point or not same_quantization(source, padded):
        return None
    inputs = (source.index, *reader.inputs[1:])
    found = replace(reader, inputs=inputs, options={**reader.options, PADS: pads})
    return found if _is_usual(prepare(graph, found)) else None


def _pads(graph: Graph, pad: Operator) -> Pads | None:
    """What is added around images; None where batches or channels are added, too."""
    widths = integers_of(graph, pad, 1)
    if len(widths) != 8 or any((*widths[:2], *widths[6:])):
        return None
    return (widths[2], widths[3], widths[4], widths[5])


def _is_usual(convolution: object) -> bool:
    """Whether windows leave the image by half at most, as with SAME: what kernels rely on."""
    assert isinstance(convolution, Convolution)
    window = convolution.window
    kernel, dilation, stride = map(np.array, (window.kernel, window.dilation, window.stride))
    before, image, output = map(np.array, (window.before, window.input, window.output))
    reach = (kernel - 1) * dilation + 1
    after = (output - 1) * stride - before + reach - image
    return bool(np.all(before <= reach // 2) and np.all(after <= reach // 2))
