"""dfu-util: STM32 over USB. Source: its manual page, 0.11, "DfuSe"."""

from typing import Final

from tinyml.flash.flasher import Flasher, register
from tinyml.flash.job import Job
from tinyml.tools import Tool


def _command(job: Job) -> list[str]:
    address = f"{job.board.flash.origin:#x}:leave"
    return ["-a", "0", "-s", address, "-D", str(job.beside("bin"))]


TOOL: Final = Tool(
    "dfu-util",
    "writes to STM32 over USB",
    "sudo apt install dfu-util",
    "brew install dfu-util",
    "choco install dfu-util",
    optional=True,
)

register(
    Flasher(
        tool=TOOL,
        needs_port=False,
        command=_command,
        complaints=(
            (
                r"No DFU capable USB device",
                "no board is in its USB boot loader: hold BOOT, press reset, and try again",
            ),
            (
                r"Cannot open DFU device|LIBUSB_ERROR_ACCESS",
                "you do not have permission to open the board: add a udev rule "
                "(`tinyml doctor` prints one)",
            ),
            (
                r"LIBUSB_ERROR_(NO_DEVICE|IO|PIPE)|Lost device",
                "the board was disconnected during writing: plug it in and flash it again",
            ),
        ),
    )
)
