"""stm32flash: STM32 over the boot loader in ROM. Source: its manual page, 0.7."""

from typing import Final

from tinyml.flash.flasher import Flasher, register
from tinyml.flash.job import Job
from tinyml.tools import Tool


def _command(job: Job) -> list[str]:
    # The ROM's protocol has even parity, which stm32flash takes unasked.
    address = f"{job.board.flash.origin:#x}"
    port = job.require_port("stm32flash")
    return ["-w", str(job.beside("bin")), "-S", address, "-v", "-g", address, port]


TOOL: Final = Tool(
    "stm32flash",
    "writes to STM32 over a serial port",
    "sudo apt install stm32flash",
    "brew install stm32flash",
    "choco install stm32flash",
    optional=True,
)

register(
    Flasher(
        tool=TOOL,
        needs_port=True,
        command=_command,
        complaints=(
            (
                r"Failed to init device|timeout",
                "the boot loader does not answer: set BOOT0 high, reset the board, and try again",
            ),
            (r"Failed to verify", "what was written differs when read back: flash it again"),
            (r"not enough flash|exceeds", "the image is larger than the chip's flash"),
        ),
        port_stays=True,
    )
)
