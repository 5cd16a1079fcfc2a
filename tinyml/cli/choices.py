"""Options that choose between tools that do the same; commands that those start take them, too."""

from __future__ import annotations

import os
from typing import Final

import click

EMULATOR_VARIABLE: Final = "TINYML_EMULATOR"  # as tinyml.emulator.choice has it
EMULATORS: Final = ("qemu", "unicorn")


def _set_emulator(context: click.Context, parameter: click.Parameter, value: str | None) -> None:
    """Into the environment, from where whatever emulates takes it, in child processes, too."""
    del context, parameter
    if value is not None:
        os.environ[EMULATOR_VARIABLE] = value


emulator_option = click.option(
    "--emulator",
    type=click.Choice(EMULATORS),
    envvar=EMULATOR_VARIABLE,
    show_envvar=True,
    expose_value=False,
    callback=_set_emulator,
    help="What emulates the board. By default QEMU where it is installed, else Unicorn where it "
    "can; both count the same instructions.",
)
