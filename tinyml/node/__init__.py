"""What a node is made of: sensors on a board's buses and settings, as ``[node]`` says."""

from tinyml.node.matching import Sensed, matched
from tinyml.node.plan import NodePlan, read_plan
from tinyml.node.sources import Sources, sources
from tinyml.node.use import SensorUse, read_use

__all__ = [
    "NodePlan",
    "Sensed",
    "SensorUse",
    "Sources",
    "matched",
    "read_plan",
    "read_use",
    "sources",
]
