"""Options that choose between tools that do the same; commands that those start take them, too."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final, TypeVar

import click

# As tinyml.emulator.choice and tinyml.build.toolchain have them.
EMULATOR_VARIABLE: Final = "TINYML_EMULATOR"
EMULATORS: Final = ("qemu", "unicorn")
TOOLCHAIN_VARIABLE: Final = "TINYML_TOOLCHAIN"
TOOLCHAINS: Final = ("gcc", "zig")

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


def _choose(
    variable: str, context: click.Context, parameter: click.Parameter, value: str | None
) -> None:
    """Into the environment while the command runs: child processes take it from there, too."""
    del parameter
    if value is not None:
        context.call_on_close(partial(_restore, variable, os.environ.get(variable)))
        os.environ[variable] = value


def _restore(variable: str, value: str | None) -> None:
    if value is None:
        os.environ.pop(variable, None)
    else:
        os.environ[variable] = value


def _option(
    name: str, variable: str, choices: Sequence[str], text: str
) -> Callable[[Decorated], Decorated]:
    return click.option(
        name,
        type=click.Choice(choices),
        envvar=variable,
        show_envvar=True,
        expose_value=False,
        callback=partial(_choose, variable),
        help=text,
    )


emulator_option = _option(
    "--emulator",
    EMULATOR_VARIABLE,
    EMULATORS,
    "The emulator to use. Default: QEMU if it is installed, otherwise Unicorn if "
    "it knows the board. Both count the same instructions.",
)
toolchain_option = _option(
    "--toolchain",
    TOOLCHAIN_VARIABLE,
    TOOLCHAINS,
    "The compiler for firmware. Default: GCC if it is installed, otherwise clang "
    "from the Python package ziglang.",
)
