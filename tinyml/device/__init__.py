"""Talking to a node: transport, SMP codec, typed client."""

from tinyml.device.record import Record

__all__ = ["Record"]
