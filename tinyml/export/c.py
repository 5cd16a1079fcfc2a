"""Plain C: our engine's code for a model as a folder that needs nothing else."""

from __future__ import annotations

from tinyml import boards
from tinyml.export.pieces import (
    cost_table,
    firmware_text,
    meaning,
    origin,
    self_test_vector,
    template,
    tensor_table,
)
from tinyml.export.source import Source

_TESTING = ("include/tml/self_test.h", "self_test/self_test.c")


def c_files(source: Source) -> dict[str, str]:
    """Text by path: model, kernels, self test, Makefile, CMakeLists.txt and README."""
    files = dict(source.compiled.files)
    files.update({path: firmware_text(path) for path in _TESTING})
    files.update(self_test_vector(source))
    files["main.c"] = firmware_text("exports/c/main.c")
    sources = sorted(path for path in files if path.endswith((".c", ".S")) and path != "main.c")
    name = source.name
    has_state = source.compiled.state_bytes > 0
    state_lines = (
        f"static _Alignas(TML_ARENA_ALIGN) uint8_t state[TML_MODEL_{name.upper()}_STATE_BYTES];\n"
        f"tml_model_{name}.reset_state(state); /* once, before the first inference */\n"
    )
    values = {
        "name": name,
        "guard": name.upper(),
        "origin": origin(source),
        "core": source.core,
        "flags": " ".join(boards.core(source.core).flags) or "-mcpu=... -mthumb",
        "sources": " \\\n    ".join(sources),
        "cmake_sources": "\n".join(f"    {path}" for path in sources),
        "state": "state" if has_state else "NULL",
        "state_lines": state_lines if has_state else "",
        "tensors": tensor_table(source),
        "meaning": meaning(source),
        "cost": cost_table(source),
    }
    for made in ("Makefile", "CMakeLists.txt", "README.md"):
        files[made] = template(f"c/{made}.in", **values)
    return files
