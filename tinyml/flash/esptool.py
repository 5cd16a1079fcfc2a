"""esptool: ESP32 over the boot loader in ROM. Source: Espressif's esptool documentation."""

from tinyml.flash.job import Flasher, Job


def _command(job: Job) -> list[str]:
    port = job.require_port("esptool")
    chip, offset = job.setting("esptool_chip"), job.setting("esptool_offset")
    return ["--chip", chip, "--port", port, "write_flash", offset, str(job.beside("bin"))]


FLASHER = Flasher(
    "esptool",
    True,
    _command,
    (
        (r"Failed to connect|No serial data received",
         "the boot loader does not answer: hold BOOT while you press reset, and try again"),
        (r"This chip is", "the connected board has another chip: choose the right --board"),
        (r"could not open port|device disconnected",
         "the board was disconnected: plug it in and flash it again"),
    ),
)  # fmt: skip
