"""Every instruction of real images is what GNU objdump reads, too."""

import re
import subprocess
from collections.abc import Iterator

import pytest

from tests.support.targets import require_build
from tests.support.tools import require_tool
from tinyml.bench.thumb import Branch, Instruction, Kind, instructions
from tinyml.build import build_node
from tinyml.graph import load
from tinyml.resources import folder

# A board of each architecture, and what objdump calls it: the images say nothing about it.
ARCHITECTURES = {
    "mps2-an385-m0plus": "armv6s-m",
    "mps2-an385": "armv7",
    "mps2-an386": "armv7e-m",
    "mps2-an500": "armv7e-m",
    "mps2-an505": "armv8-m.main",
    "mps3-an547": "armv8.1-m.main",
}
LINE = re.compile(r"^\s*([0-9a-f]+):\t((?:[0-9a-f]{4} ?)+)\s*\t(\S+)(?:\t(.*))?$")
CONDITION = "(?:eq|ne|cs|cc|mi|pl|vs|vc|hi|ls|ge|lt|gt|le)"
ALWAYS = re.compile(r"b|bl|blx?(?:ns)?|bx(?:ns)?|tb[bh]")
CONDITIONAL = re.compile(rf"b(?:l|x|lx)?{CONDITION}|cbn?z|le|letp|wls(?:tp\.\d+)?")
WRITES_PC = re.compile(rf"(?:ldr|ldm\w\w|pop|mov|add)({CONDITION})?")
KINDS = (
    (Kind.LOAD_PAIR, "ldrd"),
    (Kind.LOAD, "ldr|lda"),
    (Kind.MULTIPLE, "ldm|stm|push|pop|vldm|vstm|vpush|vpop"),
    (Kind.DIVIDE, "[su]div"),
)


def listed(operands: str) -> int:
    """How many registers a list in braces names."""
    total = 0
    for part in re.search(r"\{(.*?)\}", operands)[1].split(","):
        ends = re.findall(r"\d+", part)
        total += int(ends[1]) - int(ends[0]) + 1 if len(ends) == 2 else 1
    return total


def read(length: int, name: str, operands: str) -> tuple[int, Kind, Branch, int]:
    kinds = [kind for kind, pattern in KINDS if re.match(pattern, name)]
    vector = Kind.VECTOR if re.search(r"\bq[0-7]\b", operands) else Kind.OTHER
    kind = kinds[0] if kinds else vector
    writes = WRITES_PC.fullmatch(name)
    if not (operands.startswith("pc,") or "pc}" in operands):
        writes = None
    if CONDITIONAL.fullmatch(name) or (writes and writes[1]):
        branch = Branch.CONDITIONAL
    else:
        branch = Branch.ALWAYS if ALWAYS.fullmatch(name) or writes else Branch.NEVER
    return length, kind, branch, listed(operands) if kind is Kind.MULTIPLE else 0


def by_objdump(elf, architecture: str) -> Iterator[tuple[int, tuple[int, Kind, Branch, int], str]]:
    command = [require_tool("arm-none-eabi-objdump"), "-d", "-z", "-m", architecture, str(elf)]
    listing = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    for line in listing.splitlines():
        match = LINE.match(line)
        if match and not match[3].startswith("."):
            name = match[3].removesuffix(".n").removesuffix(".w")
            length = len(match[2].replace(" ", "")) // 2
            yield int(match[1], 16), read(length, name, match[4] or ""), line


def facts(found: Instruction) -> tuple[int, Kind, Branch, int]:
    return found.bytes, found.kind, found.branch, found.registers


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_an_image_reads_as_objdump_reads_it(name, tmp_path):
    board = require_build(name)
    graph = load(folder("models") / "esc10" / "model.tflite")
    image = build_node(graph, board, tmp_path)
    ours = {
        start + offset: instruction
        for start, code in image.elf.thumb_code
        for offset, instruction in instructions(code)
    }
    end = image.symbols["tml_code_end"].address  # objdump goes on into what fills up a word
    theirs = [row for row in by_objdump(image.elf_path, ARCHITECTURES[name]) if row[0] < end]
    assert len(theirs) > 1000
    assert sorted(ours) == [address for address, *_ in theirs]
    wrong = [line for address, expected, line in theirs if facts(ours[address]) != expected]
    assert not wrong, "\n".join(wrong[:20])
