"""All random cases: importing this registers every maker."""

from tests.kernels import (
    cases_arithmetic,
    cases_cores,
    cases_float,
    cases_moving,
    cases_rest,
    cases_state,
)
from tests.kernels.makers import MAKERS, make

__all__ = [
    "MAKERS",
    "cases_arithmetic",
    "cases_cores",
    "cases_float",
    "cases_moving",
    "cases_rest",
    "cases_state",
    "make",
]
