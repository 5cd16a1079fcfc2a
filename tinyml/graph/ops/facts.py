"""What is known of an operator beside its arithmetic: everything that a list elsewhere is made of.

Source of the inputs: the NumInputs checks and tensor numbers of TFLite Micro's kernels. Source of
the options: the tables of schema.fbs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

ANY_NUMBER: Final = 2**31 - 1  # of inputs

# One option: its name, its type, what it is where the file does not say. Types are `struct`
# formats, "[i" is a vector of int32 and "s" a string; None is a slot that is not read.
Field = tuple[str, str, int | float | bool] | None

PADDING: Final = ("padding", "b", 0)
STRIDES: Final = (("stride_w", "i", 0), ("stride_h", "i", 0))
DILATION: Final = (("dilation_w", "i", 1), ("dilation_h", "i", 1))
ACTIVATION: Final = ("activation", "b", 0)


class Tflm(NamedTuple):
    """An operator of TFLite Micro, and the fixed structures that it keeps for it, in bytes.

    Source: TFLite Micro at 90b983c: micro_mutable_op_resolver.h for the methods, builtin_op_data.h
    and the kernels' OpData for the sizes, as a compiler gave them.
    """

    method: str  # of MicroMutableOpResolver, without "Add"
    options: int = 0  # parsed options, with enums of 4 bytes
    data_32: int = 0  # OpData where pointers have 4 bytes
    data_64: int = 0
    data_cmsis_nn: int = 0  # OpData of the CMSIS-NN kernel; 0 where there is none
    # Parsed options where enums are as short as they can be, as on bare-metal ARM, if that is less.
    short_options: int | None = None
    read_twice: int = 0  # the first so many inputs, and the output, have a second temporary copy


class Difference(NamedTuple):
    """How far LiteRT's results may be from TFLite Micro's, and why."""

    steps: int
    why: str


@dataclass(frozen=True)
class Facts:
    """Of one operator, where they are not what most operators have."""

    inputs: int = 1  # the most that it takes, optional ones counted
    outputs: int = 1  # the most that it makes
    options: tuple[Field, ...] = ()  # the fields of its options' table, in the order of their slots
    clamps: bool = False  # whether clamp_of() is the last thing it does: ReLUs may be fused into it
    keeps_state: bool = False  # whether it writes those of its inputs that are variables
    channel_axis: int | None = None  # of a convolution's weights
    tflm: Tflm | None = None  # None where TFLite Micro lacks it: it cannot be exported for that
    # What tests compare it with, beside the oracle.
    recorded: bool = False  # outputs recorded on TFLite Micro
    litert: bool = False
    litert_differs: Difference | None = None
