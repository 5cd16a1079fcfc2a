"""tinyml: tiny machine learning on edge sensors, from data to a report."""

__version__ = "0.1.0"
