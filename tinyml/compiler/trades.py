"""Kernels that are faster but need more flash: which of them a model gets."""

from __future__ import annotations

from dataclasses import replace

from tinyml.boards import Core
from tinyml.compiler.lower import trade_of
from tinyml.compiler.lower.base import Trade
from tinyml.compiler.lower.sums_by_rows import SumsByRows
from tinyml.compiler.options import Optimize, Options
from tinyml.compiler.program import Call
from tinyml.compiler.strip_cost import Prices, instructions
from tinyml.compiler.work import Lowered, Work
from tinyml.errors import ModelTooLargeError


def with_trades(lowered: Lowered, core: Core, options: Options) -> Lowered:
    """The same work, by faster kernels where the options allow it.

    Trades are taken in the order of what they save for each byte, as long as they fit. Raises
    ModelTooLargeError where the flash budget is too small without any.
    """
    flash = lowered.constant_bytes
    budget = options.flash_budget
    if budget is not None and flash > budget:
        raise ModelTooLargeError(
            f"weights and tables need {flash:,} bytes, more than the flash budget of "
            f"{budget:,}; raise --flash-budget or train a smaller model"
        )
    if options.optimize is Optimize.SIZE:
        return lowered
    prices = Prices.of(core)
    shares = (sum(instructions(work, prices) for work in lowered.work), flash)
    found = [(index, _trade(work, core)) for index, work in enumerate(lowered.work)]
    offers = [(index, trade) for index, trade in found if trade is not None]
    offers.sort(key=lambda offer: -offer[1].instructions / max(1, offer[1].flash_bytes))
    chosen: dict[int, Call] = {}
    for index, trade in offers:
        fits = budget is None or flash + trade.flash_bytes <= budget
        if fits and _pays(trade, options.optimize, shares):
            chosen[index] = trade.call
            flash += trade.flash_bytes
    work = (
        replace(work, call=chosen.get(index, work.call)) for index, work in enumerate(lowered.work)
    )
    return replace(lowered, work=tuple(work)) if chosen else lowered


def channels_together(core: Core, options: Options) -> int:
    """Of what tensors had better have a multiple of channels, so that trades fit.

    For speed a few channels more cost less than the loss of Winograd's method (lower/armv7em).
    """
    wanted = options.optimize is Optimize.SPEED and "dsp" in core.features
    return 4 if wanted and "mve" not in core.features else 1


def _trade(work: Work, core: Core) -> Trade | None:
    prepared = work.prepared
    if prepared is None or isinstance(prepared, SumsByRows):
        return None
    return trade_of(prepared, core.features)


def _pays(trade: Trade, optimize: Optimize, shares: tuple[float, int]) -> bool:
    if trade.instructions <= 0:
        return False
    if optimize is Optimize.SPEED:
        return True
    total, flash = shares
    return trade.instructions / total >= trade.flash_bytes / flash
