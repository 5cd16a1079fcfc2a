"""How an operator becomes a kernel call: a registry by the class of its checked parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import numpy as np
import numpy.typing as npt

from tinyml.compiler.c_values import Struct, Table
from tinyml.compiler.program import Call
from tinyml.errors import UnsupportedModelError
from tinyml.graph import sigmoid_table
from tinyml.graph.fixed_point import Int64
from tinyml.graph.ir import DType
from tinyml.graph.ops.base import Prepared, Requantization, Window

_P = TypeVar("_P")
_F = TypeVar("_F", bound=Callable[..., "Call | list[Call]"])
# By the feature of a core that a kernel needs, "" for the portable ones.
_LOWER: Final[dict[tuple[str, type], Callable[[Any], Call | list[Call]]]] = {}
# The same of kernels that trade flash for speed.
_TRADES: Final[dict[tuple[str, type], Callable[[Any], Trade]]] = {}
# The same of other operators' kernels that can do it.
_STAND_INS: Final[dict[tuple[str, type], Callable[[Any], StandIn]]] = {}
# Kernels that have been shown to be right where C's int has 16 bits.
TESTED_ON_AVR: Final[set[str]] = set()
# Features that have kernels of their own, the fastest first.
_PREFERENCE: Final = ("mve", "dsp", "armv6m")

SUFFIX: Final = {DType.INT8: "int8", DType.INT16: "int16", DType.INT32: "int32"}

# One for all kernels of a model.
SIGMOID_TABLE: Final = Table("sigmoid", sigmoid_table.steps())


@dataclass(frozen=True)
class Trade:
    """A call that needs fewer instructions than the one by ``lower``, but more flash."""

    call: Call
    instructions: int  # that an inference saves, by estimate
    flash_bytes: int  # that weights and tables take more


@dataclass(frozen=True)
class StandIn:
    """A call of another operator's kernel: slower, but it may spare code."""

    call: Call
    instructions: int  # that an inference takes more, by estimate
    spared: frozenset[str]  # sources under firmware/ that are not needed then
    code_bytes: int  # of them


class NotFitting(Exception):  # noqa: N818 (it is an answer, not an error)
    """A core's own kernel cannot run this operator, or not exactly: the next one shall."""


def lowers(kind: type[_P], feature: str = "") -> Callable[[_F], _F]:
    """Register how operators prepared as ``kind`` are lowered: to one call, or several in turn.

    With a ``feature`` of ``tinyml.boards.Core``, for cores that have it; may raise NotFitting.
    """

    def register(function: _F) -> _F:
        _LOWER[feature, kind] = function
        return function

    return register


def tested_on_avr(source: str) -> str:
    """The kernel ``source``, which tests/flash/test_avr.py then runs on an 8-bit board."""
    TESTED_ON_AVR.add(source)
    return source


_T = TypeVar("_T", bound=Callable[..., "Trade"])
_S = TypeVar("_S", bound=Callable[..., "StandIn"])
_O = TypeVar("_O")


def trades(kind: type[_P], feature: str) -> Callable[[_T], _T]:
    """Register a trade for operators prepared as ``kind``; may raise NotFitting."""

    def register(function: _T) -> _T:
        _TRADES[feature, kind] = function
        return function

    return register


def stands_in(kind: type[_P], feature: str) -> Callable[[_S], _S]:
    """Register a stand-in for operators prepared as ``kind``; may raise NotFitting."""

    def register(function: _S) -> _S:
        _STAND_INS[feature, kind] = function
        return function

    return register


def trade_of(prepared: Prepared, features: Set[str]) -> Trade | None:
    """What a core with these ``features`` can run faster for more flash."""
    return _offered(_TRADES, prepared, features)


def stand_in_of(prepared: Prepared, features: Set[str]) -> StandIn | None:
    """What a core with these ``features`` can run by another operator's kernel."""
    return _offered(_STAND_INS, prepared, features)


def _offered(
    offers: Mapping[tuple[str, type], Callable[[Any], _O]], prepared: Prepared, features: Set[str]
) -> _O | None:
    fastest = next((feature for feature in _PREFERENCE if feature in features), "")
    offer = offers.get((fastest, type(prepared)))
    if offer is None:
        return None
    try:
        return offer(prepared)
    except NotFitting:
        return None


def lower(prepared: Prepared, features: Set[str]) -> list[Call]:
    """The kernel calls for a prepared operator, in the order of execution.

    By the fastest kernels that fit a core with these ``features``.
    """
    for feature in _PREFERENCE:
        special = _LOWER.get((feature, type(prepared)))
        if special is not None and feature in features:
            try:
                return _listed(special(prepared))
            except NotFitting:
                continue
    return _listed(_LOWER["", type(prepared)](prepared))


def _listed(calls: Call | list[Call]) -> list[Call]:
    return calls if isinstance(calls, list) else [calls]


def window_struct(window: Window) -> Struct:
    """tml_window_t."""
    pairs = {
        "kernel": window.kernel,
        "stride": window.stride,
        "dilation": window.dilation,
        "before": window.before,
        "input": window.input,
        "output": window.output,
    }
    fields = {
        f"{name}_{axis}": value
        for name, pair in pairs.items()
        for axis, value in zip(("rows", "columns"), pair, strict=True)
    }
    return Struct("tml_window_t", fields)


def requantization_struct(requantization: Requantization, channels: int) -> Struct:
    """tml_requantization_t; equal channels share one multiplier."""
    multipliers, shifts = requantization.multipliers, requantization.shifts
    uniform = bool(np.all(multipliers == multipliers[0]) and np.all(shifts == shifts[0]))
    count = 1 if uniform else channels
    return Struct(
        "tml_requantization_t",
        {
            "multipliers": Table("multipliers", multipliers[:count].astype(np.int32)),
            "shifts": Table("shifts", shifts[:count].astype(np.int8)),
            "zero_point": requantization.zero_point,
            "lowest": requantization.lowest,
            "highest": requantization.highest,
            "per_channel": int(not uniform),
            "wide": int(requantization.wide),
        },
    )


def bias_table(
    bias: Int64,
    weights: npt.NDArray[np.int8],
    zero_point: int,
    dtype: DType,
    role: str = "bias",
) -> Table:
    """The bias as int32, for ``weights`` [channels, taps].

    Raises UnsupportedModelError where an int8 kernel's accumulator could leave 32 bits, which C
    must not do. The 16x8 kernels accumulate in 64 bits.
    """
    reach = np.zeros(1, np.int64)
    if dtype is DType.INT8:
        farthest = max(127 - zero_point, 128 + zero_point)
        reach = np.abs(weights.astype(np.int64)).sum(axis=1) * farthest
    if np.any(np.abs(bias) + reach >= 2**31):
        raise UnsupportedModelError(
            "a bias and its products do not fit 32 bits; convert the model again, "
            "with smaller weights or a wider output range"
        )
    return Table(role, bias.astype(np.int32))


def multiplier_struct(multiplier: tuple[int, int]) -> Struct:
    """tml_multiplier_t."""
    return Struct("tml_multiplier_t", {"multiplier": multiplier[0], "shift": multiplier[1]})


def elementwise_overlap(input_bytes: int, output_bytes: int, elements: int) -> dict[int, int]:
    """Overlap of a kernel that reads element i before it writes element i, in ascending order."""
    return {0: max(0, (output_bytes - input_bytes) * (elements - 1))}
