"""Writing images to boards: one file for each flasher, around a program that the field uses."""

from tinyml.flash.check import require_image_for, wait_for_node
from tinyml.flash.find import Port, drives, plugged_in, ports
from tinyml.flash.flasher import FLASHERS, Flasher
from tinyml.flash.job import Job
from tinyml.flash.tools import flash

__all__ = [
    "FLASHERS",
    "Flasher",
    "Job",
    "Port",
    "drives",
    "flash",
    "plugged_in",
    "ports",
    "require_image_for",
    "wait_for_node",
]
