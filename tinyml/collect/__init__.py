"""Collecting records from nodes into a store."""

from tinyml.collect.clocks import ClockJump
from tinyml.collect.collector import Collector, PortStatus
from tinyml.collect.models import ModelFinder
from tinyml.collect.store import Added, BootSummary, Gap, Store

__all__ = [
    "Added",
    "BootSummary",
    "ClockJump",
    "Collector",
    "Gap",
    "ModelFinder",
    "PortStatus",
    "Store",
]
