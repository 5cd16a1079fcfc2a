"""What flashers take beside an ELF: the bytes of flash, and the same as an Intel hex."""

from __future__ import annotations

import io

from intelhex import IntelHex

from tinyml.build.elf import Elf
from tinyml.files import write_atomically


def write_binaries(elf: Elf) -> None:
    """Write ``.bin`` and ``.hex`` beside an image; gaps between sections are zero in the first."""
    loaded = [section for section in elf.sections if section.loaded and section.bytes]
    origin = min(section.load_address for section in loaded)
    image = bytearray(max(section.load_address + section.bytes for section in loaded) - origin)
    hexadecimal = IntelHex()
    for section in loaded:
        data = elf.content(section)
        start = section.load_address - origin
        image[start : start + section.bytes] = data
        hexadecimal.frombytes(data, section.load_address)
    hexadecimal.start_addr = {"EIP": elf.entry}
    write_atomically(elf.path.with_suffix(".bin"), bytes(image))
    text = io.StringIO()
    hexadecimal.write_hex_file(text)
    write_atomically(elf.path.with_suffix(".hex"), text.getvalue())
