"""dfu-util: STM32 over USB. Source: its manual page, 0.11, "DfuSe"."""

from tinyml.flash.job import Flasher, Job


def _command(job: Job) -> list[str]:
    address = f"{job.board.flash.origin:#x}:leave"
    return ["-a", "0", "-s", address, "-D", str(job.beside("bin"))]


FLASHER = Flasher(
    "dfu-util",
    False,
    _command,
    (
        (r"No DFU capable USB device",
         ("no board is in its USB boot loader: hold BOOT while you press reset, and "
"try again")),
        (r"Cannot open DFU device|LIBUSB_ERROR_ACCESS",
         ("you do not have permission to open the board: add a udev rule for it "
"(`tinyml doctor` prints one)")),
        (r"LIBUSB_ERROR_(NO_DEVICE|IO|PIPE)|Lost device",
         "the board was disconnected during writing: plug it in and flash it again"),
    ),
)  # fmt: skip
