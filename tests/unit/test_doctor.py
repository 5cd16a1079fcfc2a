"""What keeps tools from boards is found, and the printed mend mends it."""

import re
import subprocess

from tinyml.flash.host import modem_manager_runs, rules_command, usb_vendors, vendors_without_rule


def test_the_printed_rules_are_found_again(tmp_path):
    assert vendors_without_rule((tmp_path, tmp_path / "none")) == usb_vendors()
    command = rules_command(usb_vendors())
    rules = tmp_path / "70-tinyml.rules"
    written = re.sub(r"sudo tee \S+ .*", f"cat > {rules}", command)
    subprocess.run(["sh", "-c", written], check=True)
    assert len(rules.read_text().splitlines()) == len(usb_vendors())
    assert all(line.startswith('SUBSYSTEM=="usb|tty"') for line in rules.read_text().splitlines())
    assert vendors_without_rule((tmp_path,)) == []


def test_one_missing_vendor_is_named(tmp_path):
    known = usb_vendors()[1:]
    (tmp_path / "60-some.rules").write_text(
        "".join(f'ATTRS{{idVendor}}=="{v.upper()}"\n' for v in known)
    )
    assert vendors_without_rule((tmp_path,)) == usb_vendors()[:1]


def test_modem_manager_is_told_from_others(tmp_path):
    for number, name in enumerate(["bash", "ModemManagerX"]):
        (tmp_path / str(number)).mkdir()
        (tmp_path / str(number) / "comm").write_text(f"{name}\n")
    assert not modem_manager_runs(tmp_path)
    (tmp_path / "77").mkdir()
    (tmp_path / "77" / "comm").write_text("ModemManager\n")
    assert modem_manager_runs(tmp_path)
