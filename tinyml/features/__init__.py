"""Signal front ends in integer arithmetic, number for number what firmware/features computes."""

from tinyml.features import kinds as _kinds  # noqa: F401 - registers every kind
from tinyml.features.c_source import c_source
from tinyml.features.front_end import KINDS, FrontEnd, Signal, from_table

__all__ = ["KINDS", "FrontEnd", "Signal", "c_source", "from_table"]
