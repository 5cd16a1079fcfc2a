"""Operators that take another operator's kernel, so that a model needs less code."""

from __future__ import annotations

from dataclasses import replace

from tinyml.boards import Core
from tinyml.compiler.kernel_files import sources_of
from tinyml.compiler.lower import stand_in_of
from tinyml.compiler.lower.base import StandIn
from tinyml.compiler.lower.sums_by_rows import SumsByRows
from tinyml.compiler.options import Optimize, Options
from tinyml.compiler.strip_cost import Prices, instructions
from tinyml.compiler.work import Lowered, Work


def with_shared_kernels(lowered: Lowered, core: Core, options: Options) -> Lowered:
    """The same work, without kernels that few products need and others can do.

    By default where what is slower is at most as large a part of all instructions as the code is
    of all constants; never for speed, always for size.
    """
    if options.optimize is Optimize.SPEED:
        return lowered
    found = {index: _stand_in(work, core) for index, work in enumerate(lowered.work)}
    offers = {index: offer for index, offer in found.items() if offer is not None}
    if not offers:
        return lowered
    work = (
        replace(work, call=offers[index].call) if index in offers else work
        for index, work in enumerate(lowered.work)
    )
    shared = replace(lowered, work=tuple(work))
    spared = next(iter(offers.values())).spared
    if not spared <= _files(lowered) - _files(shared) or _files(shared) - _files(lowered):
        return lowered  # its kernel is needed all the same, or another one would be
    more = sum(offer.instructions for offer in offers.values())
    total = sum(instructions(work, Prices.of(core)) for work in lowered.work)
    code_bytes = next(iter(offers.values())).code_bytes
    pays = more * lowered.constant_bytes <= code_bytes * total
    return shared if pays or options.optimize is Optimize.SIZE else lowered


def _stand_in(work: Work, core: Core) -> StandIn | None:
    prepared = work.prepared
    if prepared is None or isinstance(prepared, SumsByRows):
        return None
    offer = stand_in_of(prepared, core.features)
    return offer if offer is not None and f"kernels/{work.call.source}" in offer.spared else None


def _files(lowered: Lowered) -> set[str]:
    return set(sources_of(f"kernels/{work.call.source}" for work in lowered.work))
