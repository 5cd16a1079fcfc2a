"""CONV_2D on Armv8.1-M."""

from tinyml.compiler.c_values import Struct, StructTable, Table
from tinyml.compiler.lower.armv81mm.ends import LANES, ends, in_blocks
from tinyml.compiler.lower.armv81mm.fully_connected import lower_fully_connected
from tinyml.compiler.lower.base import NotFitting, lowers, window_struct
from tinyml.compiler.lower.windows import as_fully_connected, overlap, reads_all_once
from tinyml.compiler.program import Call
from tinyml.graph.ops.conv import Conv2D

_PIXELS = 4  # together


@lowers(Conv2D, feature="mve")
def lower_conv_2d(op: Conv2D) -> Call:
    """Four pixels at a time; one pixel is a fully connected layer."""
    if op.groups > 1:
        raise NotFitting
    if reads_all_once(op.window):
        return lower_fully_connected(as_fully_connected(op))
    channels = op.output_channels
    flat = op.weights.reshape(channels, -1)
    end = ends(op.requantization, op.bias, flat, op.input_zero_point, op.dtype)
    depth = flat.shape[1]
    in_order = op.window.kernel == (1, 1) and op.window.stride == (1, 1)
    pointwise = in_order and depth % LANES == 0
    blocks = -(-depth // LANES)
    rows = tuple(
        Struct("tml_armv81mm_channel_t", {"bias": bias, "multiplier": real, "shift": shift})
        for bias, real, shift in end.filled(1).T.tolist()
    )
    params = Struct(
        "tml_armv81mm_conv_2d_t",
        {
            "window": window_struct(op.window),
            "batches": op.batches,
            "input_channels": op.input_channels,
            "output_channels": channels,
            "input_zero_point": op.input_zero_point,
            "depth": depth,
            "blocks": blocks,
            "weights": Table("weights", in_blocks(flat)),
            "channels": StructTable("channels", rows),
            "range": end.range,
        },
    )
    # Without patches, pixels are read for every channel.
    read_first = 0 if pointwise else _PIXELS
    return Call(
        "tml_armv81mm_pointwise" if pointwise else "tml_armv81mm_conv_2d",
        "armv81mm/conv_2d.c",
        params,
        scratch_bytes=0 if pointwise else _PIXELS * blocks * LANES,
        overlaps={0: overlap(op, _PIXELS, read_first)} if op.batches == 1 else {},
    )
