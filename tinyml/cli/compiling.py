"""The options of every command that compiles a model."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from tinyml.compiler import Optimize, Options


def compile_options(command: Callable[..., None]) -> Callable[..., None]:
    """Adds --optimize and --flash-budget, which the command gets as ``options``."""

    @click.option(
        "--optimize",
        type=click.Choice([goal.value for goal in Optimize]),
        default=Optimize.BALANCED.value,
        show_default=True,
        help="What flash is traded for: any gain of speed; one that is as large as its cost, both"
        " as parts of the whole; or none.",
    )
    @click.option(
        "--flash-budget",
        type=click.IntRange(min=0),
        metavar="BYTES",
        help="What weights and tables may take; code comes on top.",
    )
    @wraps(command)
    def with_options(
        *arguments: Any, optimize: str, flash_budget: int | None, **others: Any
    ) -> None:
        options = Options(Optimize(optimize), flash_budget)
        command(*arguments, options=options, **others)

    return with_options
