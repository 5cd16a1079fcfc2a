"""Doubts that an option settles."""

from __future__ import annotations

from tinyml.errors import DataError


class UnsettledError(DataError):
    """A file can be read in more than one way, or in none without an option.

    Args:
        sentence: says so, and names the option.
        answer: the option, and its value if it takes one, that reads the file without changing
            what any value means; empty where only its owner can answer.
    """

    def __init__(self, sentence: str, answer: tuple[str, ...] = ()) -> None:
        super().__init__(sentence)
        self.answer = answer
