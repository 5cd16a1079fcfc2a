"""Marking the classes of stretches of a user's own recordings, on a page or in the terminal."""

from tinyml.labelling.suggesting import Suggestion, suggested
from tinyml.labelling.work import Work

__all__ = ["Suggestion", "Work", "suggested"]
