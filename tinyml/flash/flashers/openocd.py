"""OpenOCD: anything with a debugging probe. Source: OpenOCD User's Guide, "Flash Commands"."""

from typing import Final

from tinyml.flash.flasher import Flasher, register
from tinyml.flash.job import Job
from tinyml.tools import Tool


def _command(job: Job) -> list[str]:
    # Its language takes a backslash for an escape.
    scripts = [part for script in job.settings("openocd_scripts") for part in ("-f", script)]
    return [*scripts, "-c", f"program {{{job.elf.resolve().as_posix()}}} verify reset exit"]


TOOL: Final = Tool(
    "openocd",
    "writes to boards with a debugging probe",
    "sudo apt install openocd",
    "brew install openocd",
    "choco install openocd",
    optional=True,
)

register(
    Flasher(
        tool=TOOL,
        needs_port=False,
        command=_command,
        complaints=(
            (
                r"unable to find .*device|open failed|no device found",
                "no debugging probe is connected: plug the board in at its debugging connector",
            ),
            (
                r"LIBUSB_ERROR_ACCESS",
                "you do not have permission to open the probe: install OpenOCD's "
                "udev rules (60-openocd.rules) and plug it in again",
            ),
            (
                r"Verify Failed|checksum mismatch",
                "what was written differs when read back: flash it again",
            ),
            (r"Can't find .*\.cfg", "this OpenOCD does not know the board: install a newer one"),
        ),
        settings=("openocd_scripts",),
    )
)
