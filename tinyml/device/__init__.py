"""Talking to a node: transport, SMP codec, typed client."""

from tinyml.device.event import Event, EventKind
from tinyml.device.node import Batch, Node, Samples
from tinyml.device.record import Record, is_emulated
from tinyml.device.wire import NodeInfo, TensorInfo

__all__ = [
    "Batch",
    "Event",
    "EventKind",
    "Node",
    "NodeInfo",
    "Record",
    "Samples",
    "TensorInfo",
    "is_emulated",
]
