"""Writing images to boards: one file a flasher, each wrapping the tool that the field uses."""

from tinyml.flash.check import require_image_for, wait_for_node
from tinyml.flash.find import Port, drives, plugged_in, ports
from tinyml.flash.job import Job
from tinyml.flash.tools import FLASHERS, flash

__all__ = [
    "FLASHERS",
    "Job",
    "Port",
    "drives",
    "flash",
    "plugged_in",
    "ports",
    "require_image_for",
    "wait_for_node",
]
