"""avrdude: AVR boards, over their boot loader. Source: avrdude's manual, 7.1."""

from typing import Final

from tinyml.flash.flasher import Flasher, register
from tinyml.flash.job import Job
from tinyml.tools import Tool


def _command(job: Job) -> list[str]:
    return [
        "-p", job.setting("avrdude_part"), "-c", job.setting("avrdude_programmer"),
        "-P", job.require_port("avrdude"), "-b", "115200", "-D",
        "-U", f"flash:w:{job.beside('hex')}:i",
    ]  # fmt: skip


TOOL: Final = Tool(
    "avrdude",
    "writes to AVR boards",
    "sudo apt install avrdude",
    "brew install avrdude",
    "winget install AVRDudes.AVRDUDE",
    optional=True,
)

register(
    Flasher(
        tool=TOOL,
        needs_port=True,
        command=_command,
        complaints=(
            (
                r"not in sync|stk500_recv|programmer is not responding",
                "the boot loader does not answer: check --board and --port",
            ),
            (
                r"device signature|Expected signature|Invalid device",
                "the connected board has another chip: choose the right --board",
            ),
            (
                r"verification error|verification mismatch",
                "what was written differs when read back: try again, if need be with another cable",
            ),
            (
                r"cannot open port|unable to open programmer",
                "its port cannot be opened: check that the board is plugged in there and "
                "that no other program uses it",
            ),
            (
                r"ser_send|write error|Input/output error",
                "the board was disconnected during writing: plug it in and flash it again",
            ),
        ),
        port_stays=True,
        settings=("avrdude_part", "avrdude_programmer"),
    )
)
