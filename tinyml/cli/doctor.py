"""tinyml doctor: what is installed, and the exact command for what is not."""

from __future__ import annotations

import importlib.util
import os
import sys
from dataclasses import asdict, dataclass
from typing import Final

import click

from tinyml import boards
from tinyml.build.gcc import c_library
from tinyml.build.toolchain import TOOLCHAINS, toolchain
from tinyml.build.toolchain import VARIABLE as TOOLCHAIN_VARIABLE
from tinyml.cli.output import json_option, print_json, print_table
from tinyml.emulator.choice import VARIABLE as EMULATOR_VARIABLE
from tinyml.emulator.choice import emulators, installed, machine_of
from tinyml.errors import TinymlError
from tinyml.flash import FLASHERS, Flasher
from tinyml.flash.host import modem_manager_runs, rules_command, vendors_without_rule
from tinyml.install import extra_command
from tinyml.tools import TOOLS, find_tool

# A core of each kind, and whether doing without it is doing without tinyml.
_CORES: Final = (
    ("cortex-m4f", "Cortex-M", True),
    ("rv32imc", "RISC-V", False),
    ("atmega328p", "AVR", False),
)


@dataclass(frozen=True)
class Check:
    """One thing that is there, or not."""

    name: str
    ok: bool
    needed: bool  # False: only some commands want it
    found: str
    mend: str  # the command that installs it; empty where nothing is to be done


@click.command("doctor")
@json_option
def command(as_json: bool) -> None:
    """Check what is installed and print the commands that install the rest.

    The exit code is 1 if something that every user needs is missing.
    """
    checks = [
        *_images(),
        *_emulation(),
        *_programs(),
        _c_library(),
        *_packages(),
        _serial_permission(),
        *_usb(),
    ]
    if as_json:
        print_json([asdict(check) for check in checks])
    else:
        rows = [
            (check.name, "ok" if check.ok else ("MISSING" if check.needed else "absent"),
             check.found)
            for check in checks
        ]  # fmt: skip
        print_table("What tinyml uses", ("what", "state", "found"), rows)
        for check in checks:
            if not check.ok:
                click.echo(f"{check.name}: {check.mend}")
    if any(check.needed and not check.ok for check in checks):
        raise SystemExit(1)


def _images() -> list[Check]:
    """Which compiler makes images, and why that one."""
    return [_builds(core, title, needed=needed) for core, title, needed in _CORES]


def _builds(core: str, title: str, *, needed: bool) -> Check:
    name = f"images for {title}"
    try:
        chosen = toolchain(core)
    except TinymlError as error:
        return Check(name, False, needed, "no compiler found", str(error))
    others = [kind(boards.core(core)) for kind in TOOLCHAINS.values()]
    there = [other.version for other in others if other.can_build and not other.missing]
    if os.environ.get(TOOLCHAIN_VARIABLE):
        why = f"chosen by {TOOLCHAIN_VARIABLE}"
    elif len(there) > 1:
        why = f"(also installed: {', '.join(there[1:])}; choose with --toolchain)"
    else:
        why = "the only one installed"
    return Check(name, True, needed, f"{chosen.version} {why}", "")


def _emulation() -> list[Check]:
    """Which emulator runs boards, and why that one."""
    return [_emulates(core, title, needed=needed) for core, title, needed in _CORES]


def _emulates(core: str, title: str, *, needed: bool) -> Check:
    name = f"emulated {title}"
    architecture = boards.core(core).architecture
    every = map(boards.load, boards.names())
    alike = [b for b in every if boards.core(b.core).architecture == architecture and emulators(b)]
    board = next((b for b in alike if b.name == boards.DEFAULT), alike[0])
    try:
        machine_of(board)
    except TinymlError as error:
        return Check(name, False, needed, "no emulator found", str(error))
    there = installed(board)
    if os.environ.get(EMULATOR_VARIABLE):
        found = f"{os.environ[EMULATOR_VARIABLE]} chosen by {EMULATOR_VARIABLE}"
    elif len(there) > 1:
        found = f"{there[0]} (also installed: {', '.join(there[1:])}; choose with --emulator)"
    else:
        found = f"{there[0]} the only one installed"
    return Check(name, True, needed, found, "")


def _programs() -> list[Check]:
    checks = []
    writing = [how.tool for how in FLASHERS.values() if isinstance(how, Flasher)]
    for tool in (*TOOLS.values(), *writing):
        path = find_tool(tool.program)
        mend = "" if path else tool.install_command
        there = path is not None
        checks.append(Check(tool.program, there, not tool.optional, path or tool.purpose, mend))
    return checks


def _c_library() -> Check:
    compiler = find_tool("arm-none-eabi-gcc")
    specs = c_library(compiler) if compiler else ""
    mend = "" if specs else TOOLS["arm-none-eabi-gcc"].install_command
    return Check("newlib for ARM", bool(specs), False, specs or "its C library", mend)


def _packages() -> list[Check]:
    wanted = (
        ("tensorflow", "training and conversion", extra_command("train")),
        ("ai_edge_litert", "compares models in tests", extra_command("runtime")),
    )
    checks = []
    for name, purpose, mend in wanted:
        there = importlib.util.find_spec(name) is not None
        checks.append(Check(name, there, False, "installed" if there else purpose, mend))
    return checks


def _serial_permission() -> Check:
    """Whether serial ports may be opened: only Linux has a group for it."""
    if sys.platform != "linux":
        return Check("serial ports", True, False, "this system needs no set-up", "")
    import grp  # noqa: PLC0415 - other systems do not have it

    try:
        group = grp.getgrnam("dialout")
    except KeyError:
        return Check("serial ports", True, False, "this system needs no group", "")
    allowed = os.getuid() == 0 or group.gr_gid in os.getgroups()
    return Check(
        "serial ports", allowed, False,
        "you may open them" if allowed else "you may not open them",
        "" if allowed else "sudo usermod -aG dialout $USER, then log out and in again",
    )  # fmt: skip


def _usb() -> list[Check]:
    """Whether tools get at boards, and nobody else does: a matter of Linux."""
    if sys.platform != "linux":
        return []
    missing = vendors_without_rule()
    grabbed = bool(missing) and modem_manager_runs()
    mend = rules_command(missing) if missing else ""
    return [
        Check(
            "USB access", not missing, False,
            f"no udev rule for {', '.join(missing)}" if missing else "the udev rules are installed",
            mend,
        ),
        Check(
            "ModemManager", not grabbed, False,
            "takes new serial ports for itself" if grabbed else "leaves serial ports alone",
            "sudo systemctl mask --now ModemManager, or the command for USB access"
            if grabbed else "",
        ),
    ]  # fmt: skip
