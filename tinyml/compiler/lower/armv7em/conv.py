"""CONV_2D on Armv7E-M."""

from tinyml.compiler.c_values import Expression, Struct
from tinyml.compiler.lower.armv7em.fully_connected import lower_fully_connected
from tinyml.compiler.lower.armv7em.products import PackedRows, epilogue, require_products
from tinyml.compiler.lower.base import NotFitting, lowers, window_struct
from tinyml.compiler.lower.windows import as_fully_connected, overlap, reads_all_once
from tinyml.compiler.program import Call
from tinyml.graph.ops.conv import Conv2D

_PIXELS = 3  # of a tile
_TILE_BYTES = 24  # a group of four products: two words for each of three pixels
_PATCH_BYTES = 12  # a group of four activations of three pixels


@lowers(Conv2D, feature="dsp")
def lower_conv_2d(op: Conv2D) -> Call:
    """Tiles of three pixels and two channels; one pixel is a fully connected layer."""
    channels = op.output_channels
    flat = op.weights.reshape(channels, -1)
    if op.groups > 1:
        raise NotFitting
    if reads_all_once(op.window):
        return lower_fully_connected(as_fully_connected(op))
    if channels < 2:
        raise NotFitting
    require_products(op.dtype, op.bias, flat, op.input_zero_point)
    ends = epilogue(op.requantization, channels)
    rows = PackedRows.of(flat, op.bias, op.input_zero_point)
    in_order = _in_order(op)
    params = Struct(
        "tml_armv7em_conv_2d_t",
        {
            "window": window_struct(op.window),
            "batches": op.batches,
            "input_channels": op.input_channels,
            "output_channels": channels,
            "input_zero_point": op.input_zero_point,
            "groups": rows.groups,
            "in_order": int(in_order),
            "gemm": Expression(f"tml_armv7em_gemm_{ends.variant}"),
            "stream": rows.stream("stream", 0, channels & ~1, 2, ends),
            "last_stream": rows.stream("last_stream", channels - 2, channels, 2, ends)
            if channels % 2
            else None,
            "clamp": ends.clamp,
        },
    )
    return Call(
        "tml_armv7em_conv_2d",
        "armv7em/conv_2d.c",
        params,
        scratch_bytes=rows.groups * (_TILE_BYTES + (0 if in_order else _PATCH_BYTES)),
        overlaps={0: overlap(op, _PIXELS, _PIXELS)} if op.batches == 1 else {},
    )


def _in_order(op: Conv2D) -> bool:
    """Whether outputs read one pixel each, in order, in words of four channels."""
    window = op.window
    return window.kernel == (1, 1) and window.stride == (1, 1) and op.input_channels % 4 == 0
