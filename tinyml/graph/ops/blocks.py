"""Operators that move blocks of an image into its depth or its batches, and back.

Source of the semantics: TFLite's reference/{space_to_depth,depth_to_space,space_to_batch_nd,
batch_to_space_nd}.h.
"""

from __future__ import annotations

import math

import numpy as np

from tinyml.graph.ir import Graph, Operator
from tinyml.graph.ops.base import integers_of, require, require_rank
from tinyml.graph.ops.facts import Facts, Tflm
from tinyml.graph.ops.rearrange import FILL, Rearrange, checked_pairs, moved_elements, numbered
from tinyml.graph.ops.registry import operator


@operator(SPACE_TO_DEPTH=Facts(options=(("block_size", "i", 0),), tflm=Tflm("SpaceToDepth", 4)))
def prepare_space_to_depth(graph: Graph, op: Operator) -> Rearrange:
    """Check a SPACE_TO_DEPTH."""
    source, output = graph.input_of(op, 0), graph.output_of(op)
    require_rank(op, source, 4)
    block = op.integer("block_size")
    n, rows, columns, depth = source.shape
    fits = block > 0 and rows % block == 0 and columns % block == 0
    require(op, fits, f"blocks of {block} do not divide its input")
    split = numbered(source.shape).reshape(n, rows // block, block, columns // block, block, depth)
    places = split.transpose(0, 1, 3, 2, 4, 5).reshape(
        n, rows // block, columns // block, block * block * depth
    )
    return moved_elements(op, source, output, places)


@operator(DEPTH_TO_SPACE=Facts(options=(("block_size", "i", 0),), tflm=Tflm("DepthToSpace", 4)))
def prepare_depth_to_space(graph: Graph, op: Operator) -> Rearrange:
    """Check a DEPTH_TO_SPACE."""
    source, output = graph.input_of(op, 0), graph.output_of(op)
    require_rank(op, source, 4)
    block = op.integer("block_size")
    n, rows, columns, depth = source.shape
    require(op, block > 0 and depth % (block * block) == 0, f"blocks of {block} do not fit")
    inner = depth // (block * block)
    split = numbered(source.shape).reshape(n, rows, columns, block, block, inner)
    places = split.transpose(0, 1, 3, 2, 4, 5).reshape(n, rows * block, columns * block, inner)
    return moved_elements(op, source, output, places)


@operator(SPACE_TO_BATCH_ND=Facts(inputs=3, tflm=Tflm("SpaceToBatchNd", 0, 4, 4)))
def prepare_space_to_batch(graph: Graph, op: Operator) -> Rearrange:
    """Check a SPACE_TO_BATCH_ND over one or two dimensions."""
    source, output = graph.input_of(op, 0), graph.output_of(op)
    blocks, paddings = integers_of(graph, op, 1), integers_of(graph, op, 2)
    fits = 0 < 2 * len(blocks) == len(paddings) < 2 * len(source.shape)
    require(op, fits, "wrong block shape")
    rank = len(source.shape)
    widths = [(0, 0)] * rank
    for i in range(len(blocks)):
        widths[1 + i] = (paddings[2 * i], paddings[2 * i + 1])
    checked_pairs(op, widths, source, output)
    padded = np.pad(numbered(source.shape), widths, constant_values=FILL)
    shape = [padded.shape[0]]
    for i, block in enumerate(blocks):
        fits = block > 0 and padded.shape[1 + i] % block == 0
        require(op, fits, f"blocks of {block} do not divide {padded.shape[1 + i]}")
        shape += [padded.shape[1 + i] // block, block]
    shape += padded.shape[1 + len(blocks) :]
    split = padded.reshape(shape)
    inner = [2 + 2 * i for i in range(len(blocks))]
    outer = [1 + 2 * i for i in range(len(blocks))]
    rest = list(range(1 + 2 * len(blocks), split.ndim))
    moved = moved_elements(op, source, output, split.transpose(*inner, 0, *outer, *rest))
    fill = output.quantized.zero_point if output.quantization is not None else 0
    return Rearrange(moved.places, moved.input_elements, moved.dtype, fill)


@operator(BATCH_TO_SPACE_ND=Facts(inputs=3, tflm=Tflm("BatchToSpaceNd")))
def prepare_batch_to_space(graph: Graph, op: Operator) -> Rearrange:
    """Check a BATCH_TO_SPACE_ND over one or two dimensions."""
    source, output = graph.input_of(op, 0), graph.output_of(op)
    blocks, crops = integers_of(graph, op, 1), integers_of(graph, op, 2)
    fits = 0 < 2 * len(blocks) == len(crops) < 2 * len(source.shape)
    require(op, fits, "wrong block shape")
    require(op, min(crops) >= 0, "a crop is negative")
    count = math.prod(blocks)
    require(
        op,
        min(blocks) > 0 and source.shape[0] % count == 0,
        "the batches of its inputs do not fit each other",
    )
    split = numbered(source.shape).reshape(*blocks, source.shape[0] // count, *source.shape[1:])
    order = [len(blocks)]
    for i in range(len(blocks)):
        order += [len(blocks) + 1 + i, i]
    order += range(2 * len(blocks) + 1, split.ndim)
    spatial = [size * block for size, block in zip(source.shape[1:], blocks, strict=False)]
    whole = split.transpose(order).reshape(
        source.shape[0] // count, *spatial, *source.shape[1 + len(blocks) :]
    )
    index = [slice(None)]
    for i, size in enumerate(spatial):
        begin, end = crops[2 * i], size - crops[2 * i + 1]
        require(op, begin < end, f"it crops all {size} elements")
        index.append(slice(begin, end))
    return moved_elements(op, source, output, whole[tuple(index)])
