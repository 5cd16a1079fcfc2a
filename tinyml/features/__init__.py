"""Signal front ends in integer arithmetic, number for number what firmware/features computes."""

from tinyml.features.audio import mel_edges
from tinyml.features.c_source import c_source, scratch_bytes, source_files
from tinyml.features.front_end import FrontEnd
from tinyml.features.measure import log_bands

__all__ = [
    "FrontEnd",
    "c_source",
    "log_bands",
    "mel_edges",
    "scratch_bytes",
    "source_files",
]
