"""What keeps tools from boards is found, and the printed mend mends it."""

import json
import re
import subprocess

import pytest
from click.testing import CliRunner

from tests.support.targets import require_toolchain
from tinyml.build import zig
from tinyml.build.toolchain import VARIABLE
from tinyml.cli.doctor import command
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


@pytest.fixture
def bare(monkeypatch, tmp_path):
    """A machine without programs, but for what pip puts beside Python."""
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in (VARIABLE, "TINYML_EMULATOR"):
        monkeypatch.delenv(name, raising=False)


def checks() -> dict[str, dict]:
    result = CliRunner().invoke(command, ["--json"])
    found = {check["name"]: check for check in json.loads(result.stdout)}
    needed = [check for check in found.values() if check["needed"] and not check["ok"]]
    assert result.exit_code == (1 if needed else 0)
    return found


@pytest.mark.usefixtures("bare")
def test_packages_from_the_index_suffice():
    found = checks()
    assert found["images for Cortex-M"]["found"].startswith("zig ")
    assert found["emulated Cortex-M"]["found"].startswith("unicorn")
    assert not found["images for AVR"]["ok"]
    assert "avr-gcc" in found["images for AVR"]["mend"]


@pytest.mark.usefixtures("bare")
def test_without_any_compiler_both_ways_to_one_are_told(monkeypatch):
    monkeypatch.setattr(zig, "program", lambda: None)
    mend = checks()["images for Cortex-M"]["mend"]
    assert "arm-none-eabi-gcc" in mend
    assert "[light]" in mend


def test_the_reason_for_a_choice_is_told(monkeypatch):
    require_toolchain("zig", "mps2-an386")
    monkeypatch.setenv(VARIABLE, "zig")
    assert "chosen by TINYML_TOOLCHAIN" in checks()["images for Cortex-M"]["found"]
    monkeypatch.delenv(VARIABLE)
    require_toolchain("gcc", "mps2-an386")
    assert re.search("also installed: zig .*--toolchain", checks()["images for Cortex-M"]["found"])
