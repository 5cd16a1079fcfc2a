"""Collecting records from nodes into a store."""

from tinyml.collect.store import Added, BootSummary, Gap, Store

__all__ = ["Added", "BootSummary", "Gap", "Store"]
