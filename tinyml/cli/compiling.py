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
        help="When to use more flash for faster code. speed: whenever it saves "
        "instructions. balanced: only if the share of instructions saved is at least "
        "the share of flash added. size: never.",
    )
    @click.option(
        "--flash-budget",
        type=click.IntRange(min=0),
        metavar="BYTES",
        help="The most flash that weights and tables may take. Code is not included.",
    )
    @wraps(command)
    def with_options(
        *arguments: Any, optimize: str, flash_budget: int | None, **others: Any
    ) -> None:
        options = Options(Optimize(optimize), flash_budget)
        command(*arguments, options=options, **others)

    return with_options
