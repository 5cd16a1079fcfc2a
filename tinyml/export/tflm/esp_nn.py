"""Scratch that Espressif's kernels ask TFLite Micro for, beside what its own do.

Source: esp-tflite-micro 1.4.0, kernels/esp_nn; ESP-NN 1.2.3, the functions ..._get_..scratch_size.
Chips without vector instructions ask for softmax alone; the ESP32-S3 and the ESP32-P4 for
convolutions, too, and the larger of the two is taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from tinyml.graph import Graph, Operator

_DEPTHWISE_WHOLE_BYTES: Final = 40 * 1024  # larger padded inputs are taken in strips
_DEPTHWISE_WIDE_BYTES: Final = 48 * 1024  # the same for int16 copies of input and filter


class _Window(NamedTuple):
    """One axis of a convolution."""

    given: int
    taps: int
    made: int
    stride: int
    before: int  # padding

    @property
    def padded(self) -> int:
        """With the padding on both sides."""
        return self.given + 2 * self.before

    @property
    def overhang(self) -> int:
        """How far windows at all steps reach over the end."""
        return max(0, self.made * self.stride + self.taps - 1 - self.given)


def _up(value: int, alignment: int) -> int:
    return -(-value // alignment) * alignment


def _windows(graph: Graph, op: Operator) -> tuple[_Window, _Window]:
    """Height and width."""
    given, weights = graph.input_of(op, 0).shape, graph.input_of(op, 1).shape
    made, options = graph.output_of(op).shape, op.options
    return (
        _window(given[1], weights[1], made[1], options, "h"),
        _window(given[2], weights[2], made[2], options, "w"),
    )


def _window(given: int, taps: int, made: int, options: Mapping[str, object], axis: str) -> _Window:
    stride, dilation = options[f"stride_{axis}"], options[f"dilation_{axis}"]
    assert isinstance(stride, int) and isinstance(dilation, int)
    reach = (made - 1) * stride + (taps - 1) * dilation + 1
    return _Window(given, taps, made, stride, max(0, reach - given) // 2)


def convolution_bytes(graph: Graph, op: Operator) -> int:
    """Scratch of an int8 CONV_2D on an ESP32-S3 or ESP32-P4."""
    height, width = _windows(graph, op)
    depth, rows = graph.input_of(op, 0).shape[3], graph.output_of(op).shape[3]
    if (
        height.taps == width.taps == 1
        and height.before == width.before == 0
        and height.stride == width.stride == 1
    ):
        wide = _up(depth, 8)
        pixels = height.given * width.given
        copy = pixels * wide if depth % 8 else 0
        turned = 16 * wide if pixels >= 8 else 0
        narrow = 20 * rows + 64 if depth < 16 else 0  # ESP32-P4
        return max(copy + wide * rows + turned + 64, narrow)
    wanted = _convolution_s3(height, width, depth, rows)
    if height.taps * width.taps * depth < 16:
        wanted = max(wanted, _narrow_p4(height, width, depth, rows))
    return wanted


def _convolution_s3(height: _Window, width: _Window, depth: int, rows: int) -> int:
    line = width.taps * depth
    window = line * height.taps
    if line < 16 <= window:
        return 4 * rows + 32 + (rows + 1) * _up(window, 16) + 64
    has_padding = height.before > 0 or width.before > 0
    padded = height.padded * width.padded * depth if has_padding else 0
    filters = (height.taps * width.taps * _up(depth, 16) + _up(line, 16) * height.taps) * rows
    over = 0
    if height.overhang or width.overhang:
        over = (height.given + height.overhang) * (width.given + width.overhang) * depth
    return padded + filters + over + 64 + 4 * rows


def _narrow_p4(height: _Window, width: _Window, depth: int, rows: int) -> int:
    filters = height.taps * width.taps * _up(depth, 16) * rows
    return 16 * height.padded * width.padded + filters + 32 + 4 * rows


def depthwise_bytes(graph: Graph, op: Operator) -> int:
    """Scratch of an int8 DEPTHWISE_CONV_2D on an ESP32-S3; an ESP32-P4 needs none."""
    height, width = _windows(graph, op)
    channels = graph.input_of(op, 0).shape[3]
    made = graph.output_of(op).shape[3]
    multiplier = made // channels
    taps = height.taps * width.taps
    pixels = height.given * width.given
    wide = 2 * (taps * made + pixels * channels)  # int16 copies of filter and input
    if multiplier == 1 and channels % 8 == 0:
        if (height.taps, width.taps) == (3, 3):
            if channels >= 12:
                return _three_by_three(height, width, channels)
            return wide + 32
        strip = 2 * (taps * made + width.given * height.taps * channels)
        return (wide if wide <= _DEPTHWISE_WIDE_BYTES else strip) + 32
    if multiplier == 1 and channels > 3:
        lanes = _up(channels, 8)
        copies = _up(_up(2 * taps * lanes, 16) + 2 * pixels * lanes, 16)
        return _up(copies + height.made * width.made * lanes, 16) + 12 * lanes + 16
    return wide + 32 if multiplier % 4 == 0 else 32


def _three_by_three(height: _Window, width: _Window, channels: int) -> int:
    lanes = _up(channels, 16)
    if channels == lanes:
        has_padding = height.before > 0 or width.before > 0
        down = 2 * height.before if has_padding else height.overhang
        across = 2 * width.before if has_padding else width.overhang
        whole = (height.given + down) * (width.given + across) * channels
        strip = (width.given + across) * 3 * channels
        if not (down or across):
            whole = 0
        return 9 * channels + (whole if whole <= _DEPTHWISE_WHOLE_BYTES else strip) + 16
    padded = (height.padded + height.overhang) * (width.padded + width.overhang)
    return (9 + padded + height.made * width.made) * lanes + 64


def softmax_bytes(graph: Graph, op: Operator) -> int:
    """Scratch of an int8 SOFTMAX on any chip: the kernel takes axis 1 for the width."""
    shape = graph.input_of(op, 0).shape
    return 4 * shape[1] if len(shape) > 1 else 0
