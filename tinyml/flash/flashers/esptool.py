"""esptool: ESP32 over the boot loader in ROM. Source: Espressif's esptool documentation."""

from typing import Final

from tinyml.flash.flasher import Flasher, register
from tinyml.flash.job import Job
from tinyml.tools import Tool


def _command(job: Job) -> list[str]:
    port = job.require_port("esptool")
    chip, offset = job.setting("esptool_chip"), job.setting("esptool_offset")
    return ["--chip", chip, "--port", port, "write_flash", offset, str(job.beside("bin"))]


TOOL: Final = Tool(
    "esptool",
    "writes to ESP32",
    package="esptool",
    optional=True,
)

register(
    Flasher(
        tool=TOOL,
        needs_port=True,
        command=_command,
        complaints=(
            (
                r"Failed to connect|No serial data received",
                "the boot loader does not answer: hold BOOT while you press reset, and try again",
            ),
            (r"This chip is", "the connected board has another chip: choose the right --board"),
            (
                r"could not open port|device disconnected",
                "the board was disconnected: plug it in and flash it again",
            ),
        ),
        settings=("esptool_chip", "esptool_offset"),
    )
)
