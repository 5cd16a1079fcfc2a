"""pyOCD: boards with a CMSIS-DAP or ST-LINK probe. Source: pyocd.io, command reference."""

from typing import Final

from tinyml.flash.flasher import Flasher, register
from tinyml.flash.job import Job
from tinyml.tools import Tool


def _command(job: Job) -> list[str]:
    return ["flash", "--target", job.setting("pyocd_target"), str(job.beside("hex"))]


TOOL: Final = Tool(
    "pyocd",
    "writes to boards with a debugging probe",
    package="pyocd",
    optional=True,
)

register(
    Flasher(
        tool=TOOL,
        needs_port=False,
        command=_command,
        complaints=(
            (
                r"No available debug probes|no connected debug probes",
                "no debugging probe is connected: plug the board in at its debugging connector",
            ),
            (
                r"Target type .* not recognized",
                "pyOCD does not know this chip yet: type `pyocd pack install` with its name first",
            ),
            (
                r"USBError|No such device|disconnected",
                "the board was disconnected during writing: plug it in and flash it again",
            ),
        ),
        settings=("pyocd_target",),
    )
)
