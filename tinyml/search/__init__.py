"""The best model within a board's limits, by trial: exact costs in the loop, test data unseen."""

from tinyml.search.cost import CandidateCost, Limits
from tinyml.search.study import Found, Wanted, search

__all__ = ["CandidateCost", "Found", "Limits", "Wanted", "search"]
