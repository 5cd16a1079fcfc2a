"""What on a Linux host keeps tools from boards: missing udev rules, and who grabs serial ports.

Source: udev(7); ModemManager's documentation, "Port and device detection".
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tinyml import boards

_RULE_FOLDERS: Final = (
    Path("/etc/udev/rules.d"),
    Path("/usr/lib/udev/rules.d"),
    Path("/lib/udev/rules.d"),
)
_RULES_FILE: Final = "/etc/udev/rules.d/70-tinyml.rules"


def usb_vendors() -> list[str]:
    """Four hex digits of every vendor whose boards are written to over USB."""
    found = (boards.load(name).flashing for name in boards.names())
    return sorted({usb[:4] for flashing in found if flashing for usb in flashing.usb})


def vendors_without_rule(folders: tuple[Path, ...] = _RULE_FOLDERS) -> list[str]:
    """Vendors that no udev rule names: their boards open for root alone."""
    rules = "".join(
        path.read_text(encoding="utf-8", errors="replace").lower()
        for folder in folders
        if folder.is_dir()
        for path in sorted(folder.glob("*.rules"))
    )
    return [vendor for vendor in usb_vendors() if f'"{vendor}"' not in rules]


def rules_command(vendors: list[str]) -> str:
    """The command that writes rules for these vendors, also to keep ModemManager away."""
    lines = [
        f'SUBSYSTEM=="usb|tty", ATTRS{{idVendor}}=="{vendor}", MODE="0660", GROUP="dialout",'
        ' TAG+="uaccess", ENV{ID_MM_DEVICE_IGNORE}="1"'
        for vendor in vendors
    ]
    quoted = " ".join(f"'{line}'" for line in lines)
    return (
        f"printf '%s\\n' {quoted} | sudo tee {_RULES_FILE} && sudo udevadm control --reload"
        " && sudo udevadm trigger"
    )


def modem_manager_runs(processes: Path = Path("/proc")) -> bool:
    """Whether ModemManager runs: it talks to new serial ports, which can upset a boot loader."""
    for path in processes.glob("[0-9]*/comm"):
        try:
            if path.read_text(encoding="utf-8", errors="replace").strip() == "ModemManager":
                return True
        except OSError:  # the process has ended meanwhile
            continue
    return False
